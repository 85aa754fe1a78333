"""The certificates that this console issued: found, shown, revoked and released (B-43, B-44)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from estconsole.administration.acts import Subject, act
from estconsole.administration.dependents import counted
from estconsole.administration.revoking import Revoker, can_become, is_on_hold, reason_problem
from estconsole.authority_chains import certificates_in_chains
from estconsole.domain.model import CertificatePurpose, IssuedCertificate
from estconsole.domain.revocation import RevocationReason
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.chains import Paths
from estconsole.results import Conflict, Rejected, Saved
from estconsole.server_identity import ServerIdentity
from estconsole.store.documents import Document
from estconsole.store.store import Store

_SHORTEST_FINGERPRINT = 8
"""So many digits of a SHA-256 name one certificate; fewer are part of a name or a serial number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSearch:
    """What to look for; an empty search is for every certificate.

    Each word of `text` is a part of the subject, the username, the issuing CA or the serial number (hex), or the first
    digits of the SHA-256. `revoked` narrows to those that are, or are not, `reason` to those revoked for one,
    `expires_before` and `expires_after` to those that end before or after a time (aware). `limit` keeps the newest.
    """

    text: str = ""
    username: str | None = None
    issuing_ca: str | None = None
    purpose: CertificatePurpose | None = None
    revoked: bool | None = None
    reason: RevocationReason | None = None
    expires_before: datetime | None = None
    expires_after: datetime | None = None
    limit: int | None = None


