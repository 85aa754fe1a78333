"""What happens on the wire, as rows: requests that were decided, and handshakes that failed."""

from __future__ import annotations

import enum
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from estconsole.domain.checks import Check
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.words import Words
from estconsole.subscription import Publisher, Subscription

FEED_SIZE = 10_000
"""Rows that the feed keeps in memory; older ones are in the store."""

# Crockford's base 32 has no I, L, O or U to mistake. 2**30 references before one repeats.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SCATTER = 0x2545F491  # odd, so that multiplication modulo 2**30 maps numbers one to one


class Outcome(enum.StrEnum):
    """How a request or a handshake ended."""

    GRANTED = "granted"
    REFUSED = "refused"
    HANDSHAKE = "handshake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One row. `id` ascends with time; a row published again under its id replaces the earlier one (`count` grew).

    `operation` is an EST operation's name, or empty for a handshake and for a path that names none. `milliseconds` run
    from the request's reading to its record. `at` is aware UTC. `http_basic` says that the request's code goes by HTTP
    Basic, which has an answer of its own for a wrong one (B-25); `is_empty` that there was nothing to answer (B-32).
    """

    id: int
    at: datetime
    outcome: Outcome
    peer: str
    alias: str = ""
    operation: str = ""
    username: str = ""
    reason: RefusalReason | HandshakeFailure | None = None
    milliseconds: float = 0.0
    count: int = 1
    http_basic: bool = False
    is_empty: bool = False

    @property
    def reference(self) -> str:
        """The short text that a refused client is told, and that finds this row (B-24)."""
        return reference(self.id)

    @property
    def words(self) -> Words | None:
        return self.reason.value if self.reason else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDetail:
    """All that the record holds of one row, in words; secrets are masked (B-45). An empty text means there was none.

    `has_raw_request` says that the request's bytes are kept, sealed: `Administration.activities` opens them. The
    SHA-256s (lower-case hex) are those of the certificates that were issued and presented.
    """

    activity: Activity
    checks: tuple[Check, ...] = ()
    csr: str = ""
    client_certificate: str = ""
    issued_certificate: str = ""
    has_raw_request: bool = False
    issued_sha256: str = ""
    presented_sha256: str = ""


def reference(number: int) -> str:
    """Six characters that stand for a row's id, one to one below 2**30."""
    scattered = number * _SCATTER % 2**30
    return "".join(_ALPHABET[scattered >> shift & 31] for shift in range(25, -1, -5))


class ActivityFeed:
    """The last rows in memory, and a subscription to those that come. Safe to use from several threads."""

    def __init__(self, earlier: Iterable[Activity] = (), size: int = FEED_SIZE) -> None:
        self._lock = threading.Lock()
        self._size = size
        self._rows: OrderedDict[int, Activity] = OrderedDict()
        self._publisher: Publisher[Activity] = Publisher()
        for activity in earlier:
            self._keep(activity)

    def publish(self, activity: Activity) -> None:
        """Keep a row and hand it to every subscriber."""
        with self._lock:
            self._keep(activity)
        self._publisher.publish(activity)

    def recent(self) -> tuple[Activity, ...]:
        """The rows that are kept, oldest first."""
        with self._lock:
            return tuple(self._rows.values())

    def subscribe(self, listener: Callable[[Activity], None]) -> Subscription:
        """Call `listener` with every row from now on, in the thread that publishes it."""
        return self._publisher.subscribe(listener)

    def _keep(self, activity: Activity) -> None:
        self._rows[activity.id] = activity
        if len(self._rows) > self._size:
            self._rows.popitem(last=False)
