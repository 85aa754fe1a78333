"""Requests that never become a CSR, cacerts, and those that name no operation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from estconsole.domain.checks import Finding
from estconsole.domain.decision import Refused
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Operation, Unreadable
from estconsole.domain.rules_enroll import entity_is_open
from estconsole.domain.rules_renew import (
    certificate_is_in_date,
    certificate_is_not_revoked,
    registration_is_not_closed,
)
from estconsole.domain.rules_request import possession_is_proven
from estconsole.domain.situation import Case, Situation
from tests.domain.builders import (
    CACERTS_CHECKS,
    ENROLL_CHECKS,
    NO_OPERATION_CHECKS,
    NOW,
    RENEW_CHECKS,
    RefusalCase,
    alias,
    authority,
    certificate,
    csr,
    decided,
    enroll_situation,
    granted,
    refused,
    renew_situation,
    request,
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
            title=f"simpleenroll, {reason.key}",
            reason=reason,
            check="request can be read",
            request=request(Operation.SIMPLEENROLL, Unreadable(reason, CAME)),
            situation=enroll_situation(),
        )
        for reason in UNREADABLE
    ),
    *(
        RefusalCase(
            title=f"simplereenroll, {reason.key}",
            reason=reason,
            check="request can be read",
            request=request(Operation.SIMPLEREENROLL, Unreadable(reason, CAME), certificate()),
            situation=renew_situation(),
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
    RefusalCase(
        title="cacerts with another method",
        reason=RefusalReason.WRONG_METHOD,
        check="path names an operation",
        request=request(Operation.CACERTS, Unreadable(RefusalReason.WRONG_METHOD, CAME)),
        situation=Situation(alias=alias(default_ca="ManagementCA"), cacerts_ca=authority()),
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
)


def checks_of(case: RefusalCase) -> tuple[str, ...]:
    if case.check in NO_OPERATION_CHECKS:
        return NO_OPERATION_CHECKS
    return {
        Operation.CACERTS: CACERTS_CHECKS,
        Operation.SIMPLEENROLL: ENROLL_CHECKS,
        Operation.SIMPLEREENROLL: RENEW_CHECKS,
    }[case.request.operation or Operation.CACERTS]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused(case: RefusalCase) -> None:
    decision = refused(case, checks_of(case))

    if isinstance(case.request.csr, Unreadable):
        assert next(check.came for check in decision.trace if check.name == case.check) == CAME


def test_cacerts_takes_an_alias_with_a_ca_and_nothing_else() -> None:
    """B-6, B-29: neither an authentication module nor a client certificate is asked for."""
    situation = Situation(alias=alias(default_ca="ManagementCA", authentication_module=None), cacerts_ca=authority())

    decision = granted(request(Operation.CACERTS), situation, CACERTS_CHECKS)

    assert decision.entity_after is None
    assert decision.trace[-1].came == "ManagementCA"


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
        certificate_is_in_date,
        certificate_is_not_revoked,
        registration_is_not_closed,
    ],
    ids=lambda rule: rule.__name__,
)
def test_a_rule_out_of_order_is_a_fault_and_never_a_grant(rule: Callable[[Case], Finding]) -> None:
    """B-24: what a rule builds on was asked for before it, or the engine refuses for an internal fault."""
    with pytest.raises(TypeError, match="stands before the one that"):
        rule(Case(request(Operation.SIMPLEENROLL), Situation(), NOW))
