"""The decision on an EST request: values in, a value out, with the trace of every check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from estconsole.domain import rules_enroll, rules_renew, rules_request
from estconsole.domain.checks import Check, Rule, examine
from estconsole.domain.model import EndEntity
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.registration import after_enrollment, after_wrong_code
from estconsole.domain.request import EnrollmentRequest, Operation
from estconsole.domain.situation import Case, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The request is granted. `entity_after` is the end entity as it is to be stored, None when it stays as it is."""

    trace: tuple[Check, ...]
    entity_after: EndEntity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The request is refused, for one reason. `entity_after` as in Granted: a wrong code counts (B-11)."""

    reason: RefusalReason
    trace: tuple[Check, ...]
    entity_after: EndEntity | None = None


Decision = Granted | Refused


def decide(request: EnrollmentRequest, situation: Situation, now: datetime) -> Decision:
    """Decide one EST request by the rules of B-5 to B-23; whatever no rule grants is refused (B-24).

    `now` is aware UTC. Nothing is stored or issued here: the caller does both, in one transaction with the record.
    """
    trace, reason = examine(_rules(request), Case(request, situation, now))
    if reason is not None:
        return Refused(reason=reason, trace=trace, entity_after=_after_refusal(reason, situation, now))
    if request.operation is Operation.SIMPLEENROLL and situation.entity is not None:
        return Granted(trace=trace, entity_after=after_enrollment(situation.entity, now))
    return Granted(trace=trace)


def _rules(request: EnrollmentRequest) -> tuple[Rule[Case], ...]:
    match request.operation:
        case None:
            return rules_request.NO_OPERATION
        case Operation.CACERTS:
            # cacerts has no CSR; one that could not be read says that the request is no cacerts, such as a POST.
            return rules_request.CACERTS if request.csr is None else rules_request.NO_OPERATION
        case Operation.SIMPLEENROLL:
            return rules_enroll.CHALLENGE_PWD
        case Operation.SIMPLEREENROLL:
            return rules_renew.SIMPLEREENROLL
        case _:
            assert_never(request.operation)


def _after_refusal(reason: RefusalReason, situation: Situation, now: datetime) -> EndEntity | None:
    if reason is RefusalReason.WRONG_CODE and situation.entity is not None:
        after = after_wrong_code(situation.entity, now)
        return after if after != situation.entity else None
    return None
