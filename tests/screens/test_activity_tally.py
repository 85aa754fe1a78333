"""The counters of Live, and the line that says them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.activity import Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from screens.activity_tally import MINUTES, ActivityTally, sparkline
from screens.live_traffic import traffic_words
from tests.screens.feeding import NOON, granted, handshake, refused


def test_rows_are_counted_once_by_their_minute_and_go_with_time() -> None:
    clock = [NOON]
    tally = ActivityTally(lambda: clock[0])
    tally.add([granted(1, at=NOON - timedelta(minutes=MINUTES)), granted(2, at=NOON - timedelta(minutes=14))])
    tally.add([granted(3), granted(3), granted(4)])
    assert tally.lately(Outcome.GRANTED) == (1, *[0] * 13, 2)
    clock[0] = NOON + timedelta(minutes=14)
    assert tally.lately(Outcome.GRANTED) == (2, *[0] * 14)
    clock[0] = NOON + timedelta(days=1)
    tally.add([])
    assert not any(tally.lately(Outcome.GRANTED))
    assert tally.totals[Outcome.GRANTED] == 4


def test_a_row_that_is_repeated_counts_as_often_and_what_came_earlier_not_in_the_totals() -> None:
    tally = ActivityTally(lambda: NOON)
    tally.add([handshake(1, HandshakeFailure.SILENCE, count=2)], earlier=True)
    tally.add([handshake(1, HandshakeFailure.SILENCE, count=5), refused(2, RefusalReason.WRONG_CODE)])
    assert sum(tally.lately(Outcome.HANDSHAKE)) == 5
    assert tally.totals == {Outcome.HANDSHAKE: 3, Outcome.REFUSED: 1}


def test_in_a_sparkline_one_is_more_than_none() -> None:
    assert sparkline([0, 1, 1_000, 500]) == "▁▂█▅"
    assert sparkline([0, 0]) == "▁▁"


@pytest.mark.parametrize("factor", [1, 40_000])
def test_the_line_fits_and_tells_outcomes_apart_without_colour(factor: int) -> None:
    tally = ActivityTally(lambda: NOON)
    tally.add([handshake(1, HandshakeFailure.SILENCE, count=3 * factor), refused(2, RefusalReason.WRONG_CODE)])
    tally.add([granted(3, count=12 * factor)])
    for width in (160, 118, 78, 60, 40):
        line = traffic_words(tally, width)
        assert line.cell_length <= width
        assert f"✓ {12 * factor:,}" in line.plain
        assert "✗ 1" in line.plain
        assert "▁█" in line.plain or width < 78
