"""Periods in EJBCA's units, read and written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.periods import LONGEST, SHORTEST, format_period, parse_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2y", timedelta(days=730)),
        ("10Y", timedelta(days=3650)),
        ("18mo", timedelta(days=540)),
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("45m", timedelta(minutes=45)),
        (" 2y6mo 3 d 12h\t30m ", timedelta(days=730 + 180 + 3, hours=12, minutes=30)),
        ("1m 1mo", timedelta(days=30, minutes=1)),
        ("0y 1m", timedelta(minutes=1)),
        ("100y", timedelta(days=36500)),
    ],
)
def test_each_unit_is_read(text: str, period: timedelta) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no period"),
        ("365", "no period"),
        ("2 years", "no period"),
        ("2w", "no period"),
        ("-1d", "no period"),
        ("1.5y", "no period"),
        ("1y 2y", "twice"),
        ("1y, 2d", "no period"),
        ("0d", "a minute"),
        ("101y", "a hundred years"),
        ("999999999y", "a hundred years"),
        ("9999999999y", "no period"),
    ],
)
def test_what_is_no_period_is_said_with_what_would_be_right(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_period(text)


@given(st.integers(SHORTEST // SHORTEST, LONGEST // SHORTEST))
def test_a_period_that_is_written_reads_as_itself(minutes: int) -> None:
    period = timedelta(minutes=minutes)
    assert parse_period(format_period(period)) == period


@pytest.mark.parametrize(
    ("period", "text"), [(timedelta(days=730), "2y"), (timedelta(days=400, hours=2), "1y 1mo 5d 2h")]
)
def test_the_longest_units_come_first(period: timedelta, text: str) -> None:
    assert format_period(period) == text
