"""Revoking and releasing: the certificates of an act in one transaction, then the new CRL of each CA (B-43)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from estconsole.crls import CrlIssuer
from estconsole.domain.model import IssuedCertificate
from estconsole.domain.revocation import Revocation, RevocationReason
from estconsole.store.store import Store

HOLD = RevocationReason.CERTIFICATE_HOLD


@dataclass(frozen=True, slots=True)
class Revoker:
    """Marks certificates in the transaction that the caller has open, and publishes once that has ended."""

    store: Store
    crls: CrlIssuer
    clock: Callable[[], datetime]

    def mark(
        self, certificates: Iterable[IssuedCertificate], reason: RevocationReason
    ) -> tuple[IssuedCertificate, ...]:
        """Revoke those that are good or on hold; a hold that becomes final keeps its time. What was final stays so."""
        now = self.clock()
        changed = tuple(
            replace(
                certificate,
                revocation=Revocation(certificate.revocation.at if certificate.revocation else now, reason),
            )
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
        """Issue the CRL of each CA of these certificates, outside any transaction; warnings where there is none.

        Raises VaultError when a CA's key cannot be unsealed: then the revocations stand, and their CRL follows.
        """
        gone = []
        for name in dict.fromkeys(certificate.issuing_ca for certificate in certificates):
            try:
                self.crls.issue(name)
            except LookupError:
                gone.append(f"The CA {name} is no longer in this lab: no CRL says so, but this console takes it so.")
        return tuple(gone)

    def _put(self, certificates: Iterable[IssuedCertificate]) -> None:
        for certificate in certificates:
            self.store.certificates.put(certificate)


def can_become(revocation: Revocation | None, reason: RevocationReason) -> bool:
    """Whether a certificate of a revocation can be revoked for a reason: a hold can become final, and that is all."""
    return revocation is None or (is_on_hold(revocation) and reason is not HOLD)


def is_on_hold(revocation: Revocation | None) -> bool:
    """Whether a revocation is one that can be lifted."""
    return revocation is not None and revocation.reason is HOLD


def reason_problem(reason: RevocationReason) -> str | None:
    """What keeps a reason from being one to revoke for, or None (RFC 5280 5.3.1)."""
    if reason is RevocationReason.REMOVE_FROM_CRL:
        return "removeFromCRL revokes nothing; release the certificate that is on hold instead"
    return None
