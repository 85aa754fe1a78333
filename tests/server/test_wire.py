from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.refusal import RefusalReason
from server.wire import answer_code, encode_base64, is_csr_type, refusal_answer

R = RefusalReason

STATUSES = {
    404: {R.UNKNOWN_OPERATION},
    405: {R.WRONG_METHOD},
    413: {R.BODY_TOO_LARGE},
    415: {R.WRONG_MEDIA_TYPE},
    401: {R.NO_CLIENT_CERTIFICATE},
    500: {R.INTERNAL_FAULT},
    501: {R.FULLCMC},
    403: {
        R.CERTIFICATE_FOREIGN,
        R.CERTIFICATE_NOT_END_ENTITY,
        R.CERTIFICATE_REVOKED,
        R.CERTIFICATE_NOT_IN_DATE,
        R.CERTIFICATE_PATH_INVALID,
        R.CERTIFICATE_WRONG_USAGE,
        R.REGISTRATION_GONE,
        R.REGISTRATION_CLOSED,
        R.CERTIFICATE_OTHER_ALIAS,
    },
}
"""B-25: what is not listed here is 400."""
ONE_ANSWER = {R.ENTITY_UNKNOWN, R.WRONG_CODE, R.ENTITY_NOT_OPEN, R.ENTITY_WITHOUT_CODE, R.ENTITY_OTHER_ALIAS}


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_every_reason_has_its_status(reason: RefusalReason) -> None:
    expected = next((status for status, reasons in STATUSES.items() if reason in reasons), 400)
    assert answer_code(reason) == expected


@pytest.mark.parametrize("reason", RefusalReason, ids=lambda reason: reason.key)
def test_every_refusal_is_one_ascii_line_that_ends_with_its_reference(reason: RefusalReason) -> None:
    line = refusal_answer(reason).line("7F3K2A")
    assert line.endswith(" (reference 7F3K2A)\n")
    assert line.count("\n") == 1
    assert line.isascii()
    assert len(line) > len(" (reference 7F3K2A)\n")


def test_a_grant_is_200() -> None:
    assert answer_code(None) == 200


def test_who_is_registered_and_with_what_code_is_not_told_apart() -> None:
    assert len({refusal_answer(reason) for reason in ONE_ANSWER}) == 1


def test_a_renewal_without_certificate_is_challenged_but_not_for_a_password() -> None:
    ((name, challenge),) = refusal_answer(R.NO_CLIENT_CERTIFICATE).headers
    assert name == "WWW-Authenticate"
    assert not challenge.lower().startswith("basic")


def test_what_is_wrong_with_a_certificate_is_not_told() -> None:
    assert len({refusal_answer(reason) for reason in STATUSES[403]}) == 1


@given(st.binary(max_size=500))
def test_wrapped_base64_has_lines_of_64_and_ends_every_one(der: bytes) -> None:
    text = encode_base64(der, wrapped=True)
    lines = text.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) == 64 for line in lines[:-1])
    assert all(0 < len(line) <= 64 for line in lines)
    assert base64.b64decode(text) == der


@given(st.binary(max_size=500))
def test_unwrapped_base64_is_one_line(der: bytes) -> None:
    assert encode_base64(der, wrapped=False) == base64.b64encode(der)


@pytest.mark.parametrize(
    ("content_type", "is_one"),
    [
        (None, True),
        ("application/pkcs10", True),
        ("Application/PKCS10; charset=utf-8", True),
        (" application/pkcs10 ;", True),
        ("application/x-www-form-urlencoded", False),
        ("application/pkcs10x", False),
        ("", False),
        ("text/plain; application/pkcs10", False),
    ],
)
def test_media_types_of_a_request(content_type: str | None, is_one: bool) -> None:
    assert is_csr_type(content_type) is is_one
