"""End entities: the list and the acts on it."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from estconsole.domain.model import EndEntity, EntityStatus
from estconsole.lab import Lab
from screens.authorities import AuthoritiesScreen
from screens.command_card import CommandCard
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.entity_history import EntityHistoryScreen
from screens.file_prompt import FilePrompt
from screens.show_text import ShowText
from tests.labs import add, enroll, entity_of
from tests.screens.driving import (
    SECONDS,
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    table_of,
    text_of,
    to_list,
    types,
    until,
)


async def test_the_list_shows_each_with_its_status_in_words(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        assert "○ GENERATED" in line_with(pilot, "CN=123456789")
        assert "0 left" in line_with(pilot, "CN=123456789")
        assert line_with(pilot, "CN=registered_client").split()[2:] == ["●", "NEW", "1", "left", "–"]


async def test_the_search_applies_as_it_is_typed(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("slash")
        await types(pilot, "regi")
        await sees(pilot, "1 of 2 shown")
        assert "123456789" not in text_of(pilot)
        await types(pilot, "zz")
        await sees(pilot, "No end entity matches")
        await pilot.press("escape")
        await sees(pilot, "123456789", "2 registered")


async def test_a_change_from_elsewhere_appears_and_nothing_jumps(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("down")
        await until(pilot, lambda: "registered_client" in line_with(pilot, "▌"))
        add(lab, "aaa-first")
        await sees(pilot, "aaa-first")
        assert "registered_client" in line_with(pilot, "▌")


async def test_a_click_on_the_selected_one_edits_it(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.click("#records", offset=(4, 1))
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "Edit 123456789")


async def test_a_change_behind_another_screen_is_there_on_return(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("1")
        add(lab, "meanwhile")
        await pilot.press("2")
        await sees(pilot, "meanwhile", "3 registered")


async def test_n_sets_new(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("n")
        await sees(pilot, "123456789 is NEW: 1 request left")
        await until(pilot, lambda: "● NEW" in line_with(pilot, "CN=123456789"))
        assert entity_of(lab, "123456789").status is EntityStatus.NEW
        await pilot.press("u")
        await until(pilot, lambda: "○ GENERATED" in line_with(pilot, "CN=123456789"))
        assert entity_of(lab, "123456789").remaining_requests == 0


async def test_delete_names_what_goes_and_asks(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await sees(pilot, "Delete 123456789?", "Its registration and its code go.")
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        assert entity_of(lab, "123456789")
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "123456789 is deleted.", "1 registered")
        assert lab.administration.end_entities.get("123456789") is None


async def test_delete_of_what_was_changed_meanwhile_is_not_done(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("d")
        await is_on(pilot, Confirm)
        lab.administration.end_entities.set_new("123456789")
        await pilot.press("y")
        await sees(pilot, "was changed meanwhile")
        assert entity_of(lab, "123456789")


async def test_c_copies_and_shows(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        for key, text, shown in (
            ("u", "123456789", "123456789"),
            ("s", "CN=123456789", "CN=123456789"),
            ("c", "password", "••••"),
        ):
            await pilot.press("c")
            await is_on(pilot, Menu)
            assert "password" not in text_of(pilot)
            await pilot.press(key)
            await is_on(pilot, ShowText)
            await sees(pilot, shown, "✓ sent to the terminal")
            assert pilot.app.clipboard == text
            assert "password" not in text_of(pilot), "a code that is copied stays hidden (B-45)"
            await pilot.press("escape")
            await is_on(pilot, EndEntitiesScreen)
            assert pilot.app.focused is table_of(pilot)


async def puts_into_the_lab(pilot: ConsolePilot) -> None:
    """Give the selected one O=Lab."""
    await pilot.press("e")
    await is_on(pilot, EndEntityForm)
    await types(pilot, ",O=Lab")
    await pilot.press("ctrl+s")
    await is_on(pilot, EndEntitiesScreen)
    await sees(pilot, "is saved")


async def test_u_takes_the_last_edit_back_with_its_code(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        await types(pilot, ",O=Lab")
        await pilot.press("ctrl+g")
        await sees(pilot, "••••••••")
        await pilot.press("ctrl+s")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "123456789 is saved; u takes it back.", "CN=123456789,O=Lab")
        code = lab.administration.end_entities.code_of("123456789")
        assert code is not None
        assert code.reveal() != "password"
        await pilot.press("u")
        await sees(pilot, "is as it was before the edit")
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789"
        code = lab.administration.end_entities.code_of("123456789")
        assert code is not None
        assert code.reveal() == "password"


async def test_u_leaves_what_was_changed_since(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await puts_into_the_lab(pilot)
        lab.administration.end_entities.set_new("123456789")
        await pilot.press("u")
        await sees(pilot, "was changed since")
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789,O=Lab"


async def test_a_form_opens_with_what_is_stored_even_where_the_list_is_behind(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit right after another one is no edit of the state before it, and no conflict."""
    may_read = threading.Event()
    may_read.set()
    all_of = lab.administration.end_entities.all

    def late() -> tuple[EndEntity, ...]:
        assert may_read.wait(SECONDS)
        return all_of()

    monkeypatch.setattr(lab.administration.end_entities, "all", late)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        may_read.clear()
        await puts_into_the_lab(pilot)
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "CN=123456789,O=Lab")
        may_read.set()


