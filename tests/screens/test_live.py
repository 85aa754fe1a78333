"""Live: following, pausing, filtering, details, and what is done from a row."""

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
from estconsole.domain.model import EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.pki.certificates import certificate_pem
from estconsole.preferences import Preferences
from screens import live_older, live_traffic
from screens.certificates import CertificatesScreen
from screens.details import Details
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.fields import Field
from screens.keymap import console_keys
from screens.live import LiveScreen
from screens.show_text import ShowText
from screens.themes import THEMES
from tests.labs import add, certificate_of, enroll, entity_of, renew
from tests.screens.driving import (
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    table_of,
    text_of,
    types,
    until,
)
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


async def test_details_show_every_check_and_tabs(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    async with console() as pilot:
        await sees(pilot, "✓ granted")
        await pilot.press("enter")
        await sees(pilot, "Every check passed.", "✓ ")
        await pilot.press("right")
        await sees(pilot, "challengePassword", "••••")
        assert "password\n" not in text_of(pilot)
        await pilot.press("right")
        await sees(pilot, "The client presented no certificate.")
        await pilot.press("right")
        await sees(pilot, "issuer", "CN=ManagementCA")
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.query_one(Details).display)
        assert pilot.app.focused is table_of(pilot)


async def test_a_refused_row_says_which_check_failed_and_what_to_do(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="wrong")
    async with console((120, 40)) as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("enter")
        await sees(pilot, "✗ code", "expected  the end entity's code", "came      another; 9 tries left", "not reached")
        await sees(pilot, RefusalReason.WRONG_CODE.value.sentence, RefusalReason.WRONG_CODE.value.source)


async def test_the_failed_check_is_in_view_however_low_the_terminal_is(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="wrong")
    async with console((60, 20)) as pilot:
        await sees(pilot, "✗ wrong")
        await pilot.press("enter")
        await sees(pilot, "✗ code")
        await pilot.resize_terminal(80, 24)
        await sees(pilot, "✗ code", "came      another; 9 tries left", "x set the code of 123456789")


async def test_the_raw_request_is_sealed_until_it_is_asked_for(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="a-planted-code")
    async with console((120, 40)) as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("enter")
        await sees(pilot, "expected")
        await pilot.press("left")
        await sees(pilot, "kept sealed")
        await pilot.press("ctrl+r")
        await sees(pilot, "a-planted-code")
        await pilot.press("ctrl+r")
        await sees(pilot, "kept sealed")
        assert "a-planted-code" not in text_of(pilot)


async def test_an_open_request_is_sealed_again_when_it_is_left(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="another")
    enroll(lab, code="a-planted-code")
    async with console((120, 40)) as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("enter", "left")
        for leave, back in (("escape", "enter"), ("left_square_bracket", "right_square_bracket"), ("2", "1")):
            await pilot.press("ctrl+r")
            await sees(pilot, "a-planted-code")
            await pilot.press(leave)
            await until(pilot, lambda: "a-planted-code" not in text_of(pilot))
            await pilot.press(back)
            await sees(pilot, "kept sealed")


async def test_details_stay_those_of_their_row_as_others_come(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.RENEWAL_SAME_KEY, "printer-7"))
        await sees(pilot, "printer-7", "● following")
        await pilot.press("enter")
        await sees(pilot, "Checks", "not following")
        lab.feed.publish(granted(2, "camera-9"))
        await sees(pilot, "1 waiting", RefusalReason.RENEWAL_SAME_KEY.value.sentence[:30])
        assert "printer-7" in line_with(pilot, "▌")
        await pilot.press("end")
        await sees(pilot, "Every check passed.", "● following")


async def test_brackets_go_to_other_rows_while_details_stay_open(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.RENEWAL_SAME_KEY, "printer-7"))
        lab.feed.publish(granted(2, "camera-9"))
        await sees(pilot, "camera-9")
        await pilot.press("enter")
        await sees(pilot, "Every check passed.", "[ ] other rows")
        await pilot.press("left_square_bracket")
        await sees(pilot, "✗ key reused ·", RefusalReason.RENEWAL_SAME_KEY.value.sentence[:30])
        assert "printer-7" in line_with(pilot, "▌")
        await pilot.press("right_square_bracket")
        await sees(pilot, "Every check passed.")


