"""The decision on an EST request: values in, a value out, with the trace of every check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from estconsole.domain import rules_enroll, rules_keygen, rules_renew, rules_request, rules_vendor
from estconsole.domain.authorisation import is_authorised_by_certificate
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
    trace, reason = examine(_rules(request, situation), Case(request, situation, now))
    if reason is not None:
        return Refused(reason=reason, trace=trace, entity_after=_after_refusal(reason, situation, now))
    if _is_initial(request, situation) and situation.entity is not None:
        return Granted(trace=trace, entity_after=after_enrollment(situation.entity, now))
    return Granted(trace=trace)


def _rules(request: EnrollmentRequest, situation: Situation) -> tuple[Rule[Case], ...]:
    match request.operation:
        case None:
            return rules_request.NO_OPERATION
        case Operation.CACERTS | Operation.CSRATTRS:
            # These have no CSR; one that could not be read says that the request is another one, such as a POST.
            reading = rules_request.CACERTS if request.operation is Operation.CACERTS else rules_request.CSRATTRS
            return reading if request.csr is None else rules_request.NO_OPERATION
        case Operation.SIMPLEENROLL:
            return _with_csr(situation, *_initial(situation))
        case Operation.SIMPLEREENROLL:
            return _with_csr(situation, *rules_renew.BY_CERTIFICATE, *rules_renew.NEW_KEY)
        case Operation.SERVERKEYGEN:
            authorising = _initial(situation) if _is_initial(request, situation) else rules_renew.BY_CERTIFICATE
            return _with_csr(situation, *rules_keygen.SWITCHED_ON, *authorising, *rules_keygen.MAKING)
        case _:
            assert_never(request.operation)


def _with_csr(situation: Situation, *rules: Rule[Case]) -> tuple[Rule[Case], ...]:
    """The rules between those that read the request and those that stand before issuance."""
    wants_link = situation.alias is not None and situation.alias.tls_unique_required
    link = rules_request.TLS_LINK if wants_link else ()
    return (*rules_request.READING, *link, *rules, *rules_request.ISSUANCE)


def _initial(situation: Situation) -> tuple[Rule[Case], ...]:
    """What authorises an initial request on the alias; an unknown alias is refused before it comes to that."""
    alias = situation.alias
    if alias is not None and alias.vendor_certificate_mode:
        return rules_vendor.BY_VENDOR_CERTIFICATE
    return rules_enroll.BY_CODE[alias.authentication_module if alias else None]


def _is_initial(request: EnrollmentRequest, situation: Situation) -> bool:
    """Whether the request spends one of its end entity's allowed requests, rather than renewing (B-10, B-20, B-22)."""
    by_certificate = is_authorised_by_certificate(request, presented_is_own=situation.presented_is_own)
    return request.operation in (Operation.SIMPLEENROLL, Operation.SERVERKEYGEN) and not by_certificate


def _after_refusal(reason: RefusalReason, situation: Situation, now: datetime) -> EndEntity | None:
    if reason is RefusalReason.WRONG_CODE and situation.entity is not None:
        after = after_wrong_code(situation.entity, now)
        return after if after != situation.entity else None
    return None