async def test_a_lab_without_end_entities_teaches(console: OpenConsole, lab: Lab) -> None:
    for entity in lab.administration.end_entities.all():
        lab.administration.end_entities.delete(entity.username, entity.revision)
    async with console() as pilot:
        await pilot.press("2")
        await sees(pilot, "No end entities yet. a registers one")


async def test_keys_that_follow_d_at_once_are_for_its_question(console: OpenConsole, lab: Lab) -> None:
    enroll(lab)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "dnd")
        await is_on(pilot, Confirm)
        await sees(pilot, "Delete 123456789?")
        assert entity_of(lab, "123456789").status is EntityStatus.GENERATED
        await types(pilot, "y")
        await sees(pilot, "123456789 is deleted.")


async def test_a_form_is_opened_once_and_takes_what_is_typed_behind_its_key(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "aan")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "CN=an")
        assert len(pilot.app.screen_stack) == 2
        await pilot.press("escape", "y")
        await is_on(pilot, EndEntitiesScreen)
        pilot.app.lists["end_entities"].add("one")
        pilot.app.lists["end_entities"].add("another")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "CN=one")
        assert len(pilot.app.screen_stack) == 2


async def test_c_u_copies_and_undoes_nothing(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        await types(pilot, ",O=Lab")
        await pilot.press("ctrl+s")
        await sees(pilot, "is saved; u takes it back.")
        await types(pilot, "cuu")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == "123456789"
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789,O=Lab"


async def test_a_clone_begins_like_the_other_and_the_next_one_like_the_clone(console: OpenConsole, lab: Lab) -> None:
    add(lab, "0-first", subject="CN=0-first,O=Lab,C=SE", allowed_requests="3", aliases=("est",))
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("l")
        await is_on(pilot, EndEntityForm)
        await sees(pilot, "CN=0-first,O=Lab,C=SE", "••••••••••••••••")
        await types(pilot, "0-second")
        await sees(pilot, "CN=0-second,O=Lab,C=SE")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        clone = entity_of(lab, "0-second")
        assert str(clone.subject) == "CN=0-second,O=Lab,C=SE"
        assert (clone.allowed_requests, clone.aliases) == (3, entity_of(lab, "0-first").aliases)
        assert revealed(lab, "0-second") not in ("", "password")
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "0-third")
        await sees(pilot, "CN=0-third")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        third = entity_of(lab, "0-third")
        assert (str(third.subject), third.allowed_requests, third.aliases) == ("CN=0-third", 3, clone.aliases)


async def test_a_code_is_shown_when_asked_for_written_replaced_and_taken_back(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    written = tmp_path / "code"
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("ctrl+r")
        await is_on(pilot, ShowText)
        await sees(pilot, "password")
        await pilot.press("w")
        await is_on(pilot, FilePrompt)
        await pilot.press("ctrl+u")
        await types(pilot, str(written))
        await pilot.press("enter")
        await sees(pilot, "✓ written to")
        assert (written.read_text(), stat.S_IMODE(written.stat().st_mode)) == ("password\n", 0o600)
        await pilot.press("escape", "ctrl+g")
        await sees(pilot, "••••", "has another code", "m shows how the device sends it")
        assert revealed(lab, "123456789") not in ("password", *text_of(pilot).split())
        await pilot.press("escape", "u")
        await sees(pilot, "is as it was before the edit")
        assert revealed(lab, "123456789") == "password"


async def test_the_command_card_has_the_code_only_when_asked_and_g_goes_on(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("m")
        await sees(pilot, "The server does not serve")
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "m1")
        await is_on(pilot, CommandCard)
        await sees(pilot, "challengePassword = <its enrollment code>", "openssl req -new", "c copy")
        await pilot.press("ctrl+r")
        await sees(pilot, "challengePassword = password", "take the code out")
        await pilot.press("ctrl+r", "c")
        await is_on(pilot, ShowText)
        assert "0.CN = 123456789" in pilot.app.clipboard
        assert "password" not in pilot.app.clipboard
        await pilot.press("escape", "escape")
        await types(pilot, "gi")
        await is_on(pilot, AuthoritiesScreen)


async def test_a_read_only_console_offers_no_act_and_no_code(console: OpenConsole, lab: Lab) -> None:
    async with console((120, 40), read_only=True) as pilot:
        await to_list(pilot, EndEntitiesScreen)
        assert not {"entities.edit", "entities.set_new", "entities.revoke"} & {*shown_keys(pilot.app)}
        await sees(pilot, "there is one, sealed")
        assert "shows it" not in text_of(pilot)
        await pilot.click("#records", offset=(4, 1))
        await types(pilot, "nraeldi")
        await pilot.press("ctrl+r", "ctrl+g", "c")
        await is_on(pilot, Menu)
        assert "enrollment code" not in text_of(pilot)
        assert entity_of(lab, "123456789").revision == 0
        await pilot.press("escape", "h")
        await is_on(pilot, EntityHistoryScreen)


def revealed(lab: Lab, username: str) -> str:
    code = lab.administration.end_entities.code_of(username)
    return code.reveal() if code else ""
