"""Requests that never become a CSR, cacerts, csrattrs, those that name no operation, and EST switched off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from estconsole.domain.checks import Finding
from estconsole.domain.decision import Refused
from estconsole.domain.model import EstAlias
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation, Unreadable
from estconsole.domain.rules_enroll import alias_is_complete, entity_is_open
from estconsole.domain.rules_keygen import alias_makes_keys, key_can_be_made
from estconsole.domain.rules_renew import BY_CERTIFICATE, certificate_is_an_end_entitys, registration_is_not_closed
from estconsole.domain.rules_request import possession_is_proven
from estconsole.domain.rules_vendor import csr_subject_is_the_vendors, names_are_the_registered_ones
from estconsole.domain.situation import Case, Situation
from tests.domain.builders import (
    NOW,
    RefusalCase,
    alias,
    authority,
    came,
    certificate,
    csr,
    decided,
    enroll_request,
    enroll_situation,
    granted,
    refused,
    renew_request,
    renew_situation,
    request,
)
from tests.domain.check_orders import (
    BY_CODE,
    CACERTS_CHECKS,
    CSRATTRS_CHECKS,
    ENROLL_CHECKS,
    NO_OPERATION_CHECKS,
    RENEW_CHECKS,
    with_key_generation,
)

CAME = "what came, in words"
UNREADABLE = (
    RefusalReason.BODY_TOO_LARGE,
    RefusalReason.WRONG_MEDIA_TYPE,
    RefusalReason.BODY_EMPTY,
    RefusalReason.BODY_NOT_BASE64,
    RefusalReason.BODY_BASE64_OF_PEM,
    RefusalReason.CSR_UNDECODABLE,
)
NO_OPERATION = (RefusalReason.UNKNOWN_OPERATION, RefusalReason.WRONG_METHOD, RefusalReason.FULLCMC)

REFUSALS = (
    *(
        RefusalCase(
            title=f"{of.operation}, {reason.key}",
            reason=reason,
            check="request can be read",
            request=replace(of, csr=Unreadable(reason, CAME)),
            situation=known,
        )
        for of, known in (
            (enroll_request(), enroll_situation()),
            (renew_request(), renew_situation()),
            (request(Operation.SERVERKEYGEN), enroll_situation()),
        )
        for reason in UNREADABLE
    ),
    *(
        RefusalCase(
            title=f"no operation, {reason.key}",
            reason=reason,
            check="path names an operation",
            request=request(None, Unreadable(reason, CAME)),
            situation=Situation(alias=alias()),
        )
        for reason in NO_OPERATION
    ),
    *(
        RefusalCase(
            title=f"{operation} with another method",
            reason=RefusalReason.WRONG_METHOD,
            check="path names an operation",
            request=request(operation, Unreadable(RefusalReason.WRONG_METHOD, CAME)),
            situation=Situation(alias=alias(default_ca="ManagementCA"), cacerts_ca=authority()),
        )
        for operation in (Operation.CACERTS, Operation.CSRATTRS)
    ),
    RefusalCase(
        title="no operation, and nothing said of why",
        reason=RefusalReason.UNKNOWN_OPERATION,
        check="path names an operation",
        request=request(None),
        situation=Situation(alias=alias()),
    ),
    RefusalCase(
        title="no operation, though a CSR came",
        reason=RefusalReason.UNKNOWN_OPERATION,
        check="path names an operation",
        request=request(None, csr()),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="simpleenroll without a body",
        reason=RefusalReason.BODY_EMPTY,
        check="request can be read",
        request=request(Operation.SIMPLEENROLL),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="cacerts, unknown alias",
        reason=RefusalReason.UNKNOWN_ALIAS,
        check="alias exists",
        request=request(Operation.CACERTS),
        situation=Situation(),
    ),
    RefusalCase(
        title="csrattrs, unknown alias",
        reason=RefusalReason.UNKNOWN_ALIAS,
        check="alias exists",
        request=request(Operation.CSRATTRS),
        situation=Situation(),
    ),
    RefusalCase(
        title="cacerts, the alias names no CA",
        reason=RefusalReason.ALIAS_WITHOUT_CA,
        check="alias has a CA",
        request=request(Operation.CACERTS),
        situation=Situation(alias=alias(default_ca=None)),
    ),
    RefusalCase(
        title="cacerts, the alias names a CA that is not there",
        reason=RefusalReason.ALIAS_WITHOUT_CA,
        check="alias has a CA",
        request=request(Operation.CACERTS),
        situation=Situation(alias=alias(default_ca="GoneCA")),
    ),
    *(
        RefusalCase(
            title=f"{operation}, EST is switched off",
            reason=RefusalReason.EST_SWITCHED_OFF,
            check="EST is on",
            request=request(operation),
            situation=Situation(est_is_on=False, alias=alias(default_ca="ManagementCA"), cacerts_ca=authority()),
        )
        for operation in (Operation.CACERTS, Operation.CSRATTRS)
    ),
    *(
        RefusalCase(
            title=f"{operation}, EST is switched off, whatever came",
            reason=RefusalReason.EST_SWITCHED_OFF,
            check="EST is on",
            request=request(operation, body),
            situation=enroll_situation(est_is_on=False),
        )
        for operation in (Operation.SIMPLEENROLL, Operation.SIMPLEREENROLL, Operation.SERVERKEYGEN)
        for body in (csr(), Unreadable(RefusalReason.BODY_NOT_BASE64, CAME))
    ),
)


def checks_of(case: RefusalCase) -> tuple[str, ...]:
    if case.check in NO_OPERATION_CHECKS:
        return NO_OPERATION_CHECKS
    return {
        Operation.CACERTS: CACERTS_CHECKS,
        Operation.CSRATTRS: CSRATTRS_CHECKS,
        Operation.SIMPLEENROLL: ENROLL_CHECKS,
        Operation.SIMPLEREENROLL: RENEW_CHECKS,
        Operation.SERVERKEYGEN: with_key_generation(BY_CODE),
    }[case.request.operation or Operation.CACERTS]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused(case: RefusalCase) -> None:
    decision = refused(case, checks_of(case))

    if isinstance(case.request.csr, Unreadable) and decision.reason is case.request.csr.reason:
        assert came(decision, case.check) == CAME


def test_cacerts_takes_an_alias_with_a_ca_and_nothing_else() -> None:
    """B-6, B-29: neither an authentication module nor a client certificate is asked for."""
    situation = Situation(alias=alias(default_ca="ManagementCA", authentication_module=None), cacerts_ca=authority())

    decision = granted(request(Operation.CACERTS), situation, CACERTS_CHECKS)

    assert decision.entity_after is None
    assert decision.trace[-1].came == "ManagementCA"


@pytest.mark.parametrize(
    "on",
    [alias(), alias(authentication_module=None), alias(tls_unique_required=True, default_ca=None)],
    ids=["complete", "incomplete", "wants tls-unique"],
)
def test_csrattrs_takes_an_alias_and_nothing_else(on: EstAlias) -> None:
    """B-32: neither a certificate nor a CA, nor an alias on which anybody could enroll."""
    for presented in (None, certificate(not_after=NOW)):
        decision = granted(request(Operation.CSRATTRS, None, presented), Situation(alias=on), CSRATTRS_CHECKS)
        assert decision.entity_after is None


def test_cacerts_spends_nothing_of_whoever_asks() -> None:
    """B-10: an end entity that the connection could be of stays as it is."""
    known = renew_situation(alias=alias(default_ca="ManagementCA"), cacerts_ca=authority())

    assert granted(request(Operation.CACERTS, None, certificate()), known, CACERTS_CHECKS).entity_after is None


@pytest.mark.parametrize("operation", [None, *Operation])
def test_what_nothing_is_known_of_is_refused(operation: Operation | None) -> None:
    """B-24: everything is refused by default."""
    assert isinstance(decided(request(operation, csr()), Situation()), Refused)
    assert isinstance(decided(request(operation), Situation()), Refused)


@pytest.mark.parametrize(
    "rule",
    [
        possession_is_proven,
        entity_is_open,
        certificate_is_an_end_entitys,
        registration_is_not_closed,
        names_are_the_registered_ones,
        alias_is_complete,
        alias_makes_keys,
        key_can_be_made,
        csr_subject_is_the_vendors,
        *(rule.examine for rule in BY_CERTIFICATE if rule.name in ("certificate in date", "certificate's usage")),
    ],
    ids=lambda rule: rule.__name__,
)
def test_a_rule_out_of_order_is_a_fault_and_never_a_grant(rule: Callable[[Case], Finding]) -> None:
    """B-24: what a rule builds on was asked for before it, or the engine refuses for an internal fault."""
    with pytest.raises(TypeError, match="stands before the one that"):
        rule(Case(request(Operation.SIMPLEENROLL), Situation(), NOW))
