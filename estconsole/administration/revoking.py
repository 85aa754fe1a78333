"""Revoking and releasing: the certificates of an act in one transaction, then the new CRL of each CA (B-43)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from estconsole.administration.dependents import counted
from estconsole.crls import CrlIssuer
from estconsole.domain.model import IssuedCertificate
from estconsole.domain.revocation import Revocation, RevocationReason
from estconsole.store.store import Store

HOLD = RevocationReason.CERTIFICATE_HOLD


@dataclass(frozen=True, slots=True)
class Revoker:
    """Marks certificates in its transaction, and publishes once that has ended."""

    store: Store
    crls: CrlIssuer
    clock: Callable[[], datetime]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The transaction of one act. Raises RuntimeError inside another: CRLs are issued after it (B-43)."""
        self.crls.refuse_in_a_transaction()
        with self.store.transaction():
            yield

    def mark(
        self, certificates: Iterable[IssuedCertificate], reason: RevocationReason
    ) -> tuple[IssuedCertificate, ...]:
        """Revoke those that are good or on hold; a hold that becomes final keeps its time. What was final stays so."""
        now = self.clock()
        changed = tuple(
            replace(certificate, revocation=become(certificate.revocation, reason, now))
            for certificate in certificates
            if can_become(certificate.revocation, reason)
        )
        self._put(changed)
        return changed

    def release(self, certificates: Iterable[IssuedCertificate]) -> tuple[IssuedCertificate, ...]:
        """Let those that are on hold go."""
        changed = tuple(
            replace(certificate, revocation=None) for certificate in certificates if is_on_hold(certificate.revocation)
        )
        self._put(changed)
        return changed

    def publish(self, certificates: Sequence[IssuedCertificate]) -> tuple[str, ...]:
        """Issue the CRL of each CA of these certificates, outside any transaction; warnings where it says nothing.

        Raises VaultError when a CA's key cannot be unsealed: then the revocations stand, and their CRL follows.
        """
        by_ca: defaultdict[str, list[IssuedCertificate]] = defaultdict(list)
        for certificate in certificates:
            by_ca[certificate.issuing_ca].append(certificate)
        gone = []
        for name, theirs in by_ca.items():
            try:
                serials = self.crls.publish(name).serials
            except LookupError:
                gone.append(f"The CA {name} is no longer in this lab: no CRL says so, but this console takes it so.")
            else:
                gone += self._unlisted(name, theirs, serials)
        return tuple(gone)

    def _unlisted(self, ca_name: str, certificates: Sequence[IssuedCertificate], serials: frozenset[int]) -> list[str]:
        """What to say of certificates in date that were revoked and are not on the new CRL: a namesake's."""
        now = self.clock()
        missing = sum(
            certificate.revocation is not None and certificate.not_after > now and certificate.serial not in serials
            for certificate in certificates
        )
        if not missing:
            return []
        several = counted(missing, "certificate", "certificates")
        return [
            f"The CA {ca_name} that issued {several} of these is no longer in this lab, and another has its name: "
            "no CRL says so, but this console takes it so."
        ]

    def _put(self, certificates: Iterable[IssuedCertificate]) -> None:
        for certificate in certificates:
            self.store.certificates.put(certificate)


def can_become(revocation: Revocation | None, reason: RevocationReason) -> bool:
    """Whether a certificate of a revocation can be revoked for a reason: a hold can become final, and that is all."""
    return revocation is None or (is_on_hold(revocation) and reason is not HOLD)


def become(revocation: Revocation | None, reason: RevocationReason, now: datetime) -> Revocation | None:
    """What a revocation is after another: a hold that becomes final keeps its time, and what was final stays so."""
    if not can_become(revocation, reason):
        return revocation
    return Revocation(revocation.at if revocation else now, reason)


def is_on_hold(revocation: Revocation | None) -> bool:
    """Whether a revocation is one that can be lifted."""
    return revocation is not None and revocation.reason is HOLD


def reason_problem(reason: RevocationReason) -> str | None:
    """What keeps a reason from being one to revoke for, or None (RFC 5280 5.3.1)."""
    if reason is RevocationReason.REMOVE_FROM_CRL:
        return "removeFromCRL revokes nothing; release the certificate that is on hold instead"
    return None
