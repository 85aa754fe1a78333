"""The engine: one EST request in, one enrollment out, decided, issued and recorded in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from estconsole.activity import Activity, ActivityFeed, Outcome, reference
from estconsole.domain.checks import Check
from estconsole.domain.decision import Decision, Granted, Refused, decide
from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    END_ENTITY_PROFILES,
    CertificatePurpose,
    CertificationAuthority,
    EndEntity,
    EstAlias,
    IssuedCertificate,
)
from estconsole.domain.names import username_in
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from estconsole.domain.situation import IssuerStep, Situation
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.pki.chains import path_above
from estconsole.record import MAX_REQUEST_BYTES, ActivityRecord
from estconsole.seals import code_purpose, request_purpose
from estconsole.store.store import Store
from estconsole.vault import Vault

logger = logging.getLogger(__name__)

_MAX_WORDS = 1_000
"""How much of a text from the wire a record keeps: a subject may be long, and a row is read by people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """What became of a request. `certificates` (DER): the one that was issued, or for cacerts the CA up to its root."""

    decision: Decision
    reference: str
    certificates: tuple[bytes, ...] = ()


class Engine:
    """The protocol side's only use case. Any thread may call it; calls block for a signature and a disk write."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        keyring: Keyring,
        feed: ActivityFeed,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._vault = vault
        self._keyring = keyring
        self._feed = feed
        self._clock = clock
        self._no_code = vault.seal(b"no code is there", code_purpose(""))

    def enroll(self, request: EnrollmentRequest) -> Enrollment:
        """Decide, issue and record one request; it is on disk when this returns (B-46).

        Never raises: a fault of this program is logged, refused as INTERNAL_FAULT, and recorded if the disk lets it.
        """
        try:
            with self._store.lock:
                with self._store.transaction():
                    enrollment, activity = self._enroll(request)
                self._feed.publish(activity)
                return enrollment
        except Exception:
            # The traceback has no values in it, and no error of the store or of pki quotes what it met (B-45).
            logger.exception("internal fault on %s", request.operation or "a request")
            return self._fault(request)

    def _enroll(self, request: EnrollmentRequest) -> tuple[Enrollment, Activity]:
        now = self._clock()
        situation = self._situation(request)
        decision = decide(request, situation, now)
        if decision.entity_after is not None:
            entity = decision.entity_after
            self._store.end_entities.put(replace(entity, revision=entity.revision + 1))
        certificates: tuple[bytes, ...] = ()
        issued: IssuedCertificate | None = None
        if isinstance(decision, Granted):
            if request.operation is Operation.CACERTS:
                certificates = self._cacerts(situation)
            else:
                issued = self._issue(request, situation, now)
                certificates = (issued.der,)
        return self._record(request, situation, decision, issued, certificates)

    def _situation(self, request: EnrollmentRequest) -> Situation:
        alias = self._store.alias_named(request.alias_name)
        match request.operation:
            case Operation.CACERTS:
                authority = self._authority(alias.default_ca if alias else None)
                return Situation(alias=alias, cacerts_ca=read_certificate(authority.certificate) if authority else None)
            case Operation.SIMPLEENROLL:
                return self._initial_situation(request, alias)
            case Operation.SIMPLEREENROLL:
                return self._renewal_situation(request, alias)
            case None:
                return Situation(alias=alias)

    def _initial_situation(self, request: EnrollmentRequest, alias: EstAlias | None) -> Situation:
        username = _username(request, alias)
        entity = self._store.end_entities.get(username) if username else None
        code = None
        if entity is not None and entity.sealed_code is not None:
            code = Secret(self._vault.unseal(entity.sealed_code, code_purpose(entity.registration)).decode())
        else:
            # The same work for a username that is not registered (B-11).
            self._vault.unseal(self._no_code, code_purpose(""))
        return self._situation_of(entity, Situation(alias=alias, entity=entity, code=code))

    def _renewal_situation(self, request: EnrollmentRequest, alias: EstAlias | None) -> Situation:
        if request.presented is None:
            return Situation(alias=alias)
        record = self._store.certificates.get(request.presented.facts.sha256)
        entity = self._store.end_entities.get(record.username) if record and record.username else None
        known = [authority.certificate for authority in self._store.authorities.values()]
        issuers = tuple(
            IssuerStep(facts=read_certificate(der), trusted=True) for der in path_above(request.presented.der, known)
        )
        return self._situation_of(entity, Situation(alias=alias, entity=entity, presented=record, issuers=issuers))

    def _situation_of(self, entity: EndEntity | None, situation: Situation) -> Situation:
        """The situation with what an end entity's registration names."""
        if entity is None:
            return situation
        authority = self._authority(entity.issuing_ca)
        return replace(
            situation,
            certificate_profile=CERTIFICATE_PROFILES.get(entity.certificate_profile),
            end_entity_profile=END_ENTITY_PROFILES.get(entity.end_entity_profile),
            issuing_ca=read_certificate(authority.certificate) if authority else None,
        )

    def _authority(self, name: str | None) -> CertificationAuthority | None:
        return self._store.authorities.get(name) if name else None

    def _cacerts(self, situation: Situation) -> tuple[bytes, ...]:
        authority = self._authority(situation.alias.default_ca if situation.alias else None)
        if authority is None:
            raise LookupError("cacerts was granted without a CA")
        known = [other.certificate for other in self._store.authorities.values()]
        return (authority.certificate, *path_above(authority.certificate, known))

    def _issue(self, request: EnrollmentRequest, situation: Situation, now: datetime) -> IssuedCertificate:
        entity, profile, alias = situation.entity, situation.certificate_profile, situation.alias
        authority = self._authority(entity.issuing_ca) if entity else None
        if (
            entity is None
            or profile is None
            or alias is None
            or authority is None
            or not isinstance(request.csr, CsrFacts)
        ):
            raise LookupError("an enrollment was granted without all that it takes")
        sans = request.csr.subject_alt_names if profile.san_from_request else entity.subject_alt_names
        der = self._keyring.issuer(authority).issue_end_entity(request.csr.der, entity.subject, sans, profile, now)
        facts = read_certificate(der)
        issued = IssuedCertificate(
            sha256=facts.sha256,
            serial=facts.serial,
            purpose=CertificatePurpose.END_ENTITY,
            subject=facts.subject,
            issuing_ca=authority.name,
            der=der,
            not_before=facts.not_before,
            not_after=facts.not_after,
            username=entity.username,
            registration=entity.registration,
            alias_uid=alias.uid,
            reference=reference(self._store.log.next_number),
        )
        self._store.certificates.put(issued)
        return issued

    def _record(
        self,
        request: EnrollmentRequest,
        situation: Situation,
        decision: Decision,
        issued: IssuedCertificate | None,
        certificates: tuple[bytes, ...],
    ) -> tuple[Enrollment, Activity]:
        number = self._store.log.next_number
        activity = Activity(
            id=number,
            at=request.received_at,
            outcome=Outcome.GRANTED if isinstance(decision, Granted) else Outcome.REFUSED,
            peer=request.peer,
            alias=request.alias_name,
            operation=str(request.operation or ""),
            username=_shown_username(request, situation),
            reason=decision.reason if isinstance(decision, Refused) else None,
            milliseconds=round((time.perf_counter() - request.received) * 1_000, 3),
        )
        raw = request.raw_body[:MAX_REQUEST_BYTES]
        self._store.log.add(
            ActivityRecord(
                activity=activity,
                trace=tuple(_bounded(check) for check in decision.trace),
                sealed_request=self._vault.seal(raw, request_purpose(number)) if raw else "",
                presented=request.presented.der if request.presented else b"",
                issued_sha256=issued.sha256 if issued else "",
            )
        )
        self._store.note_change("activities")
        return Enrollment(decision=decision, reference=activity.reference, certificates=certificates), activity

    def _fault(self, request: EnrollmentRequest) -> Enrollment:
        """Refuse for a fault. The row says so even when the disk takes no record."""
        decision = Refused(reason=RefusalReason.INTERNAL_FAULT, trace=())
        with self._store.lock:
            try:
                with self._store.transaction():
                    enrollment, activity = self._record(request, Situation(), decision, None, ())
            except Exception:
                logger.exception("the fault could not be recorded")
                activity = Activity(
                    id=self._store.log.skip_number(),
                    at=request.received_at,
                    outcome=Outcome.REFUSED,
                    peer=request.peer,
                    alias=request.alias_name,
                    operation=str(request.operation or ""),
                    reason=RefusalReason.INTERNAL_FAULT,
                )
                enrollment = Enrollment(decision=decision, reference=activity.reference)
            logger.error("the fault's reference is %s", enrollment.reference)
            self._feed.publish(activity)
        return enrollment


def _username(request: EnrollmentRequest, alias: EstAlias | None) -> str:
    """The username that a CSR names, where it names exactly one."""
    if not isinstance(request.csr, CsrFacts):
        return ""
    names = username_in(request.csr.subject, alias.extract_username_component if alias else "CN")
    return names[0] if len(names) == 1 else ""


def _shown_username(request: EnrollmentRequest, situation: Situation) -> str:
    """Whom a row is about: the presented certificate's entity where there is one, else whom the CSR names."""
    record = situation.presented
    return (record.username if record and record.username else _username(request, situation.alias))[:_MAX_WORDS]


def _bounded(check: Check) -> Check:
    if len(check.expected) <= _MAX_WORDS and len(check.came) <= _MAX_WORDS:
        return check
    return replace(check, expected=_cut(check.expected), came=_cut(check.came))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_WORDS else f"{text[:_MAX_WORDS]}… ({len(text)} characters)"
