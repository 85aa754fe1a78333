"""Live, one row of it: its details, what puts it right, where it leads, and what of it is copied."""

from __future__ import annotations

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.model import EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.pki.certificates import certificate_pem
from screens.certificates import CertificatesScreen
from screens.details import Details
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.live import LiveScreen
from screens.show_text import ShowText
from tests.labs import add, certificate_of, enroll, entity_of, renew
from tests.screens.driving import OpenConsole, is_on, line_with, sees, shown_keys, table_of, text_of, types, until
from tests.screens.feeding import NOON, granted, handshake, refused


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