class Certificates(Subject):
    """The register of issued certificates, by the SHA-256 (lower-case hex) of each."""

    def __init__(self, store: Store, identity: ServerIdentity, revoker: Revoker, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._store = store
        self._identity = identity
        self._revoker = revoker

    def all(self) -> tuple[IssuedCertificate, ...]:
        """Every certificate, the newest first."""
        return self._store.certificates.values()[::-1]

    def search(self, search: CertificateSearch) -> tuple[IssuedCertificate, ...]:
        """The certificates that are looked for, the newest first."""
        return self._store.certificates.matching(_test_of(search), search.limit)[::-1]

    def count(self, search: CertificateSearch) -> int:
        """How many certificates are looked for, whatever the limit: no value is made."""
        return self._store.certificates.count(_test_of(search))

    def get(self, sha256: str) -> IssuedCertificate | None:
        return self._store.certificates.get(sha256)

    def pem(self, sha256: str) -> str | None:
        """A certificate in PEM, None for an unknown one."""
        certificate = self._store.certificates.get(sha256)
        return None if certificate is None else certificate_pem(certificate.der)

    def chain_pem(self, sha256: str) -> str | None:
        """A certificate and every known CA above it in PEM, in the order of a path; None for an unknown one."""
        certificate = self._store.certificates.get(sha256)
        if certificate is None:
            return None
        above = Paths(certificates_in_chains(self._store)).above(certificate.der)
        return "".join(map(certificate_pem, (certificate.der, *above)))

    def of_entity(self, username: str) -> tuple[IssuedCertificate, ...]:
        """Every certificate of a username, of earlier registrations too, the newest first."""
        return self.search(CertificateSearch(username=username))

    @act
    def revoke(
        self, sha256: str, reason: RevocationReason, seen: IssuedCertificate | None = None
    ) -> Saved[IssuedCertificate] | Rejected | Conflict[IssuedCertificate]:
        """Revoke a certificate; its CA's new CRL is there when this returns. On hold it can be revoked for good.

        With what was `seen` of it, only if its revocation is still that. Raises VaultError when the CA's key cannot be
        unsealed: the revocation stands, and its CRL follows. Raises RuntimeError inside a transaction.
        """
        if problem := reason_problem(reason):
            return Rejected.because("reason", problem)
        with self._revoker.transaction():
            certificate = self._store.certificates.get(sha256)
            if certificate is None or _is_overtaken(seen, certificate):
                return Conflict(certificate)
            if problem := self._revocation_problem(certificate, reason):
                return Rejected.because("sha256", problem)
            changed = self._revoker.mark([certificate], reason)
        warnings = self._warnings(certificate)
        return Saved(changed[0], (*warnings, *self._revoker.publish(changed)))

    @act
    def release(
        self, sha256: str, seen: IssuedCertificate | None = None
    ) -> Saved[IssuedCertificate] | Rejected | Conflict[IssuedCertificate]:
        """Lift a certificateHold; the CA's new CRL is there when this returns. `seen` and what it raises: as above."""
        with self._revoker.transaction():
            certificate = self._store.certificates.get(sha256)
            if certificate is None or _is_overtaken(seen, certificate):
                return Conflict(certificate)
            if not is_on_hold(certificate.revocation):
                return Rejected.because("sha256", f"it is {certificate.revocation or 'not revoked'}, and not on hold")
            changed = self._revoker.release([certificate])
        return Saved(changed[0], self._revoker.publish(changed))

    def revocation_problem(self, sha256: str, reason: RevocationReason) -> str | None:
        """What keeps a certificate from being revoked for a reason, so that nobody is asked in vain; or None."""
        certificate = self._store.certificates.get(sha256)
        return None if certificate is None else self._revocation_problem(certificate, reason)

    def _revocation_problem(self, certificate: IssuedCertificate, reason: RevocationReason) -> str | None:
        facts = read_certificate(certificate.der)
        if certificate.purpose is CertificatePurpose.CA and facts.is_root:
            return "a root is revoked by nobody, since it would sign the CRL itself; delete the CA instead"
        if certificate.der == self._identity.certificate():
            return "the server presents it on every connection; it renews by itself, and can be revoked after that"
        if not can_become(certificate.revocation, reason):
            return f"it is {certificate.revocation} already"
        return None

    def _warnings(self, certificate: IssuedCertificate) -> tuple[str, ...]:
        """What is odd about a revocation, and what that of a CA's certificate shuts out with it."""
        if certificate.not_after < self._revoker.clock():
            return (f"It expired on {certificate.not_after:%Y-%m-%d}, and authenticates nothing anyway.",)
        if certificate.purpose is not CertificatePurpose.CA:
            return ()
        names = [ca.name for ca in self._store.authorities.values() if ca.certificate == certificate.der]
        if not names:
            return ("No CA goes by this certificate any more, so that nothing is shut out.",)
        entities = self._store.end_entities.count(lambda _, row: row["issuing_ca"] in names)
        issued = self._store.certificates.count(lambda _, row: row["issuing_ca"] in names)
        return (
            f"{', '.join(names)} is shut out as a whole: "
            f"{counted(entities, 'end entity', 'end entities')} can enroll no more, and "
            f"{counted(issued, 'certificate', 'certificates')} authenticate no more.",
        )


def _is_overtaken(seen: IssuedCertificate | None, certificate: IssuedCertificate) -> bool:
    """Whether another act came between what was seen and this one. Nothing of a certificate changes but this."""
    return seen is not None and seen.revocation != certificate.revocation


def _test_of(search: CertificateSearch) -> Callable[[str, Document], bool]:
    words = [_word_test(word) for word in search.text.casefold().split()]
    # Times are kept as ISO 8601 in UTC, which sorts as text.
    before = search.expires_before.astimezone(UTC).isoformat() if search.expires_before else None
    after = search.expires_after.astimezone(UTC).isoformat() if search.expires_after else None

    def passes(sha256: str, row: Document) -> bool:
        return (
            (search.username is None or row["username"] == search.username)
            and (search.issuing_ca is None or row["issuing_ca"] == search.issuing_ca)
            and (search.purpose is None or row["purpose"] == search.purpose)
            and (search.revoked is None or bool(row["revoked_at"]) is search.revoked)
            and (search.reason is None or row["revocation_reason"] == search.reason)
            and (before is None or row["not_after"] < before)
            and (after is None or row["not_after"] >= after)
            and all(word(sha256, row) for word in words)
        )

    return passes


def _word_test(word: str) -> Callable[[str, Document], bool]:
    """Whether a row holds a word, casefolded. Of numbers, colons and leading zeros do not count."""
    digits = word.replace(":", "")
    serial = digits.lstrip("0")
    fingerprint = digits if len(digits) >= _SHORTEST_FINGERPRINT else None

    def holds(sha256: str, row: Document) -> bool:
        return (
            word in row["subject"].casefold()
            or word in row["username"].casefold()
            or word in row["issuing_ca"].casefold()
            or (bool(serial) and serial in row["serial"])
            or (fingerprint is not None and sha256.startswith(fingerprint))
        )

    return holds
