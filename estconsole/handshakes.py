"""Failed handshakes as rows: repeats of one peer and reason within ten seconds are one row with a count (B-41)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from estconsole.activity import Activity, ActivityFeed, Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.record import ActivityRecord
from estconsole.store.store import Store

REPEAT_SECONDS = 10.0
_MAX_PEERS = 1_024
"""Rows that may still grow: a scan from many addresses does not fill the memory."""


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
        self._growing: OrderedDict[tuple[str, HandshakeFailure], tuple[float, Activity]] = OrderedDict()

    def report(self, peer: str, failure: HandshakeFailure) -> None:
        """Note one failed handshake of a peer (its address, without the port)."""
        with self._store.lock:
            now = self._monotonic()
            first, activity = self._growing.get((peer, failure), (now, None))
            repeated = activity is not None and now - first < REPEAT_SECONDS
            if activity is not None and repeated:
                activity = replace(activity, count=activity.count + 1)
            else:
                first = now
                activity = Activity(
                    id=self._store.log.next_number,
                    at=self._clock(),
                    outcome=Outcome.HANDSHAKE,
                    peer=peer,
                    reason=failure,
                )
            with self._store.transaction(sync=False):
                write = self._store.log.replace if repeated else self._store.log.add
                write(ActivityRecord(activity=activity))
                self._store.note_change("activities")
            self._growing[peer, failure] = (first, activity)
            self._growing.move_to_end((peer, failure))
            while len(self._growing) > _MAX_PEERS:
                self._growing.popitem(last=False)
            self._feed.publish(activity)
