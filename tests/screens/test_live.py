"""Live, all of its rows: following, pausing, filtering, counting, and reading older ones from disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from estconsole.activity import Activity, ActivityFeed
from estconsole.administration.activities import Activities
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.preferences import Preferences
from screens import live_older, live_traffic
from screens.fields import Field
from screens.keymap import console_keys
from screens.themes import THEMES
from tests.labs import enroll
from tests.screens.driving import ConsolePilot, OpenConsole, line_with, sees, table_of, text_of, types, until
from tests.screens.feeding import NOON, granted, handshake, refused


def rows_in_view(pilot: ConsolePilot) -> list[str]:
    """The lines of the table, without the scrollbar."""
    return [line[:78].rstrip() for line in text_of(pilot).splitlines()[4:22]]


async def test_an_empty_screen_teaches_how_the_first_row_comes(console: OpenConsole) -> None:
    async with console(start_server=True) as pilot:
        await sees(
            pilot, "No device has called yet", "curl -o ca.cacert.pem http://localhost:", "/ca/ManagementCA.cacert.pem"
        )


async def test_rows_come_in_batches_and_the_last_one_is_followed(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        for number in range(1, 101):
            lab.feed.publish(granted(number, f"device-{number}"))
        await sees(pilot, "device-100", "● following")
        assert table_of(pilot).selected == 99


async def test_moving_up_stops_following_and_says_how_many_wait(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        for number in range(1, 101):
            lab.feed.publish(granted(number, f"device-{number}"))
        await sees(pilot, "device-100")
        await pilot.press("up", "up")
        await sees(pilot, "not following · end follows")
        before = rows_in_view(pilot)
        for number in range(101, 104):
            lab.feed.publish(granted(number, f"device-{number}"))
        await sees(pilot, "3 waiting · end follows")
        assert rows_in_view(pilot) == before
        await pilot.press("end")
        await sees(pilot, "device-103", "● following")


async def test_a_selected_row_stays_when_the_oldest_go(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        for number in range(1, 10_001):
            lab.feed.publish(granted(number, f"device-{number}"))
        await sees(pilot, "device-10000")
        await pilot.press("up")
        for number in range(10_001, 10_051):
            lab.feed.publish(granted(number, f"device-{number}"))
        await sees(pilot, "50 waiting")
        assert table_of(pilot).selected == 9_948
        assert line_with(pilot, "▌").split()[4] == "device-9999"


async def test_a_pause_holds_rows_back(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        await pilot.press("p")
        lab.feed.publish(granted(1))
        lab.feed.publish(handshake(2, HandshakeFailure.SILENCE))
        lab.feed.publish(handshake(2, HandshakeFailure.SILENCE, count=2))
        await sees(pilot, "paused · 2 waiting")
        assert "127.0.0.1" not in text_of(pilot)
        await pilot.press("p")
        await sees(pilot, "✓ granted", "✗ silence ×2", "following")


async def test_a_repeated_handshake_failure_counts_in_its_row(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(handshake(1, HandshakeFailure.UNKNOWN_ISSUER))
        await sees(pilot, "✗ issuer unknown")
        lab.feed.publish(handshake(1, HandshakeFailure.UNKNOWN_ISSUER, count=4))
        await sees(pilot, "✗ issuer unknown ×4")
        assert text_of(pilot).count("issuer unknown") == 1


async def test_the_filter_applies_as_it_is_typed_and_stays_in_view(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(granted(1, "printer-7"))
        lab.feed.publish(refused(2, RefusalReason.WRONG_CODE, "camera-9"))
        await sees(pilot, "printer-7", "camera-9")
        await pilot.press("slash")
        await types(pilot, "outcome:ref")
        await sees(pilot, "1 of 2 rows shown")
        assert "printer-7" not in text_of(pilot)
        await pilot.press("enter")
        assert pilot.app.focused is table_of(pilot)
        assert "/ outcome:ref" in text_of(pilot)
        lab.feed.publish(granted(3, "printer-8"))
        await sees(pilot, "1 of 3 rows shown")
        await pilot.press("escape")
        await sees(pilot, "printer-7", "printer-8")
        assert pilot.app.screen.query_one("#filter", Field).value == ""


async def test_a_filter_that_matches_nothing_says_so(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(granted(1))
        await pilot.press("slash")
        await types(pilot, "zzz")
        await sees(pilot, "No row here matches the filter. esc clears it; o reads older rows")
        for typed, said in (
            ("outcom:refused", "No row matches the filter: 'outcom:' is no term; the nearest one is"),
            ("outcome:banana", "'banana' is no outcome; there are granted,"),
            ("2001:db8::1", "No row here matches the filter. esc clears it"),
        ):
            await pilot.press("ctrl+u")
            await types(pilot, typed)
            await sees(pilot, said)


async def test_the_feed_is_not_flushed_in_the_threads_that_fill_it(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:

        def publish() -> None:
            for number in range(1, 501):
                lab.feed.publish(granted(number, f"device-{number}"))

        await asyncio.gather(*(asyncio.to_thread(publish) for _ in range(4)))
        await sees(pilot, "device-500")
        assert table_of(pilot).selected == 499


async def test_the_traffic_of_the_last_minutes_follows_the_clock(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_traffic, "LOOKS_EVERY", 0.05)
    clock = [NOON]
    lab.feed.publish(granted(1, at=NOON - timedelta(minutes=13)))
    async with console((120, 40), now=lambda: clock[0]) as pilot:
        lab.feed.publish(granted(2))
        lab.feed.publish(refused(3, RefusalReason.WRONG_CODE))
        lab.feed.publish(handshake(4, HandshakeFailure.SILENCE))
        lab.feed.publish(handshake(4, HandshakeFailure.SILENCE, count=3))
        await sees(pilot, "✓ 2 granted ▁█▁▁▁▁▁▁▁▁▁▁▁▁█  ✗ 1 refused ▁▁▁▁▁▁▁▁▁▁▁▁▁▁█  ✗ 3 handshakes")
        await sees(pilot, "since 12:00 ✓ 1 ✗ 1 TLS 3")
        clock[0] = NOON + timedelta(minutes=5)
        await sees(pilot, "✓ 1 granted ▁▁▁▁▁▁▁▁▁█▁▁▁▁▁")
        await pilot.resize_terminal(80, 24)
        await sees(pilot, "15 min  ✓ 1 granted ▁", "✗ 3 TLS")


async def test_the_filter_is_there_again_the_next_time(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    keys = console_keys()
    lab.feed.publish(granted(1, "printer-7"))
    lab.feed.publish(granted(2, "camera-9"))
    async with console(preferences=Preferences.load(path, bindings=keys, themes=THEMES)) as pilot:
        await sees(pilot, "printer-7", "camera-9")
        await types(pilot, "/printer")
        await pilot.press("enter")
        await until(pilot, lambda: path.exists() and 'filter = "printer"' in path.read_text())
        await types(pilot, "/-7")
        await sees(pilot, "/ printer-7")
        await pilot.press("ctrl+q")
    async with console(preferences=Preferences.load(path, bindings=keys, themes=THEMES)) as pilot:
        await sees(pilot, "/ printer-7", "1 of 2 rows shown")
        assert "camera-9" not in text_of(pilot)
        await pilot.press("escape")
        await sees(pilot, "camera-9")
        await until(pilot, lambda: 'filter = ""' in path.read_text())


async def test_o_reads_older_rows_from_disk_that_match(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_older, "BLOCK", 2)
    for number in range(6):
        enroll(lab, username=f"printer-{number}")
        enroll(lab, username=f"camera-{number}")
    feed = ActivityFeed(lab.feed.recent()[-2:])
    async with console(feed=feed) as pilot:
        await sees(pilot, "camera-5")
        await types(pilot, "/printer")
        await sees(pilot, "1 of 2 rows shown")
        await pilot.press("enter", "o")
        await sees(pilot, "2 older rows, back to", "o reads on", "printer-3", "1 of 2 rows shown")
        assert "printer-2" not in text_of(pilot)
        assert "printer-5" in line_with(pilot, "▌")
        await pilot.press("o")
        await sees(pilot, "4 older rows", "printer-1")
        await pilot.press("o")
        await sees(pilot, "5 older rows, and no more on disk match", "printer-0")
        assert "camera" not in text_of(pilot)
        await pilot.press("escape")
        await sees(pilot, "camera-5")
        assert "printer-4" not in text_of(pilot)
        await pilot.press("enter")
        await sees(pilot, "other rows")
        await pilot.press("ctrl+l")
        await sees(pilot, "The rows were taken off the screen. o reads older rows from disk.")
        assert "other rows" not in text_of(pilot)
        feed.publish(granted(1_000, "scanner"))
        await sees(pilot, "scanner", "● following")
        await pilot.press("o")
        await sees(pilot, "printer-5", "camera-5", "scanner", "2 older rows")


async def test_esc_stops_the_reading_of_older_rows_which_then_goes_on_from_there(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        enroll(lab, username=f"printer-{number}")
    search = Activities.search

    def slow(
        self: Activities,
        test: Callable[[Activity], bool],
        *,
        before: int | None,
        limit: int,
        stop: Callable[[], bool],
    ) -> tuple[Activity, ...]:
        """As from a disk that takes forever for every row after the first."""
        looked_at: list[Activity] = []

        def is_enough() -> bool:
            while looked_at and not stop():
                threading.Event().wait(0.001)
            return stop()

        return search(self, lambda row: looked_at.append(row) or test(row), before=before, limit=limit, stop=is_enough)

    async with console(feed=ActivityFeed(lab.feed.recent()[-1:])) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(Activities, "search", slow)
            await pilot.press("o")
            await sees(pilot, "reading older rows… esc stops")
            await pilot.press("escape")
            await sees(pilot, "1 older row, back to", "printer-1")
        assert "printer-0" not in text_of(pilot)
        await pilot.press("o")
        await sees(pilot, "2 older rows, and no more on disk", "printer-0")
