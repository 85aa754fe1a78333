"""The CRLs of this lab's CAs: issued at each revocation, and before the last one runs out (B-43)."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from estconsole.domain.model import CertificationAuthority, IssuedCertificate, IssuedCrl
from estconsole.domain.revocation import CrlEntry
from estconsole.keyring import Keyring
from estconsole.pki.certificates import BACKDATE, read_certificate
from estconsole.pki.chains import path_above
from estconsole.pki.crls import read_crl
from estconsole.store.store import Store

logger = logging.getLogger(__name__)

CRL_VALIDITY = timedelta(hours=24)
"""EJBCA's default: a lab's clients see a revocation within a day, and a console that is closed overnight leaves a CRL
that is still in force in the morning.
"""


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a CRL is made from, as the store held it at one moment."""

    authority: CertificationAuthority
    revoked: tuple[IssuedCertificate, ...]
    last: IssuedCrl | None


class CrlIssuer:
    """Issues CRLs one at a time, outside the store's lock: enrollments go on while a large one is signed.

    Never call `issue` inside a transaction, which holds that lock: the two would be taken in the other order.
    """

    def __init__(
        self, store: Store, keyring: Keyring, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._lock = threading.Lock()
        self._examined_version = -1

    def issue(self, ca_name: str) -> IssuedCrl:
        """The CA's next CRL, of all that is revoked now. Raises LookupError for an unknown CA, VaultError."""
        with self._lock:
            while True:
                with self._store.lock:
                    sources = self._sources(ca_name)
                crl = self._signed(sources)
                with self._store.transaction():
                    if self._is_unchanged(sources):
                        self._store.crls.put(crl)
                        return crl

    def first(self, authority: CertificationAuthority) -> IssuedCrl:
        """The CRL of a CA that is about to be stored, to be put in the same transaction.

        A CA that was deleted and comes back goes on where its numbers ended (RFC 5280 5.2.3).
        """
        return self._signed(_Sources(authority, self._revoked(authority.name), self._store.crls.get(authority.name)))

    def renew_due(self) -> None:
        """Issue the CRLs whose life is half over, and those that lack what was revoked or released since.

        The latter is what a crash between a revocation and its CRL leaves behind. A CA that has expired, whose CRLs
        nobody can check, is left alone; one whose CRL fails is logged, and the others are served.
        """
        version = self._store.certificates.version
        is_examined = version == self._examined_version
        revoked = {} if is_examined else self._revoked_by_ca()
        now, failed = self._clock(), False
        for authority in self._store.authorities.values():
            last = self._store.crls.get(authority.name)
            is_good = last is not None and last.next_update - now > CRL_VALIDITY / 2
            if is_good and not is_examined:
                is_good = _is_complete(_Sources(authority, tuple(revoked.get(authority.name, ())), last), now)
            if is_good or not read_certificate(authority.certificate).in_date(now):
                continue
            try:
                self.issue(authority.name)
            except Exception:
                failed = True
                logger.exception("the CRL of %s could not be issued", authority.name)
        if not failed:
            self._examined_version = version

    def _sources(self, ca_name: str) -> _Sources:
        authority = self._store.authorities.get(ca_name)
        if authority is None:
            raise LookupError(f"the lab has no CA {ca_name}")
        return _Sources(authority, self._revoked(ca_name), self._store.crls.get(ca_name))

    def _is_unchanged(self, sources: _Sources) -> bool:
        """Whether the CA is the same: deleted and made anew meanwhile, it would get a CRL of its namesake."""
        authority = self._store.authorities.get(sources.authority.name)
        is_same = authority is not None and authority.certificate == sources.authority.certificate
        return is_same and self._store.crls.get(sources.authority.name) == sources.last

    def _revoked(self, ca_name: str) -> tuple[IssuedCertificate, ...]:
        return self._store.certificates.matching(
            lambda row: bool(row["revoked_at"]) and bool(row["issuing_ca"] == ca_name)
        )

    def _revoked_by_ca(self) -> dict[str, list[IssuedCertificate]]:
        revoked: defaultdict[str, list[IssuedCertificate]] = defaultdict(list)
        for certificate in self._store.certificates.matching(lambda row: bool(row["revoked_at"])):
            revoked[certificate.issuing_ca].append(certificate)
        return revoked

    def _signed(self, sources: _Sources) -> IssuedCrl:
        now = self._clock().replace(microsecond=0)  # as the CRL has it
        number = 1 if sources.last is None else sources.last.number + 1
        next_update = now + CRL_VALIDITY
        der = self._keyring.issuer(sources.authority).issue_crl(number, _entries(sources, now), now, next_update)
        return IssuedCrl(ca=sources.authority.name, number=number, der=der, this_update=now, next_update=next_update)


def _entries(sources: _Sources, now: datetime) -> list[CrlEntry]:
    return [
        CrlEntry(certificate.serial, certificate.revocation.at, certificate.revocation.reason)
        for certificate in sources.revoked
        if certificate.revocation is not None
        and not _is_over(certificate, sources.last, now)
        and _is_of(certificate, sources.authority)
    ]


def _is_over(certificate: IssuedCertificate, last: IssuedCrl | None, now: datetime) -> bool:
    """Whether a certificate has left the CRL: it was on one that was issued after its life (RFC 5280 3.3).

    A revocation makes a CRL between the scheduled ones, so it also stays as long as a scheduled one lasts.
    """
    was_listed = last is not None and last.this_update > certificate.not_after
    return was_listed and now - certificate.not_after > CRL_VALIDITY


def _is_of(certificate: IssuedCertificate, authority: CertificationAuthority) -> bool:
    """Whether a certificate is this CA's, and not one of a CA of that name that was here before.

    What was issued since this one is here can be no other's; what is older tells by its signature.
    """
    if certificate.not_before + BACKDATE >= authority.created_at.replace(microsecond=0):
        return True
    return bool(path_above(certificate.der, [authority.certificate]))


def _is_complete(sources: _Sources, now: datetime) -> bool:
    """Whether the last CRL lists what is revoked now, and nothing that was released."""
    if sources.last is None:
        return False
    listed = read_crl(sources.last.der).revoked
    still_revoked = {certificate.serial for certificate in sources.revoked}
    return listed.keys() <= still_revoked and all(
        entry.serial in listed and listed[entry.serial].reason is entry.reason for entry in _entries(sources, now)
    )
