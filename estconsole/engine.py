"""The engine: one EST request in, one enrollment out, decided, issued and recorded in one transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from estconsole.activity import Activity, ActivityFeed, Outcome, reference
from estconsole.domain.authorisation import asks_for_http_basic, claimed_usernames, is_authorised_by_certificate
from estconsole.domain.checks import Check
from estconsole.domain.decision import Decision, Granted, Refused, decide
from estconsole.domain.model import CertificatePurpose, EstAlias, IssuedCertificate
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.situation import Situation
from estconsole.keyring import Keyring
from estconsole.pki.certificates import read_certificate
from estconsole.pki.csr_attributes import csr_attributes
from estconsole.pki.keys import SigningKey, generate_key, private_key_der, public_key_der
from estconsole.pki.requests import csr_public_key
from estconsole.record import MAX_REQUEST_BYTES, ActivityRecord
from estconsole.seals import request_purpose
from estconsole.situations import Situations
from estconsole.store.store import Store
from estconsole.vault import Vault

logger = logging.getLogger(__name__)

_MAX_WORDS = 1_000
"""How much of a text from the wire a record keeps: a subject may be long, and a row is read by people."""

_UNKNOWN_ALIAS = EstAlias(uid="", name="")
"""What reads a request for the log where no alias has its name: the username is looked for in the CSR's CN."""

MAX_KEY_GENERATIONS = 4
"""Keys that are made at once (B-22): half of the threads that serve requests, so that the others go on enrolling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """What became of a request.

    `certificates` (DER): the one that was issued, or for cacerts the CA up to its root. `private_key` (PKCS#8 DER) is
    the one that serverkeygen made; nobody else has it. `csr_attributes` (DER) is csrattrs' answer, empty where there is
    nothing to tell. `http_basic` says that a refused client is asked for other credentials (B-25).
    """

    decision: Decision
    reference: str
    certificates: tuple[bytes, ...] = ()
    private_key: bytes | None = field(default=None, repr=False)
    csr_attributes: bytes | None = None
    http_basic: bool = False


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
        self._situations = Situations(store, vault)
        self._key_generations = threading.BoundedSemaphore(MAX_KEY_GENERATIONS)

    def enroll(self, request: EnrollmentRequest, abandoned: Callable[[], bool] = lambda: False) -> Enrollment:
        """Decide, issue and record one request; it is on disk when this returns (B-46).

        `abandoned` tells whether nobody waits for the answer any more: a key that took long is not issued then, for it
        would be lost. Never raises: a fault of this program is logged, refused as INTERNAL_FAULT, and recorded if the
        disk lets it.
        """
        try:
            if request.operation is Operation.SERVERKEYGEN:
                return self._enroll_with_a_new_key(request, abandoned)
            return self._conclude(request)
        except Exception:
            # The traceback has no values in it, and no error of the store or of pki quotes what it met (B-45).
            logger.exception("internal fault on %s", request.operation or "a request")
            return self._fault(request)

    def _enroll_with_a_new_key(self, request: EnrollmentRequest, abandoned: Callable[[], bool]) -> Enrollment:
        """Make a key outside any transaction once the request would be granted, then decide it anew (B-22).

        Whatever happened meanwhile counts: an end entity that was closed, a certificate that was revoked.
        """
        with self._store.lock:
            now = self._clock()
            would_be = decide(request, self._situations.of(request, now), now)
            if isinstance(would_be, Refused):
                return self._conclude(request, would_be)
        if not isinstance(request.csr, CsrFacts):
            raise TypeError("a request without a CSR was granted a key")
        if not self._key_generations.acquire(blocking=False):
            return self._conclude(request, Refused(reason=RefusalReason.KEYGEN_BUSY, trace=would_be.trace))
        try:
            key = generate_key(request.csr.key.kind)
        finally:
            self._key_generations.release()
        if abandoned():
            return self._conclude(request, Refused(reason=RefusalReason.SERVER_STOPPING, trace=would_be.trace))
        return self._conclude(request, key=key)

    def _conclude(
        self, request: EnrollmentRequest, decision: Decision | None = None, *, key: SigningKey | None = None
    ) -> Enrollment:
        """Decide (unless it is decided), issue and record in one transaction, then publish in the order of commits."""
        with self._store.lock:
            with self._store.transaction():
                enrollment, activity = self._transact(request, decision, key)
            self._feed.publish(activity)
            return enrollment

    def _transact(
        self, request: EnrollmentRequest, decided: Decision | None, key: SigningKey | None
    ) -> tuple[Enrollment, Activity]:
        now = self._clock()
        situation = self._situations.of(request, now)
        decision = decided or decide(request, situation, now)
        if decision.entity_after is not None:
            entity = decision.entity_after
            self._store.end_entities.put(replace(entity, revision=entity.revision + 1))
        enrollment = Enrollment(
            decision=decision,
            reference=reference(self._store.log.next_number),
            http_basic=asks_for_http_basic(request, situation.alias, presented_is_own=situation.presented_is_own),
        )
        issued = None
        if isinstance(decision, Granted):
            match request.operation:
                case Operation.CACERTS:
                    enrollment = replace(enrollment, certificates=self._cacerts(situation))
                case Operation.CSRATTRS:
                    enrollment = replace(enrollment, csr_attributes=_csr_attributes(situation))
                case _:
                    issued = self._issue(request, situation, key, now)
                    enrollment = replace(
                        enrollment,
                        certificates=(issued.der,),
                        private_key=private_key_der(key) if key is not None else None,
                    )
        return enrollment, self._record(request, situation, enrollment, issued)

    def _cacerts(self, situation: Situation) -> tuple[bytes, ...]:
        name = situation.alias.default_ca if situation.alias else None
        authority = self._store.authorities.get(name) if name else None
        if authority is None:
            raise LookupError("cacerts was granted without a CA")
        return self._situations.chain(authority)

    def _issue(
        self, request: EnrollmentRequest, situation: Situation, key: SigningKey | None, now: datetime
    ) -> IssuedCertificate:
        """The certificate for the CSR's key, or for the one that was made instead, under the registered names."""
        entity, profile, alias = situation.entity, situation.certificate_profile, situation.alias
        authority = self._store.authorities.get(entity.issuing_ca) if entity else None
        if (
            entity is None
            or profile is None
            or alias is None
            or authority is None
            or not isinstance(request.csr, CsrFacts)
            or (key is None) is (request.operation is Operation.SERVERKEYGEN)
        ):
            raise LookupError("an enrollment was granted without all that it takes")
        der = self._keyring.issuer(authority).issue_end_entity(
            public_key_der(key) if key is not None else csr_public_key(request.csr.der),
            entity.subject,
            request.csr.subject_alt_names if profile.san_from_request else entity.subject_alt_names,
            profile,
            now,
            authority.crl_url,
        )
        issued = IssuedCertificate.of(
            read_certificate(der),
            der,
            CertificatePurpose.END_ENTITY,
            authority.name,
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
        enrollment: Enrollment,
        issued: IssuedCertificate | None,
    ) -> Activity:
        """Add the record of a decision to the log; an answer with a private key is never in it (B-45)."""
        number = self._store.log.next_number
        decision = enrollment.decision
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
            http_basic=enrollment.http_basic,
            is_empty=enrollment.csr_attributes == b"",
        )
        raw = request.raw_body[:MAX_REQUEST_BYTES]
        self._store.log.add(
            ActivityRecord(
                activity=activity,
                trace=tuple(_bounded(check) for check in decision.trace),
                sealed_request=self._vault.seal(raw, request_purpose(number)) if raw else "",
                presented=request.presented.der if request.presented else b"",
                issued_sha256=issued.sha256 if issued else "",
                code_fields=situation.code_fields,
            )
        )
        self._store.note_change("activities")
        return activity

    def _fault(self, request: EnrollmentRequest) -> Enrollment:
        """Refuse for a fault. The row says so even when the disk takes no record."""
        decision = Refused(reason=RefusalReason.INTERNAL_FAULT, trace=())
        with self._store.lock:
            try:
                with self._store.transaction():
                    enrollment = Enrollment(decision=decision, reference=reference(self._store.log.next_number))
                    activity = self._record(request, self._situations.in_a_fault(request), enrollment, None)
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


