"""The CRLs of this lab's CAs: issued at each revocation, and before the last one runs out (B-43)."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from estconsole.domain.model import CertificationAuthority, IssuedCrl
from estconsole.domain.revocation import CrlEntry
from estconsole.keyring import Keyring
from estconsole.pki.certificates import BACKDATE, read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import read_crl
from estconsole.store.documents import Document, RevokedCertificate, revoked_of
from estconsole.store.store import Store

logger = logging.getLogger(__name__)

CRL_VALIDITY = timedelta(hours=24)
"""EJBCA's default: a lab's clients see a revocation within a day, and a console that is closed overnight leaves a CRL
that is still in force in the morning.
"""


@dataclass(frozen=True, slots=True)
class NewCrl:
    """A CRL that was issued, and the serial numbers on it: to read them from a large one takes seconds."""

    crl: IssuedCrl
    serials: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a CRL is made from, as the store held it at one moment: the certificates as rows, not read yet."""

    authority: CertificationAuthority
    revoked: tuple[Document, ...]
    last: IssuedCrl | None


class CrlIssuer:
    """Issues CRLs one at a time, outside the store's lock: enrollments go on while a large one is made and signed."""

    def __init__(
        self, store: Store, keyring: Keyring, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._lock = threading.Lock()
        # By CA: a CRL and the rows that it is known to list. Only where one of them is another is it read again.
        self._known: dict[str, tuple[IssuedCrl, tuple[Document, ...]]] = {}

    def issue(self, ca_name: str) -> IssuedCrl:
        """The CA's next CRL, of all that is revoked now.

        Raises LookupError for an unknown CA, VaultError, and RuntimeError inside a transaction.
        """
        return self.publish(ca_name).crl

    def publish(self, ca_name: str) -> NewCrl:
        """As `issue`, with what is on it."""
        self.refuse_in_a_transaction()
        with self._lock:
            while True:
                sources = self._sources(ca_name)
                new = self._signed(sources)
                with self._store.transaction():
                    if self._is_unchanged(sources):
                        self._store.crls.put(new.crl)
                        break
            self._known[ca_name] = (new.crl, sources.revoked)
            return new

    def first(self, authority: CertificationAuthority) -> IssuedCrl:
        """The CRL of a CA that is about to be stored, to be put in the same transaction.

        A CA that was deleted and comes back goes on where its numbers ended (RFC 5280 5.2.3).
        """
        revoked = _revoked_by_ca(self._store.certificates.rows()).get(authority.name, ())
        return self._signed(_Sources(authority, tuple(revoked), self._store.crls.get(authority.name))).crl

    def renew_due(self) -> None:
        """Issue the CRLs whose life is half over, and those that lack what was revoked or released since.

        The latter is what a crash between a revocation and its CRL leaves behind. A CA that has expired, whose CRLs
        nobody can check, is left alone; one whose CRL fails is logged, and the others are served.
        """
        self.refuse_in_a_transaction()
        now = self._clock()
        for sources in self._all_sources():
            name = sources.authority.name
            try:
                if not self._is_good(sources, now) and read_certificate(sources.authority.certificate).in_date(now):
                    self.issue(name)
            except Exception:
                logger.exception("the CRL of %s could not be issued", name)

    def refuse_in_a_transaction(self) -> None:
        """Raises RuntimeError where this thread has a transaction open: two threads would wait for each other.

        One would hold the store and want the turn to issue, the other have its turn and want the store.
        """
        if self._store.in_transaction:
            raise RuntimeError("a CRL is issued after a transaction, never inside one: end the transaction first")

    def _sources(self, ca_name: str) -> _Sources:
        with self._store.lock:
            authority, last = self._store.authorities.get(ca_name), self._store.crls.get(ca_name)
            rows = self._store.certificates.rows()
        if authority is None:
            raise LookupError(f"the lab has no CA {ca_name}")
        return _Sources(authority, tuple(_revoked_by_ca(rows).get(ca_name, ())), last)

    def _all_sources(self) -> list[_Sources]:
        with self._store.lock:
            authorities = [(each, self._store.crls.get(each.name)) for each in self._store.authorities.values()]
            rows = self._store.certificates.rows()
        revoked = _revoked_by_ca(rows)
        return [_Sources(authority, tuple(revoked.get(authority.name, ())), last) for authority, last in authorities]

    def _is_unchanged(self, sources: _Sources) -> bool:
        """Whether the CA is the same: deleted and made anew meanwhile, it would get a CRL of its namesake."""
        authority = self._store.authorities.get(sources.authority.name)
        is_same = authority is not None and authority.certificate == sources.authority.certificate
        return is_same and self._store.crls.get(sources.authority.name) == sources.last

    def _is_good(self, sources: _Sources, now: datetime) -> bool:
        """Whether the last CRL has time to go, and lists what is revoked now and nothing that was released."""
        name, last = sources.authority.name, sources.last
        if last is None or last.next_update - now <= CRL_VALIDITY / 2:
            return False
        # Rows are replaced and never changed, so that comparing those that are the same costs next to nothing.
        if self._known.get(name) != (last, sources.revoked):
            if not _is_complete(sources, last, now):
                return False
            self._known[name] = (last, sources.revoked)
        return True

    def _signed(self, sources: _Sources) -> NewCrl:
        now = self._clock().replace(microsecond=0)  # as the CRL has it
        number = 1 if sources.last is None else sources.last.number + 1
        next_update = now + CRL_VALIDITY
        entries = _entries(sources, now)
        der = self._keyring.issuer(sources.authority).issue_crl(number, entries, now, next_update)
        crl = IssuedCrl(ca=sources.authority.name, number=number, der=der, this_update=now, next_update=next_update)
        return NewCrl(crl, frozenset(entry.serial for entry in entries))


def _revoked_by_ca(rows: Iterable[Document]) -> dict[str, list[Document]]:
    revoked: defaultdict[str, list[Document]] = defaultdict(list)
    for row in rows:
        if row["revoked_at"]:
            revoked[row["issuing_ca"]].append(row)
    return revoked


def _entries(sources: _Sources, now: datetime) -> list[CrlEntry]:
    own = Paths([sources.authority.certificate])
    return [
        certificate.entry
        for certificate in map(revoked_of, sources.revoked)
        if not _is_over(certificate, sources.last, now) and _is_of(certificate, sources.authority, own)
    ]


def _is_over(certificate: RevokedCertificate, last: IssuedCrl | None, now: datetime) -> bool:
    """Whether a certificate has left the CRL: it was on one that was issued after its life (RFC 5280 3.3).

    A revocation makes a CRL between the scheduled ones, so it also stays as long as a scheduled one lasts.
    """
    was_listed = last is not None and last.this_update > certificate.not_after
    return was_listed and now - certificate.not_after > CRL_VALIDITY


def _is_of(certificate: RevokedCertificate, authority: CertificationAuthority, own: Paths) -> bool:
    """Whether a certificate is this CA's, and not one of a CA of that name that was here before.

    What was issued since this one is here can be no other's; what is older tells by its signature.
    """
    if certificate.not_before + BACKDATE >= authority.created_at.replace(microsecond=0):
        return True
    return bool(own.above(certificate.der))


def _is_complete(sources: _Sources, last: IssuedCrl, now: datetime) -> bool:
    """Whether a CRL lists what is revoked now, and nothing that was released."""
    listed = read_crl(last.der).revoked
    still_revoked = {revoked_of(row).entry.serial for row in sources.revoked}
    return listed.keys() <= still_revoked and all(
        entry.serial in listed and listed[entry.serial].reason is entry.reason for entry in _entries(sources, now)
    )