async def test_tab_goes_between_rows_and_details(console: OpenConsole, lab: Lab) -> None:
    lab.feed.publish(granted(1))
    async with console() as pilot:
        await sees(pilot, "✓ granted")
        await pilot.press("enter")
        details = pilot.app.screen.query_one(Details)
        await until(pilot, lambda: pilot.app.focused is details.tabs)
        await pilot.press("tab")
        assert pilot.app.focused is table_of(pilot)
        await pilot.press("tab")
        assert pilot.app.focused is details.tabs


async def test_details_stand_below_or_at_the_side(console: OpenConsole, lab: Lab) -> None:
    lab.feed.publish(granted(1))
    async with console() as pilot:
        await pilot.press("enter")
        details = pilot.app.screen.query_one(Details)
        for width, height, at_the_side in ((80, 24, False), (109, 30, False), (110, 30, True), (160, 50, True)):
            await pilot.resize_terminal(width, height)
            await until(pilot, lambda aside=at_the_side: (details.region.x > 0) is aside and details.region.height)


async def test_a_click_selects_and_another_opens(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(granted(1, "printer-7"))
        lab.feed.publish(granted(2, "camera-9"))
        await sees(pilot, "camera-9")
        await pilot.click("#activities", offset=(4, 1))
        await until(pilot, lambda: "printer-7" in line_with(pilot, "▌"))
        assert not pilot.app.screen.query_one(Details).display
        await pilot.click("#activities", offset=(4, 1))
        await until(pilot, lambda: pilot.app.screen.query_one(Details).display)


async def test_x_sets_an_entity_back_to_new_after_a_question(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    enroll(lab)
    assert entity_of(lab, "123456789").status is EntityStatus.GENERATED
    async with console() as pilot:
        await sees(pilot, "✗ not NEW", "x set NEW")
        await pilot.press("x")
        await is_on(pilot, Confirm)
        await sees(pilot, "Set 123456789 back to NEW?")
        await pilot.press("n")
        await is_on(pilot, LiveScreen)
        assert entity_of(lab, "123456789").status is EntityStatus.GENERATED
        await pilot.press("x")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "123456789 is NEW: it may enroll again.")
        assert entity_of(lab, "123456789").status is EntityStatus.NEW


async def test_x_registers_an_entity_that_is_not_there(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, username="newcomer")
    async with console() as pilot:
        await sees(pilot, "✗ not registered")
        await pilot.press("x")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "Add an end entity", "CN=newcomer")


async def test_a_masked_name_is_not_offered_for_registration(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.ENTITY_UNKNOWN, "CN=device,OU=••••"))
        await sees(pilot, "not registered")
        assert "live.fix" not in shown_keys(pilot.app)


async def test_x_on_a_wrong_code_edits_the_code(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="wrong")
    async with console() as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("x")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "Edit 123456789 · NEW")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "code")
        await types(pilot, "mended-code")
        await pilot.press("ctrl+s")
        await sees(pilot, "123456789 is saved")
        code = lab.administration.end_entities.code_of("123456789")
        assert code is not None
        assert code.reveal() == "mended-code"


async def test_x_on_a_code_that_was_wrong_too_often_sets_new(console: OpenConsole, lab: Lab) -> None:
    add(lab, "guessed", max_failed_logins="1")
    enroll(lab, username="guessed", code="wrong")
    assert entity_of(lab, "guessed").status is EntityStatus.GENERATED
    async with console() as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("x")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "guessed is NEW")


async def test_the_footer_and_the_details_say_what_the_fix_does(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.SERVERKEYGEN_DISABLED))
        await sees(pilot, "x edit alias")
        await pilot.press("enter")
        await sees(pilot, "x edit the alias est: Enable server side key generation")
        lab.feed.publish(handshake(2, HandshakeFailure.UNKNOWN_ISSUER))
        lab.feed.publish(refused(3, RefusalReason.BODY_NOT_BASE64))
        await sees(pilot, "2 waiting")
        await pilot.press("right_square_bracket")
        await sees(pilot, "x import CA", "x import the CA that issued it")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "live.fix" not in shown_keys(pilot.app) and "x import" not in text_of(pilot))


