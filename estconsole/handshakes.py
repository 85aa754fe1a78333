"""Failed handshakes as rows: repeats of one peer and reason within ten seconds are one row with a count (B-41)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from estconsole.activity import Activity, ActivityFeed, Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.record import ActivityRecord
from estconsole.store.store import Store

REPEAT_SECONDS = 10.0
SETTLE_SECONDS = 1.0
"""How long a grown count waits before it is written and shown: a flood of one peer is one line a second."""
_MAX_PEERS = 1_024
"""Rows that may still grow: a scan from many addresses does not fill the memory."""


@dataclass(slots=True)
class _Growing:
    """A row that repeats still go into, since when, and whether its count has grown since it was shown."""

    activity: Activity
    since: float
    unsettled: bool = False


class HandshakeLog:
    """Takes reports from the listeners. Rows are written, and not forced to disk one by one (B-46)."""

    def __init__(
        self,
        store: Store,
        feed: ActivityFeed,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._monotonic = monotonic
        self._growing: OrderedDict[tuple[str, HandshakeFailure], _Growing] = OrderedDict()
        self._timer: threading.Timer | None = None

    def report(self, peer: str, failure: HandshakeFailure) -> None:
        """Note one failed handshake of a peer (its address, without the port). Any thread may."""
        with self._store.lock:
            now = self._monotonic()
            growing = self._growing.get((peer, failure))
            if growing is not None and now - growing.since < REPEAT_SECONDS:
                growing.activity = replace(growing.activity, count=growing.activity.count + 1)
                growing.unsettled = True
                self._settle_soon()
                return
            if growing is not None and growing.unsettled:
                self._show(growing)
            self._begin(peer, failure, now)

    def settle(self) -> None:
        """Write and show every count that has grown."""
        with self._store.lock:
            self._timer = None
            for growing in self._growing.values():
                if growing.unsettled:
                    self._show(growing)

    def close(self) -> None:
        """Settle what is left; no report may come afterwards."""
        with self._store.lock:
            if self._timer is not None:
                self._timer.cancel()
            self.settle()

    def _begin(self, peer: str, failure: HandshakeFailure, now: float) -> None:
        activity = Activity(
            id=self._store.log.next_number, at=self._clock(), outcome=Outcome.HANDSHAKE, peer=peer, reason=failure
        )
        self._write(activity, self._store.log.add)
        self._growing[peer, failure] = _Growing(activity, now)
        self._growing.move_to_end((peer, failure))
        while len(self._growing) > _MAX_PEERS:
            _, oldest = self._growing.popitem(last=False)
            if oldest.unsettled:
                self._show(oldest)

    def _show(self, growing: _Growing) -> None:
        growing.unsettled = False
        self._write(growing.activity, self._store.log.replace)

    def _write(self, activity: Activity, write: Callable[[ActivityRecord], None]) -> None:
        with self._store.transaction(sync=False):
            write(ActivityRecord(activity=activity))
            self._store.note_change("activities")
        self._feed.publish(activity)

    def _settle_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(SETTLE_SECONDS, self.settle)
            self._timer.daemon = True
            self._timer.start()