def _csr_attributes(situation: Situation) -> bytes:
    wants_link = situation.alias is not None and situation.alias.tls_unique_required
    return csr_attributes(situation.certificate_profile, tls_unique=wants_link)


def _shown_username(request: EnrollmentRequest, situation: Situation) -> str:
    """Whom a row is about: whose certificate authorises it, else whom the request claims to be for."""
    record, alias = situation.presented, situation.alias or _UNKNOWN_ALIAS
    if record is not None and is_authorised_by_certificate(request, presented_is_own=situation.presented_is_own):
        return record.username[:_MAX_WORDS]
    if alias.extract_username_component in situation.code_fields:
        return ""  # an alias that nothing bears, and where other devices have their code
    claimed = claimed_usernames(request, alias)
    if len(claimed) != 1:
        return ""
    if isinstance(request.csr, CsrFacts) and claimed[0] == str(request.csr.subject):  # the whole DN, code and all
        return request.csr.subject.masked(situation.code_fields)[:_MAX_WORDS]
    return claimed[0][:_MAX_WORDS]


def _bounded(check: Check) -> Check:
    if len(check.expected) <= _MAX_WORDS and len(check.came) <= _MAX_WORDS:
        return check
    return replace(check, expected=_cut(check.expected), came=_cut(check.came))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_WORDS else f"{text[:_MAX_WORDS]}… ({len(text)} characters)"
