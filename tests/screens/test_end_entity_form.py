"""The form of an end entity."""

from __future__ import annotations

from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.fields import Field
from screens.show_text import ShowText
from tests.labs import entity_of
from tests.screens.driving import (
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    sees,
    text_of,
    types,
    until,
)


async def to_form(pilot: ConsolePilot, key: str) -> None:
    await pilot.press("2")
    await is_on(pilot, EndEntitiesScreen)
    await sees(pilot, "registered_client")
    await pilot.press(key)
    await is_on(pilot, EndEntityForm)


def field(pilot: ConsolePilot, name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


def revealed(code: Secret | None) -> str:
    return code.reveal() if code else ""


async def test_a_new_one_needs_only_a_username(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "a")
        await types(pilot, "printer,7")
        await sees(pilot, "CN=printer\\,7", "encoded: CN printer,7", "••••••••••••••••")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        code = revealed(lab.administration.end_entities.code_of("printer,7"))
        assert len(code) == 16
        await sees(pilot, "The enrollment code of printer,7", "printer,7 is registered.")
        assert code not in text_of(pilot)
        await pilot.press("ctrl+r")
        await sees(pilot, code)
        await pilot.press("c")
        await sees(pilot, "✓ sent to the terminal")
        assert pilot.app.clipboard == code
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "printer,7" in line_with(pilot, "▌"))


async def test_the_code_is_hidden_until_it_is_asked_for(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_form(pilot, "a")
        await until(pilot, lambda: len(field(pilot, "code").value) == 16)
        first = field(pilot, "code").value
        assert first not in text_of(pilot)
        await pilot.press("ctrl+r")
        await sees(pilot, first)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: field(pilot, "code").value != first)
        await sees(pilot, field(pilot, "code").value)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: field(pilot, "code").value not in text_of(pilot))


async def test_what_is_rejected_stands_under_its_field(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "a")
        await types(pilot, "registered_client")
        await pilot.press("tab", "tab")
        await types(pilot, "dNSName=")
        await pilot.press(*["tab"] * 5)
        await types(pilot, "0")
        await pilot.press("tab", "tab")
        await types(pilot, "nowhere")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ registered_client is registered already", "✗ dNSName has no value", "✗ no alias nowhere")
        lines = text_of(pilot).splitlines()
        labels = [line.split("  ")[0].strip() for line in lines]
        assert "registered already" in lines[labels.index("username") + 1]
        assert "dNSName has no value" in lines[labels.index("alternative names") + 1]
        assert pilot.app.focused is field(pilot, "username")
        assert len(lab.administration.end_entities.all()) == 2


async def test_an_edit_checks_the_subject_as_it_is_typed_and_keeps_the_code(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "e")
        await sees(pilot, "Edit 123456789 · NEW", "kept as it is")
        assert field(pilot, "username").disabled
        await types(pilot, ",O=Lab,C=S")
        await sees(pilot, "✗ C takes a country code of two letters")
        await types(pilot, "E")
        await sees(pilot, "encoded: C SE → O Lab → CN 123456789")
        await pilot.press("ctrl+s")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "123456789 is saved")
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789,O=Lab,C=SE"
        assert revealed(lab.administration.end_entities.code_of("123456789")) == "password"


async def test_a_shown_code_can_be_taken_away(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "e")
        assert "password" not in text_of(pilot)
        await pilot.press("ctrl+r")
        await sees(pilot, "password")
        field(pilot, "code").focus()
        await pilot.press("end", "ctrl+u")
        await sees(pilot, "goes when this is saved")
        await pilot.press("ctrl+s")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "is saved")
        assert lab.administration.end_entities.code_of("123456789") is None


async def test_an_odd_code_warns_and_is_saved(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "a")
        await types(pilot, "odd")
        await until(pilot, lambda: field(pilot, "code").value)
        field(pilot, "code").focus()
        await pilot.press("end", "ctrl+u")
        await types(pilot, "abc")
        await sees(pilot, "▲ the specification's openssl.conf takes codes of 4 to 20")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        await sees(pilot, "takes codes of 4 to 20")
        assert revealed(lab.administration.end_entities.code_of("odd")) == "abc"


async def test_leaving_asks_only_if_something_changed(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_form(pilot, "a")
        await until(pilot, lambda: field(pilot, "code").value)
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        await types(pilot, ",O=Lab")
        await pilot.press("escape")
        await is_on(pilot, Confirm)
        await pilot.press("n")
        await is_on(pilot, EndEntityForm)
        assert field(pilot, "subject").value == "CN=123456789,O=Lab"
        await pilot.press("escape")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await is_on(pilot, EndEntitiesScreen)


async def test_a_conflict_is_shown_and_settled_by_the_operator(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "e")
        await types(pilot, ",O=Lab")
        lab.administration.end_entities.set_new("123456789")
        await pilot.press("ctrl+s")
        await is_on(pilot, ConflictDialog)
        await sees(pilot, "123456789 was changed at", "stored now  CN=123456789", "typed here  CN=123456789,O=Lab")
        await pilot.press("escape")
        await is_on(pilot, EndEntityForm)
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789"
        await pilot.press("ctrl+s")
        await is_on(pilot, ConflictDialog)
        await pilot.press("o")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "is saved")
        assert str(entity_of(lab, "123456789").subject) == "CN=123456789,O=Lab"


async def test_an_edit_of_what_was_deleted_says_so(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_form(pilot, "e")
        await types(pilot, ",O=Lab")
        entity = entity_of(lab, "123456789")
        lab.administration.end_entities.delete(entity.username, entity.revision)
        await pilot.press("ctrl+s")
        await sees(pilot, "was deleted meanwhile: nothing was saved")


async def test_another_screen_can_be_looked_at_while_a_form_is_open(console: OpenConsole) -> None:
    """Keys of screens are text in a field; the palette still goes there."""
    async with console() as pilot:
        await to_form(pilot, "a")
        await types(pilot, "1?27/")
        assert isinstance(pilot.app.screen, EndEntityForm)
        await pilot.app.run_action("app.show_screen('live')")
        await sees(pilot, "filter")
        await pilot.press("2")
        await is_on(pilot, EndEntityForm)
        assert field(pilot, "username").value == "1?27/"


async def test_a_subject_that_was_suggested_is_typed_on_behind_it(console: OpenConsole) -> None:
    async with console() as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "device-1")
        await sees(pilot, "CN=device-1")
        await pilot.press("tab")
        await types(pilot, ",O=Lab")
        await sees(pilot, "CN=device-1,O=Lab")