async def test_x_switches_est_on_again(console: OpenConsole, lab: Lab) -> None:
    lab.administration.server.switch_est(on=False)
    enroll(lab)
    async with console() as pilot:
        await sees(pilot, "✗ EST is off", "x EST on")
        await pilot.press("x")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "EST is on.")
        assert lab.administration.server.est_is_on()


async def test_a_read_only_console_offers_no_fix(console: OpenConsole, lab: Lab) -> None:
    enroll(lab, code="wrong")
    async with console(read_only=True) as pilot:
        await sees(pilot, "✗ wrong code")
        await pilot.press("enter")
        await sees(pilot, RefusalReason.WRONG_CODE.value.remedy)
        assert "set the code" not in text_of(pilot)
        assert "live.fix" not in shown_keys(pilot.app)


async def test_g_e_goes_to_the_end_entity(console: OpenConsole, lab: Lab) -> None:
    lab.feed.publish(granted(1, "registered_client"))
    async with console() as pilot:
        await pilot.press("g")
        await is_on(pilot, Menu)
        await pilot.press("e")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "registered_client" in line_with(pilot, "▌"))


async def test_g_offers_what_the_row_is_about_and_is_there(console: OpenConsole, lab: Lab) -> None:
    renew(lab, certificate_of(enroll(lab)))
    async with console() as pilot:
        await until(pilot, lambda: table_of(pilot).selected == 1)
        await pilot.press("g")
        await is_on(pilot, Menu)
        await sees(pilot, "e  end entity 123456789", "a  alias est", "c  certificate issued to CN=123456789")
        await sees(pilot, "p  certificate presented by CN=123456789", "i  issuing CA ManagementCA")
        await pilot.press("p")
        await is_on(pilot, CertificatesScreen)
        await until(pilot, lambda: table_of(pilot).selected == 1)
        await pilot.press("1")
        lab.feed.publish(handshake(1_000, HandshakeFailure.SILENCE))
        await sees(pilot, "✗ silence")
        await pilot.press("g")
        await sees(pilot, "Nothing that this row is about is on record here.")


async def test_g_e_at_once_goes_there_and_the_next_key_is_for_that_end_entity(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    lab.feed.publish(granted(1_000, "registered_client"))
    async with console() as pilot:
        await until(pilot, lambda: table_of(pilot).selected == 1)
        await types(pilot, "gen")
        await sees(pilot, "registered_client is NEW")
        assert entity_of(lab, "123456789").status is EntityStatus.GENERATED


async def test_c_copies_certificates_as_pem_and_the_shown_tab(console: OpenConsole, lab: Lab) -> None:
    issued = certificate_of(enroll(lab))
    renewed = certificate_of(renew(lab, issued))
    async with console((120, 40)) as pilot:
        await sees(pilot, "renew")
        for key, certificate in (("i", renewed), ("c", issued)):
            await types(pilot, f"c{key}")
            await is_on(pilot, ShowText)
            assert pilot.app.clipboard == certificate_pem(certificate)
            await pilot.press("escape")
        await pilot.press("enter")
        await sees(pilot, "Every check passed.", "✓ ")
        await types(pilot, "ct")
        await is_on(pilot, ShowText)
        assert "✓ " in pilot.app.clipboard
        assert "renew" in pilot.app.clipboard
        await pilot.press("escape", "left")
        await sees(pilot, "kept sealed")
        await types(pilot, "ct")
        await is_on(pilot, Menu)
        assert "tab" not in text_of(pilot).replace("table", "")


async def test_c_copies_what_the_row_can_give(console: OpenConsole, lab: Lab) -> None:
    activity = granted(1)
    lab.feed.publish(activity)
    async with console() as pilot:
        await pilot.press("c")
        await is_on(pilot, Menu)
        await pilot.press("r")
        await is_on(pilot, ShowText)
        await sees(pilot, activity.reference, "✓ sent to the terminal's clipboard")
        assert pilot.app.clipboard == activity.reference


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
