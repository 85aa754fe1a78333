"""Text for a screen: nothing acts, nothing overflows."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from estconsole.domain.certificate import grouped
from screens.text import (
    bullets,
    days_left,
    fit,
    hanging,
    local_moment,
    local_time,
    plain,
    plain_lines,
    shortened,
)

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("123456789", "123456789"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("line\nbreak\ttab", "line\\x0abreak\\x09tab"),
        ("cod\u202eedoc", "cod\\u202eedoc"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone\ud800", "lone\\ud800"),
        ("漢字 é", "漢字 é"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u0301" * 2),
    ],
)
def test_what_could_act_stands_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_stay_lines_and_nothing_else_acts() -> None:
    assert plain_lines("one\r\ntwo\x07\n\tthree") == "one\ntwo\\x07\n    three"


@given(st.text(), st.integers(min_value=0, max_value=40), st.booleans())
def test_a_cell_is_exactly_as_wide_as_it_should_be(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(plain(text), width, right=right)) == width


def test_what_does_not_fit_is_cut_with_an_ellipsis() -> None:
    assert fit("registered_client", 8) == "registe…"
    assert fit("漢字漢字", 6) == "漢字… "
    assert fit("x" * 10_000, 4) == "xxx…"
    assert fit("a" + "\u0301" * 10_000, 6).rstrip().endswith("…")


def test_a_text_that_would_fill_the_screen_is_shortened_and_says_so() -> None:
    assert shortened("short") == "short"
    assert shortened("x" * 1_500) == "x" * 300 + "… and 1,200 more characters"


def test_a_short_cell_is_padded_on_its_side() -> None:
    assert fit("6", 3) == "6  "
    assert fit("6", 3, right=True) == "  6"


def test_a_time_has_its_date_when_it_is_not_todays() -> None:
    assert local_time(NOW, NOW) == "12:00:00"
    assert local_time(NOW - timedelta(days=1), NOW) == "01-04 12:00:00"
    assert local_time(NOW - timedelta(days=9), NOW) == "2025-12-27 12:00:00"
    assert local_moment(NOW) == "2026-01-05 12:00:00 UTC"


def test_a_fingerprint_is_written_as_openssl_writes_it() -> None:
    assert grouped("4a11ff") == "4A:11:FF"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=89, hours=3), "89 days left"),
        (timedelta(days=1, hours=1), "1 day left"),
        (timedelta(hours=3), "less than a day left"),
        (timedelta(hours=-3), "expired"),
    ],
)
def test_how_long_something_holds_is_said_in_words(left: timedelta, words: str) -> None:
    assert days_left(NOW + left, NOW) == words


def test_further_lines_hang_under_the_first() -> None:
    text = hanging(Content("label  "), "one two three four five six", 24)
    assert text.plain.splitlines() == ["label  one two three", "       four five six"]


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/New_York"])
def test_a_time_at_the_end_of_the_calendar_is_one_everywhere(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device's certificate of its vendor ends there, as IEEE 802.1AR has it."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        shown = local_moment(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        assert shown.startswith("9999-12-31 ")
        assert local_moment(datetime(1, 1, 1, tzinfo=UTC))
    time.tzset()


def test_a_few_of_many_are_named_and_the_rest_counted() -> None:
    assert bullets(["a", "b\n"], 2) == ["· a", "· b\\x0a"]
    assert bullets(["a", "b", "c"], 2) == ["· a", "· b", "· and 1 more"]
