"""Revocation: reasons, what a CRL says, and whether a certificate is known to be revoked (B-43, B-44)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from estconsole.domain.names import DistinguishedName


class RevocationReason(enum.IntEnum):
    """RFC 5280 5.3.1."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    CERTIFICATE_HOLD = 6
    REMOVE_FROM_CRL = 8
    PRIVILEGE_WITHDRAWN = 9
    AA_COMPROMISE = 10

    def __str__(self) -> str:
        first, *others = self.name.split("_")
        return " ".join((first if first in ("CA", "AA") else first.lower(), *map(str.lower, others)))


@dataclass(frozen=True, slots=True)
class Revocation:
    """When and why a certificate was revoked."""

    at: datetime
    reason: RevocationReason

    def __str__(self) -> str:
        return f"revoked on {self.at:%Y-%m-%d}, {self.reason}"


@dataclass(frozen=True, slots=True)
class CrlEntry:
    """One line of a CRL that is to be issued."""

    serial: int
    at: datetime
    reason: RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlFacts:
    """A CRL as the rules see it; times are aware UTC.

    `revoked` is by serial number. `partial` says in words why this is no full CRL; it is empty for one that is.
    """

    issuer: DistinguishedName
    number: int | None
    this_update: datetime
    next_update: datetime | None
    revoked: Mapping[int, Revocation]
    partial: str = ""

    def is_stale(self, now: datetime) -> bool:
        """Whether a newer one should have been there by now; one that names no next update never is."""
        return self.next_update is not None and self.next_update < now


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlSummary:
    """A CRL in short, which costs no reading of its entries: `revoked` counts them; times are aware UTC."""

    number: int | None
    this_update: datetime
    next_update: datetime | None
    revoked: int


class RevocationState(enum.Enum):
    """What is known of a certificate's revocation (B-19)."""

    GOOD = enum.auto()
    REVOKED = enum.auto()
    STALE_CRL = enum.auto()
    NO_CRL = enum.auto()


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """A state, and the words for it that a trace shows."""

    state: RevocationState
    words: str

    @property
    def shuts_out(self) -> bool:
        """Whether it refuses: revoked, or nobody can tell for the CRL is stale (B-19)."""
        return self.state in (RevocationState.REVOKED, RevocationState.STALE_CRL)


def status_of(revocation: Revocation | None) -> RevocationStatus:
    """The status of a certificate whose register is this console's own."""
    if revocation is None:
        return RevocationStatus(RevocationState.GOOD, "not revoked")
    return RevocationStatus(RevocationState.REVOKED, str(revocation))


def status_by_crl(serial: int, crl: CrlFacts | None, now: datetime) -> RevocationStatus:
    """The status of an imported CA's certificate: by its CRL where one was imported, and open without one (B-19)."""
    if crl is None:
        return RevocationStatus(RevocationState.NO_CRL, "not known: no CRL of its CA is imported")
    if (revocation := crl.revoked.get(serial)) is not None:
        return RevocationStatus(RevocationState.REVOKED, str(revocation))
    if crl.is_stale(now) and crl.next_update is not None:
        words = f"the CRL of its CA is stale since {crl.next_update:%Y-%m-%d %H:%M} UTC"
        return RevocationStatus(RevocationState.STALE_CRL, words)
    return RevocationStatus(RevocationState.GOOD, "not in its CA's CRL")
