"""The command palette: every action of every screen, and a jump to any record."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from textual.command import CommandList, CommandPalette

from estconsole.lab import Lab
from estconsole.messages import OpenRecord
from estconsole.server_control import ServerPhase
from screens import palette
from screens.aliases import AliasesScreen
from screens.certificate_page import CertificatePage
from screens.certificates import CertificatesScreen
from screens.dialogs import Menu
from screens.end_entities import EndEntitiesScreen
from screens.keys import declared
from screens.live import LiveScreen
from screens.palette import Target, _best, console_commands
from screens.server import ServerScreen
from server.service import EstService
from tests.labs import add, certificate_of, enroll, reason_of, unregister
from tests.screens.driving import SECONDS, ConsolePilot, OpenConsole, is_on, line_with, sees, text_of, types, until


async def asks(pilot: ConsolePilot, text: str) -> None:
    await pilot.press("ctrl+p")
    await is_on(pilot, CommandPalette)
    await types(pilot, text)


async def test_it_offers_what_each_screen_can_do_and_does_it_there(console: OpenConsole, service: EstService) -> None:
    async with console((100, 40)) as pilot:
        offered = {command.title for command in console_commands(pilot.app, pilot.app.screen)}
        for place in pilot.app.places:
            for name, binding in declared(type(place)).items():
                is_here = place is pilot.app.screen or name.startswith("list.")
                assert is_here or any(title.endswith(binding.tooltip) for title in offered), name
        await asks(pilot, "server stop it")
        await sees(pilot, "Server · Start the server, or stop it")
        await pilot.press("enter")
        await is_on(pilot, ServerScreen)
        await until(pilot, lambda: service.state.phase is ServerPhase.SERVING)


async def test_it_says_where_there_is_no_record_for_an_action(console: OpenConsole, lab: Lab) -> None:
    for entity in lab.administration.end_entities.all():
        unregister(lab, entity.username)
    async with console((100, 40)) as pilot:
        await asks(pilot, "Entities · Delete")
        await sees(pilot, "Delete this end entity")
        await pilot.press("enter")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "There is nothing here to do that with.")


async def test_it_jumps_to_the_record_that_matches_best_among_many(console: OpenConsole, lab: Lab) -> None:
    for number in range(60):
        add(lab, f"a-device-{number:02}")
    add(lab, "device-47")
    async with console((100, 40)) as pilot:
        await asks(pilot, "device-47\r")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "device-47" in line_with(pilot, "▌"))


async def test_enter_waits_until_it_has_looked_everywhere(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came first is no better for it."""
    may_look = threading.Event()

    def late(targets: Sequence[Target], query: str) -> list[Target]:
        assert may_look.wait(SECONDS)
        return _best(targets, query)

    monkeypatch.setattr(palette, "_best", late)
    add(lab, "pause")
    async with console((100, 40)) as pilot:
        await asks(pilot, "pause\r")
        await until(pilot, lambda: pilot.app.screen.query_one(CommandList).highlighted == 0)
        assert "end entity pause" not in text_of(pilot)
        may_look.set()
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "pause" in line_with(pilot, "▌"))


def test_records_are_found_by_a_part_of_their_name_the_nearest_first() -> None:
    names = ["x-device-1", "Device-10", "device-1", "printer"]
    targets = [Target("end entity", name, OpenRecord("end_entities", name)) for name in names]
    assert [target.name for target in _best(targets, "DEVICE-1")] == ["device-1", "Device-10", "x-device-1"]


async def test_an_action_of_a_list_closes_the_page_that_stands_on_it(console: OpenConsole, lab: Lab) -> None:
    certificate_of(enroll(lab))
    async with console((100, 40)) as pilot:
        await pilot.press("6")
        await is_on(pilot, CertificatesScreen)
        await sees(pilot, "CN=123456789")
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        await asks(pilot, "Certificates · Show those that expire")
        await sees(pilot, "are revoked, or are for CAs")
        await pilot.press("enter")
        await is_on(pilot, Menu)
        await pilot.press("escape")
        await is_on(pilot, CertificatesScreen)


@pytest.mark.parametrize("by", ["serial", "sha256"])
async def test_it_jumps_to_a_certificate(console: OpenConsole, lab: Lab, by: str) -> None:
    certificate_of(enroll(lab))
    issued = lab.administration.certificates.of_entity("123456789")[0]
    async with console((100, 40)) as pilot:
        await asks(pilot, f"{issued.serial:x}" if by == "serial" else issued.sha256)
        await sees(pilot, "certificate CN=123456789")
        await pilot.press("enter")
        await is_on(pilot, CertificatesScreen)
        await until(pilot, lambda: pilot.app.screen.selected == issued)  # type: ignore[attr-defined]


async def test_it_finds_the_row_of_a_reference_and_an_alias_by_name(console: OpenConsole, lab: Lab) -> None:
    """B-24: what a refused client was told."""
    reason_of(enroll(lab, code="wrong"))
    reason_of(enroll(lab, code="wrong again"))
    reference = lab.feed.recent()[0].reference
    async with console((100, 40)) as pilot:
        await sees(pilot, "wrong code")
        await asks(pilot, reference.lower())
        await sees(pilot, f"request {reference}")
        await pilot.press("enter")
        await is_on(pilot, LiveScreen)
        await sees(pilot, "1 of 2 rows shown")
        await asks(pilot, "estvendor")
        await sees(pilot, "alias estvendor")
        await pilot.press("enter")
        await is_on(pilot, AliasesScreen)
        await until(pilot, lambda: "estvendor" in line_with(pilot, "▌"))


async def test_a_read_only_console_offers_no_change(console: OpenConsole) -> None:
    async with console((100, 40), read_only=True) as pilot:
        await sees(pilot, "demo lab · read-only")
        titles = [command.title for command in console_commands(pilot.app, pilot.app.screen)]
        for place in pilot.app.places:
            for name, binding in declared(type(place)).items():
                changes = binding.action.partition("(")[0] in place.CHANGES
                assert not (changes and any(title.endswith(binding.tooltip) for title in titles)), name
