"""simpleenroll with ChallengePwd, without TLS, store or Textual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.domain.certificate import KeyFacts
from estconsole.domain.decision import Refused
from estconsole.domain.model import EntityStatus
from estconsole.domain.names import parse_dn
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.registration import reopened
from estconsole.domain.request import Operation
from estconsole.domain.revocation import RevocationStatus, status_of
from estconsole.domain.rules_enroll import _NO_CODE
from tests.domain.builders import (
    NO_CRL,
    NOW,
    OTHER_CODE,
    REVOKED,
    RefusalCase,
    alias,
    authority,
    came,
    certificate,
    csr,
    decided,
    ec_key,
    enroll_request,
    enroll_situation,
    entity,
    granted,
    record,
    refused,
    request,
    rsa_key,
    step,
)
from tests.domain.check_orders import ENROLL_CHECKS
from tests.domain.enroll_refusals import CODE_REQUIRED, OPEN, REFUSALS


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused(case: RefusalCase) -> None:
    refused(case, ENROLL_CHECKS)


def test_the_last_allowed_request_closes_the_entity() -> None:
    """B-10, B-11: a success counts down, makes it GENERATED at 0, and resets the login counter."""
    decision = granted(enroll_request(), enroll_situation(entity=entity(remaining_logins=1)), ENROLL_CHECKS)

    assert decision.entity_after == entity(
        remaining_requests=0,
        remaining_logins=3,
        status=EntityStatus.GENERATED,
        enrolled_at=NOW,
        modified_at=NOW,
    )


@pytest.mark.parametrize("status", OPEN, ids=lambda status: status.name)
def test_open_in_new_failed_and_inprocess(status: EntityStatus) -> None:
    """B-9."""
    granted(enroll_request(), enroll_situation(entity=entity(status=status)), ENROLL_CHECKS)


def test_several_allowed_requests_are_counted_one_by_one() -> None:
    """B-10: the 'multiple times' of the specification; the spent code works no more until the entity is set NEW."""
    registered = entity(allowed_requests=2, remaining_requests=2)

    first = granted(enroll_request(), enroll_situation(entity=registered), ENROLL_CHECKS).entity_after
    assert first is not None
    assert (first.status, first.remaining_requests) == (EntityStatus.NEW, 1)

    second = granted(enroll_request(), enroll_situation(entity=first), ENROLL_CHECKS).entity_after
    assert second is not None
    assert (second.status, second.remaining_requests) == (EntityStatus.GENERATED, 0)

    third = decided(enroll_request(), enroll_situation(entity=second))
    assert isinstance(third, Refused)
    assert third.reason is RefusalReason.ENTITY_NOT_OPEN

    granted(enroll_request(), enroll_situation(entity=reopened(second, NOW)), ENROLL_CHECKS)


def test_wrong_codes_close_the_entity_to_the_right_one() -> None:
    """B-11."""
    wrong, now_known = enroll_request(csr(codes=(OTHER_CODE,))), entity()
    told = []
    for _ in range(3):
        decision = decided(wrong, enroll_situation(entity=now_known))
        assert decision.entity_after is not None
        now_known = decision.entity_after
        told.append(came(decision, "code"))

    assert told == ["another; 2 tries left", "another; 1 tries left", "another; 0 tries left"]
    closed = decided(enroll_request(), enroll_situation(entity=now_known))
    assert isinstance(closed, Refused)
    assert closed.reason is RefusalReason.ENTITY_NOT_OPEN


def test_no_limit_is_said_in_the_trace() -> None:
    """B-11."""
    unlimited = entity(max_failed_logins=-1, remaining_logins=-1)
    decision = decided(enroll_request(csr(codes=(OTHER_CODE,))), enroll_situation(entity=unlimited))

    assert "another; no limit" in [check.came for check in decision.trace]


def test_the_text_that_stands_in_for_no_code_is_no_code() -> None:
    """B-14: an absent code never matches anything, also not what it is compared with."""
    decision = decided(
        enroll_request(csr(challenge_passwords=(_NO_CODE,))),
        enroll_situation(entity=entity(sealed_code=None), code=None),
    )

    assert isinstance(decision, Refused)
    assert decision.reason is RefusalReason.ENTITY_WITHOUT_CODE


@pytest.mark.parametrize(
    "key",
    [rsa_key(bits=2048), rsa_key(bits=4096), ec_key("P-256"), ec_key("P-384", 384), ec_key("P-521", 521)],
    ids=str,
)
def test_keys_that_the_profile_admits(key: KeyFacts) -> None:
    """B-15."""
    granted(enroll_request(csr(key=key)), enroll_situation(), ENROLL_CHECKS)


def test_the_csrs_own_names_are_not_asked_for() -> None:
    """B-12: the issued names are the registered ones, so the CSR may say others beside the username."""
    granted(enroll_request(csr("CN=device,O=Elsewhere", "dNSName=other.example")), enroll_situation(), ENROLL_CHECKS)


def test_the_whole_dn_as_username() -> None:
    """B-3: `DN` takes the whole subject as RFC 4514 text."""
    situation = enroll_situation(alias=alias(extract_username_component="DN"))

    decision = granted(enroll_request(csr("CN=device,CN=twice,O=Lab\\, Inc")), situation, ENROLL_CHECKS)

    assert came(decision, "username in the CSR") == "CN=device,CN=twice,O=Lab\\, Inc"


def test_an_empty_subject_has_no_whole_dn() -> None:
    """B-3, B-16."""
    situation = enroll_situation(alias=alias(extract_username_component="DN"))
    decision = decided(enroll_request(csr("")), situation)

    assert isinstance(decision, Refused)
    assert decision.reason is RefusalReason.USERNAME_ABSENT


def test_an_entity_of_several_aliases_may_use_each() -> None:
    """B-8."""
    bound = entity(aliases=frozenset({"alias-est", "alias-other"}))
    granted(enroll_request(), enroll_situation(entity=bound), ENROLL_CHECKS)


@pytest.mark.parametrize("presented_status", [status_of(None), REVOKED])
def test_a_certificate_of_this_console_neither_helps_nor_harms(presented_status: RevocationStatus) -> None:
    """B-16, B-22: a device whose certificate was revoked enrolls again by its new code."""
    situation = enroll_situation(presented=record(), presented_status=presented_status, issuers=(step(),))

    granted(request(Operation.SIMPLEENROLL, csr(), certificate()), situation, ENROLL_CHECKS)


def test_a_profile_that_requires_the_code() -> None:
    """B-15: it is there."""
    granted(enroll_request(), enroll_situation(end_entity_profile=CODE_REQUIRED), ENROLL_CHECKS)


def test_the_issuing_ca_is_in_date_to_its_last_second() -> None:
    """RFC 5280 4.1.2.5: notBefore and notAfter are inclusive."""
    situation = enroll_situation(issuing_ca=authority(not_before=NOW, not_after=NOW))
    granted(enroll_request(), situation, ENROLL_CHECKS)


def test_an_issuing_ca_of_which_no_crl_is_there() -> None:
    """B-19: an imported CA whose own issuer is a stranger; none imported accepts."""
    granted(enroll_request(), enroll_situation(issuing_ca_status=NO_CRL), ENROLL_CHECKS)


def test_a_subject_that_needs_escapes_is_shown_on_one_line() -> None:
    """B-45's decoded views, and the console's rows: nothing from the wire breaks or turns a line."""
    odd = replace(entity(), subject=parse_dn("CN=dev\\0Aice\\E2\\80\\AE[bold]"))
    decision = granted(enroll_request(), enroll_situation(entity=odd), ENROLL_CHECKS)

    assert all(check.came.isprintable() for check in decision.trace)
