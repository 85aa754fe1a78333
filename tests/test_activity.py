"""Rows of the live log, their references, and the feed that keeps the last of them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.activity import FEED_SIZE, Activity, ActivityFeed, Outcome, reference
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason

AT = datetime(2030, 6, 1, tzinfo=UTC)
ALPHABET = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def row(number: int, count: int = 1) -> Activity:
    return Activity(id=number, at=AT, outcome=Outcome.GRANTED, peer="127.0.0.1", count=count)


class TestReference:
    def test_is_one_to_one_from_the_first_row_on(self) -> None:
        """B-24: a reference finds its row, among more rows than a log keeps."""
        references = [reference(number) for number in range(300_000)]

        assert len(set(references)) == len(references)
        assert all(len(text) == 6 for text in references)
        assert set().union(*references) <= ALPHABET

    @given(st.integers(0, 2**30 - 1), st.integers(0, 2**30 - 1))
    def test_is_one_to_one_below_2_to_the_30(self, one: int, other: int) -> None:
        assert (reference(one) == reference(other)) is (one == other)

    @given(st.integers(0, 2**80))
    def test_is_six_unambiguous_characters(self, number: int) -> None:
        """Read aloud and typed again: no I, L, O or U."""
        assert len(reference(number)) == 6
        assert set(reference(number)) <= ALPHABET

    def test_neighbours_look_different(self) -> None:
        """A reference typed with one wrong character must not find the row beside it."""
        for number in range(1_000):
            pair = zip(reference(number), reference(number + 1), strict=True)
            assert sum(one != other for one, other in pair) > 1

    def test_belongs_to_the_row(self) -> None:
        assert row(7).reference == reference(7)


@pytest.mark.parametrize("reason", [RefusalReason.WRONG_CODE, HandshakeFailure.PLAIN_HTTP])
def test_a_row_has_its_reasons_words(reason: RefusalReason | HandshakeFailure) -> None:
    activity = Activity(id=1, at=AT, outcome=Outcome.REFUSED, peer="127.0.0.1", reason=reason)

    assert activity.words is reason.value
    assert row(1).words is None


class TestFeed:
    def test_keeps_the_last_rows(self) -> None:
        """Memory is bounded at the source."""
        feed = ActivityFeed(size=3)
        for number in range(10):
            feed.publish(row(number))

        assert [activity.id for activity in feed.recent()] == [7, 8, 9]

    def test_starts_with_the_last_of_the_earlier_rows(self) -> None:
        feed = ActivityFeed(map(row, range(FEED_SIZE + 5)))

        assert [activity.id for activity in feed.recent()] == list(range(5, FEED_SIZE + 5))

    def test_a_row_published_again_keeps_its_place(self) -> None:
        """B-41: repeats of a handshake failure are one row with a count."""
        feed = ActivityFeed(map(row, range(3)), size=3)

        feed.publish(row(0, count=2))

        assert feed.recent() == (row(0, count=2), row(1), row(2))

    def test_hands_every_row_to_its_subscribers_until_they_close(self) -> None:
        feed = ActivityFeed([row(1)])
        seen: list[Activity] = []
        subscription = feed.subscribe(seen.append)

        feed.publish(row(2))
        feed.publish(row(2, count=2))
        subscription.close()
        feed.publish(row(3))

        assert seen == [row(2), row(2, count=2)]

    def test_a_subscriber_finds_its_row_among_the_recent_ones(self) -> None:
        """A screen that subscribes and then reads `recent` misses none."""
        feed = ActivityFeed()
        kept: list[bool] = []
        feed.subscribe(lambda activity: kept.append(activity in feed.recent()))

        feed.publish(row(1))

        assert kept == [True]

    def test_takes_rows_from_several_threads(self) -> None:
        feed = ActivityFeed(size=100)
        seen: list[Activity] = []
        feed.subscribe(seen.append)

        def publish(start: int) -> None:
            for number in range(start, start + 500):
                feed.publish(row(number))
                feed.recent()

        threads = [threading.Thread(target=publish, args=(start,)) for start in (0, 500, 1_000, 1_500)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(activity.id for activity in seen) == list(range(2_000))
        assert len(feed.recent()) == 100
