"""No code is shown by accident (B-45)."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.secret import Secret
from estconsole.domain.situation import Case
from estconsole.domain.validation import EndEntityDraft
from tests.domain.builders import (
    CODE,
    NOW,
    OTHER_CODE,
    basic,
    csr,
    decided,
    enroll_request,
    enroll_situation,
    enrolled,
    record,
    renew_request,
    renew_situation,
)
from tests.domain.module_refusals import BASIC_ALIAS, DN_PART_ALIAS, basic_request, dn_part_request

HOLDERS = {
    "Secret": Secret(CODE),
    "CsrFacts": csr(),
    "EnrollmentRequest": enroll_request(),
    "renewal": renew_request(csr()),
    "BasicCredentials": basic(),
    "EnrollmentRequest with HTTP Basic": basic_request(basic()),
    "EnrollmentRequest of a TLS session": replace(enroll_request(), tls_unique=CODE.encode()),
    "Situation": enroll_situation(),
    "Case": Case(enroll_request(), enroll_situation(), NOW),
    "EndEntityDraft": EndEntityDraft(username="device", subject="CN=device", issuing_ca="CA", code=Secret(CODE)),
    "EndEntity": enrolled(sealed_code=CODE),
    "IssuedCertificate": record(der=CODE.encode()),
    "Granted": decided(enroll_request(), enroll_situation()),
    "Refused": decided(enroll_request(csr(codes=(OTHER_CODE,))), enroll_situation()),
    "Granted by HTTP Basic": decided(basic_request(basic()), enroll_situation(alias=BASIC_ALIAS)),
    "Refused by HTTP Basic": decided(basic_request(basic(OTHER_CODE)), enroll_situation(alias=BASIC_ALIAS)),
    "Granted by DnPartPwd": decided(dn_part_request(), enroll_situation(alias=DN_PART_ALIAS)),
    "Refused by DnPartPwd": decided(
        dn_part_request(f"CN=device,OU={OTHER_CODE}"), enroll_situation(alias=DN_PART_ALIAS)
    ),
    "renewed": decided(renew_request(csr()), renew_situation()),
}


SHOWN_BY = {
    "repr": repr,
    "str": str,
    "{}": "{}".format,
    "{!r}": "{!r}".format,
    "{!s}": "{!s}".format,
    "%s": "%s".__mod__,
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("show", SHOWN_BY.values(), ids=SHOWN_BY)
def test_no_text_shows_a_code(holder: object, show: Callable[[object], str]) -> None:
    """B-45: neither the registered code nor the one that came, nor the bytes that carry it."""
    text = show((holder,))

    assert CODE not in text
    assert OTHER_CODE not in text
    assert CODE.encode().hex() not in text


def test_a_traceback_with_its_locals_shows_no_code() -> None:
    """B-45: as a logger with `show_locals` would print it."""

    def fail(code: Secret) -> None:
        raise RuntimeError(f"could not use {code}")

    try:
        fail(Secret(CODE))
    except RuntimeError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert CODE not in "".join(shown.format())


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied_out(take: Callable[[object], object]) -> None:
    """B-45: what would carry it into a file or another process fails instead."""
    with pytest.raises(TypeError, match="not pickled"):
        take(Secret(CODE))


def test_a_request_is_not_taken_apart_into_a_dictionary() -> None:
    """B-45: the way in which dataclasses end in JSON."""
    with pytest.raises(TypeError, match="not pickled"):
        asdict(enroll_request())


@given(st.text(), st.text())
def test_secrets_match_when_their_texts_are_equal(one: str, other: str) -> None:
    """B-11: any text, lone surrogates too, and nothing is normalised."""
    assert Secret(one).matches(Secret(other)) is (one == other)
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one).matches(Secret(one))
    assert hash(Secret(one)) == hash(Secret(one))


def test_composed_and_decomposed_codes_differ() -> None:
    """B-11: a code is bytes, not a name."""
    assert not Secret("caf\u00e9").matches(Secret("cafe\u0301"))


def test_a_secret_is_no_text() -> None:
    assert Secret(CODE) != CODE
    assert Secret(CODE).reveal() == CODE
    assert not Secret("")
    assert Secret(" ")


def test_values_that_hold_equal_secrets_are_equal() -> None:
    assert csr() == csr()
    assert csr() != replace(csr(), challenge_passwords=(Secret(OTHER_CODE),))
