"""Aliases: the list, what it says of each, and the operator's acts on them."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from pathlib import Path

from estconsole.domain.alias_options import alias_options
from estconsole.lab import Lab
from screens.alias_form import AliasForm
from screens.aliases import AliasesScreen
from screens.authorities import AuthoritiesScreen
from screens.dialogs import Confirm, Menu, Notice, Prompt
from screens.end_entities import EndEntitiesScreen
from screens.show_text import ShowText
from tests.interop.programs import needs
from tests.labs import CODE, add, entity_of, save_alias, unregister
from tests.screens.driving import (
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    text_of,
    to_list,
    types,
    until,
)
from tests.support import csr_der


async def test_the_list_says_what_devices_bring_and_the_pane_all_of_it(console: OpenConsole, lab: Lab) -> None:
    save_alias(lab, "bare")
    add(lab, "meter", aliases=("estvendor",))
    async with console() as pilot:
        await to_list(pilot, AliasesScreen)
        await sees(pilot, "3 aliases")
        assert "▲ incomplete       client –            ▲ 2 warnings" in line_with(pilot, "▌bare")
        assert "code in CSR        client ManagementCA ● complete" in line_with(pilot, " est ")
        assert line_with(pilot, " estvendor ").split()[-1] == "1"
        await sees(pilot, "▲ bare names no CA", "· Every initial request is refused")
        await pilot.press("J", "J", "J")
        await sees(pilot, "EST Operational Mode", "CN · not used: no Authentication")
        await pilot.press("down", "down")
        await sees(pilot, "(B-8).", "/.well-known/est/estvendor/simpleenroll with a certificate")
        await pilot.resize_terminal(170, 50)
        await sees(pilot, "1 end entity names it; 2 that name none", "none · not used: vendor", "CA Name  ManagementCA")
        await pilot.press("slash")
        await types(pilot, "sub ca")
        await sees(pilot, "1 of 3 shown")


async def test_a_clone_has_every_option_but_the_name(console: OpenConsole, lab: Lab) -> None:
    save_alias(lab, "estvendor", authenticationmodule="ChallengePwd")
    async with console() as pilot:
        await to_list(pilot, AliasesScreen)
        await types(pilot, "Gl")
        await is_on(pilot, AliasForm)
        await sees(pilot, "Add an alias like estvendor")
        await types(pilot, "estvendor-2")
        await pilot.press("ctrl+s")
        await sees(pilot, "Save estvendor-2?", "which opens est without any vendor")
        await pilot.press("y")
        await is_on(pilot, AliasesScreen)
        await sees(pilot, "estvendor-2 is added")
        options = {alias.name: alias_options(alias) for alias in lab.administration.aliases.all()}
        assert options["estvendor-2"] == options["estvendor"]


async def test_a_renamed_one_keeps_its_entities_and_u_takes_it_back(console: OpenConsole, lab: Lab) -> None:
    add(lab, "meter", aliases=("est",))
    async with console() as pilot:
        await to_list(pilot, AliasesScreen)
        await pilot.press("m")
        await is_on(pilot, Prompt)
        await pilot.press("ctrl+u")
        await types(pilot, "a/b")
        await pilot.press("enter")
        await sees(pilot, "✗ 1 to 32 letters, digits")
        await pilot.press("ctrl+u")
        await types(pilot, "estvendor")
        await pilot.press("enter")
        await sees(pilot, "est keeps its name: an alias estvendor is there already.")
        await pilot.press("m", "ctrl+u")
        await types(pilot, "factory")
        await pilot.press("enter")
        await is_on(pilot, Notice)
        await sees(pilot, "est is factory now; u takes it back.", "▲ URLs without a label serve the alias est")
        await pilot.press("escape")
        await until(pilot, lambda: line_with(pilot, "▌factory").split()[-1:] == ["1"])
        await pilot.press("u")
        await sees(pilot, "est is as it was before the edit.")
        assert {alias.name for alias in lab.administration.aliases.all()} == {"est", "estvendor"}


async def test_removing_names_what_goes_and_keeps_what_is_needed(console: OpenConsole, lab: Lab) -> None:
    add(lab, "meter", aliases=("est",))
    async with console() as pilot:
        await to_list(pilot, AliasesScreen)
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await sees(pilot, "Remove est?", "1 end entity that may use no other alias: meter", "URLs without a label need")
        await pilot.press("y")
        await sees(pilot, "est stays: 1 end entity may use no other alias")
        unregister(lab, "meter")
        await pilot.press("d")
        await is_on(pilot, Confirm)
        assert "meter" not in text_of(pilot)
        await pilot.press("n", "d")
        await is_on(pilot, Confirm)
        save_alias(lab, "est", severkeygenenabled="true")
        await pilot.press("y")
        await sees(pilot, "est was changed meanwhile: look again, nothing was done.")
        await until(pilot, lambda: "on" in line_with(pilot, "▌est").split())
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "est is removed.", "1 alias")


async def test_an_empty_list_teaches_and_g_goes_where_the_alias_points(console: OpenConsole, lab: Lab) -> None:
    add(lab, "meter", aliases=("est",))
    async with console() as pilot:
        await to_list(pilot, AliasesScreen)
        await pilot.press("g")
        await is_on(pilot, Menu)
        await sees(pilot, "i  CA ManagementCA", "e  end entity meter", "f  end entity 123456789, which may use any")
        await pilot.press("e")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "meter" in line_with(pilot, "▌"))
        entity = entity_of(lab, "meter")
        lab.administration.end_entities.delete("meter", entity.revision)
        await pilot.press("3")
        await is_on(pilot, AliasesScreen)
        await until(pilot, lambda: line_with(pilot, "▌est").split()[-1:] == ["–"], "nobody is bound any more")
        await pilot.press("g", "i")
        await is_on(pilot, AuthoritiesScreen)
        await until(pilot, lambda: "ManagementCA" in line_with(pilot, "▌"))
        for alias in lab.administration.aliases.all():
            lab.administration.aliases.remove(alias.name, alias.revision)
        await pilot.press("3")
        await sees(pilot, "No aliases yet. a adds one")


@needs("curl")
async def test_the_copied_commands_enroll_a_device(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    pem = lab.administration.authorities.pem("ManagementCA")
    assert pem is not None
    (tmp_path / "ca.cacert.pem").write_text(pem)
    (tmp_path / "device.b64").write_bytes(base64.encodebytes(csr_der("CN=123456789", code=CODE)))
    async with console(start_server=True) as pilot:
        await sees(pilot, "serving")
        await to_list(pilot, AliasesScreen)
        for key, answer in (("A", "cacerts-p7.b64"), ("E", "device-p7.b64")):
            await pilot.press("c")
            await is_on(pilot, Menu)
            await pilot.press(key)
            await is_on(pilot, ShowText)
            command = ["sh", "-c", pilot.app.clipboard + " -sS"]
            ended = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True)
            assert ended.returncode == 0, ended.stderr
            assert base64.b64decode((tmp_path / answer).read_text())
            await pilot.press("escape")
            await is_on(pilot, AliasesScreen)
        assert entity_of(lab, "123456789").status.name == "GENERATED"


async def test_a_read_only_console_shows_and_changes_nothing(console: OpenConsole) -> None:
    async with console(read_only=True) as pilot:
        await to_list(pilot, AliasesScreen)
        await pilot.press("enter", "a", "l", "d", "m")
        assert isinstance(pilot.app.screen, AliasesScreen)
        assert not {"aliases.add", "aliases.edit", "aliases.remove"} & set(shown_keys(pilot.app))
        await pilot.click("#records", offset=(4, 1))
        await pilot.press("c", "n")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == "est"
