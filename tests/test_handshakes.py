"""Failed handshakes as rows: repeats within ten seconds are one, and none is lost over a restart."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from estconsole.activity import ActivityFeed, Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.handshakes import HandshakeLog
from estconsole.store.store import Store


class Clock:
    """A monotonic clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "lab.json")
    yield opened
    opened.close()


def test_repeats_within_ten_seconds_are_one_row_with_a_count(store: Store) -> None:
    """B-41."""
    clock, feed = Clock(), ActivityFeed()
    log = HandshakeLog(store, feed, monotonic=clock)
    for _ in range(3):
        log.report("192.0.2.1", HandshakeFailure.UNKNOWN_ISSUER)
        clock.now += 4
    log.settle()
    (row,) = feed.recent()
    assert (row.count, row.peer, row.outcome) == (3, "192.0.2.1", Outcome.HANDSHAKE)
    log.report("192.0.2.1", HandshakeFailure.UNKNOWN_ISSUER)
    assert [row.count for row in feed.recent()] == [3, 1]
    log.close()


def test_a_flood_of_one_peer_is_shown_once_and_then_once_a_second(store: Store) -> None:
    """B-41: neither the log nor a reader of the lines is flooded."""
    feed, shown = ActivityFeed(), queue.Queue[int]()
    log = HandshakeLog(store, feed, monotonic=Clock())
    with feed.subscribe(lambda row: shown.put(row.count)):
        for _ in range(500):
            log.report("192.0.2.1", HandshakeFailure.NOT_TLS)
        assert [shown.get(timeout=10), shown.get(timeout=10)] == [1, 500]
    assert shown.empty()
    log.close()


def test_a_count_that_grew_is_shown_before_the_next_row_begins(store: Store) -> None:
    clock, feed = Clock(), ActivityFeed()
    log = HandshakeLog(store, feed, monotonic=clock)
    for _ in range(2):
        log.report("192.0.2.1", HandshakeFailure.SILENCE)
    clock.now += 11
    log.report("192.0.2.1", HandshakeFailure.SILENCE)
    assert [row.count for row in feed.recent()] == [2, 1]
    log.close()


def test_other_peers_and_other_reasons_are_other_rows(store: Store) -> None:
    feed = ActivityFeed()
    log = HandshakeLog(store, feed, monotonic=Clock())
    log.report("192.0.2.1", HandshakeFailure.UNKNOWN_ISSUER)
    log.report("192.0.2.1", HandshakeFailure.PLAIN_HTTP)
    log.report("192.0.2.2", HandshakeFailure.UNKNOWN_ISSUER)
    assert len(feed.recent()) == 3


def test_rows_and_their_counts_are_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "lab.json")
    log = HandshakeLog(store, ActivityFeed(), monotonic=Clock())
    log.report("192.0.2.1", HandshakeFailure.SILENCE)
    log.report("192.0.2.1", HandshakeFailure.SILENCE)
    log.close()
    store.close()
    store = Store(tmp_path / "lab.json")
    (row,) = store.log.latest(10)
    assert (row.count, row.reason) == (2, HandshakeFailure.SILENCE)
    store.close()


def test_a_scan_from_many_addresses_is_bounded_in_memory(store: Store) -> None:
    log = HandshakeLog(store, ActivityFeed(size=10), monotonic=Clock())
    for number in range(1_200):
        log.report(f"198.51.100.{number}", HandshakeFailure.NOT_TLS)
    assert len(log._growing) <= 1_024
