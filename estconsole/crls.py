"""The CRLs of this lab's CAs: issued at each revocation, and before the last one runs out (B-43)."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from estconsole.domain.model import CertificationAuthority, IssuedCrl
from estconsole.domain.revocation import CrlEntry
from estconsole.keyring import Keyring
from estconsole.pki.certificates import BACKDATE, read_certificate
from estconsole.pki.chains import Paths
from estconsole.pki.crls import read_crl
from estconsole.store.documents import Document, RevokedCertificate, revoked_of, serial_text
from estconsole.store.store import Store

logger = logging.getLogger(__name__)

_ByCa = Mapping[str, Sequence[Document]]

CRL_VALIDITY = timedelta(hours=24)
"""EJBCA's default: a lab's clients see a revocation within a day, and a console that is closed overnight leaves a CRL
that is still in force in the morning.
"""


_SERIAL_BITS = 159
"""What RFC 5280 4.1.2.2 allows, and a CRL can list here. An old CRL's 0 is refused to requests all the same."""


@dataclass(frozen=True, slots=True)
class NewCrl:
    """A CRL that was issued, and the serial numbers on it: to read them from a large one takes seconds."""

    crl: IssuedCrl
    serials: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a CRL is made from, as the store held it at one moment: the certificates as rows, not read yet."""

    authority: CertificationAuthority
    rows: Iterable[Document]
    revoked: tuple[Document, ...]
    last: IssuedCrl | None

    @classmethod
    def of(
        cls, authority: CertificationAuthority, rows: Iterable[Document], revoked: _ByCa, last: IssuedCrl | None
    ) -> _Sources:
        """The same of every certificate on record, and of the revoked ones by CA."""
        return cls(authority, rows, tuple(revoked.get(authority.name, ())), last)

    @property
    def listed(self) -> tuple[object, ...]:
        """What the CRL lists, to be compared: it is another where this is."""
        return self.revoked, self.authority.foreign_crl

    @property
    def elsewhere(self) -> list[CrlEntry]:
        """What the CA revoked before it came here. Of a certificate that is on record here the record alone tells."""
        if self.authority.foreign_crl is None:
            return []
        on_record = {row["serial"] for row in self.rows if row["issuing_ca"] == self.authority.name}
        return [
            CrlEntry(serial, revocation.at, revocation.reason)
            for serial, revocation in read_crl(self.authority.foreign_crl).revoked.items()
            if 0 < serial < 1 << _SERIAL_BITS and serial_text(serial) not in on_record
        ]


class CrlIssuer:
    """Issues CRLs one at a time, outside the store's lock: enrollments go on while a large one is made and signed."""

    def __init__(
        self, store: Store, keyring: Keyring, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._lock = threading.Lock()
        # By CA: a CRL and what it is known to list. Only where one of them is another is it read again.
        self._known: dict[str, tuple[IssuedCrl, object]] = {}

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
            self._known[ca_name] = (new.crl, sources.listed)
            return new

    def first(self, authority: CertificationAuthority) -> IssuedCrl:
        """The CRL of a CA that is about to be stored, to be put in the same transaction.

        A CA that was deleted and comes back goes on where its numbers ended (RFC 5280 5.2.3).
        """
        rows = self._store.certificates.rows()
        return self._signed(_Sources.of(authority, rows, _by_ca(rows), self._store.crls.get(authority.name))).crl

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
                logger.exception("the CRL of %r could not be issued", name)

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
        return _Sources.of(authority, rows, _by_ca(rows), last)

    def _all_sources(self) -> list[_Sources]:
        with self._store.lock:
            authorities = [(each, self._store.crls.get(each.name)) for each in self._store.authorities.values()]
            rows = self._store.certificates.rows()
        revoked = _by_ca(rows)
        return [_Sources.of(authority, rows, revoked, last) for authority, last in authorities]

    def _is_unchanged(self, sources: _Sources) -> bool:
        """Whether the CA is the same: deleted and made anew meanwhile, it would get a CRL of its namesake."""
        before, authority = sources.authority, self._store.authorities.get(sources.authority.name)
        return (
            authority is not None
            and authority.certificate == before.certificate
            and authority.foreign_crl == before.foreign_crl
            and self._store.crls.get(before.name) == sources.last
        )

    def _is_good(self, sources: _Sources, now: datetime) -> bool:
        """Whether the last CRL has time to go, and lists what is revoked now and nothing that was released."""
        name, last = sources.authority.name, sources.last
        if last is None or last.next_update - now <= CRL_VALIDITY / 2:
            return False
        # Rows are replaced and never changed, so that comparing those that are the same costs next to nothing.
        if self._known.get(name) != (last, sources.listed):
            if not _is_complete(sources, last, now):
                return False
            self._known[name] = (last, sources.listed)
        return True

    def _signed(self, sources: _Sources) -> NewCrl:
        now = self._clock().replace(microsecond=0)  # as the CRL has it
        number = max(0 if sources.last is None else sources.last.number, _number_elsewhere(sources.authority)) + 1
        next_update = now + CRL_VALIDITY
        entries = _entries(sources, now)
        der = self._keyring.issuer(sources.authority).issue_crl(number, entries, now, next_update)
        crl = IssuedCrl(ca=sources.authority.name, number=number, der=der, this_update=now, next_update=next_update)
        return NewCrl(crl, frozenset(entry.serial for entry in entries))


def _by_ca(rows: Iterable[Document]) -> _ByCa:
    """The rows of revoked certificates."""
    revoked: defaultdict[str, list[Document]] = defaultdict(list)
    for row in rows:
        if row["revoked_at"]:
            revoked[row["issuing_ca"]].append(row)
    return revoked


def _number_elsewhere(authority: CertificationAuthority) -> int:
    """The number that a CA's CRLs had come to before it came here (RFC 5280 5.2.3)."""
    number = None if authority.foreign_crl is None else read_crl(authority.foreign_crl).number
    return number or 0


def _entries(sources: _Sources, now: datetime) -> list[CrlEntry]:
    own = Paths([sources.authority.certificate])
    issued_here = [
        certificate.entry
        for certificate in map(revoked_of, sources.revoked)
        if not _is_over(certificate, sources.last, now) and _is_of(certificate, sources.authority, own)
    ]
    return [*issued_here, *sources.elsewhere]


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
    still_revoked |= {entry.serial for entry in sources.elsewhere}
    return listed.keys() <= still_revoked and all(
        entry.serial in listed and listed[entry.serial].reason is entry.reason for entry in _entries(sources, now)
    )
