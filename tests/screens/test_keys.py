"""A walk over every screen and all that its keys open: what each key says of itself, the footer, and the help."""

from __future__ import annotations

import re

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import Footer, Static
from textual.widgets._footer import FooterKey

from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from screens.dialogs import Confirm
from screens.fields import Field
from screens.frame import PLACES, ConsoleScreen
from screens.help import HelpScreen, own_bindings
from screens.keymap import console_keys
from screens.keys import declared, keys_in, owners
from tests.labs import certificate_of, enroll
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, shown_keys, types, until
from tests.screens.feeding import refused

MOST_SHOWN = 7
SIZES = ((120, 40), (80, 24))
NOT_PRESSED = frozenset({"list.search", "list.back", "server.restart", "server.start_or_stop"})
"""Keys that open nothing and take long, or change nothing that this walk could see."""


def test_every_binding_says_what_it_is_and_what_it_does() -> None:
    """Of every screen, dialog and widget of this console, found by themselves."""
    assert len(console_keys().ids) > 100
    for kind in owners():
        for binding in vars(kind).get("BINDINGS", ()):
            assert isinstance(binding, Binding), (kind, binding)
            assert binding.id, (kind, binding)
            assert binding.description, binding
            assert binding.tooltip, binding
            assert not binding.tooltip.endswith("."), binding


def test_a_search_without_a_match_names_the_key_of_now_that_clears_it() -> None:
    for kind in owners():
        words = vars(kind).get("NO_MATCH", "")
        assert not re.search(r"\besc", words), kind
        assert all(declared(kind)[named].action == "back" for named in re.findall("{(.*?)}", words)), kind


async def check(pilot: ConsolePilot, *sizes: tuple[int, int]) -> None:
    """At each size the footer shows at most seven keys, whole."""
    for size in sizes or SIZES:
        await pilot.resize_terminal(*size)
        await check_here(pilot)


async def check_here(pilot: ConsolePilot) -> None:
    shown = shown_keys(pilot.app)
    where = pilot.app.screen
    assert len(shown) <= MOST_SHOWN, (where, shown)
    assert all(shown), (where, "a key without an id is shown")
    footers = where.query(Footer)
    if footers:
        await until(pilot, lambda: len(footers.first().query(FooterKey)) == shown_actions(pilot), f"{where}")
        last = list(footers.first().query(FooterKey))[-1]
        await until(pilot, lambda: 0 < last.region.right <= pilot.app.size.width, f"a whole footer on {where}")


def shown_actions(pilot: ConsolePilot) -> int:
    """What the footer has keys for: one for each action, even where two keys do the same."""
    bindings = [active.binding for active in pilot.app.screen.active_bindings.values()]
    return len({binding.action for binding in bindings if binding.show})


async def check_help(pilot: ConsolePilot) -> None:
    """The help of this screen names every key of it and of what stands on it."""
    nodes: list[DOMNode] = [pilot.app, pilot.app.screen, *pilot.app.screen.query("*")]
    expected = [binding for node in nodes for binding in own_bindings(node)]
    behind = pilot.app.screen
    await pilot.press("f1")
    await is_on(pilot, HelpScreen)
    text = " ".join(str(pilot.app.screen.query_one("#help-text", Static).content).split())
    assert not [binding.id for binding in expected if " ".join(binding.tooltip.split()) not in text]
    await check(pilot)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is behind)


async def settles(pilot: ConsolePilot) -> None:
    """Let what a key set going come to its end, or to its question."""
    await pilot.pause()
    await until(pilot, lambda: pilot.app.gate.is_open)
    await pilot.pause()


async def leaves_for(pilot: ConsolePilot, place: ConsoleScreen[None]) -> None:
    """Press escape until the place is in front again, and say yes where typed text would be lost."""
    for _ in range(6):
        if pilot.app.screen is place:
            return
        before = pilot.app.screen
        if before in pilot.app.places:
            key = next(key for key, mode, _ in PLACES if mode == place.PLACE)
        else:
            key = "y" if isinstance(before, Confirm) and before._title.startswith("Leave") else "escape"
        await pilot.press(key)
        await until(pilot, lambda before=before: pilot.app.screen is not before)
        await settles(pilot)
    pytest.fail(f"{pilot.app.screen} is not left by escape")


@pytest.mark.parametrize(("key", "mode"), [(key, mode) for key, mode, _ in PLACES])
async def test_every_key_of_every_screen(console: OpenConsole, lab: Lab, key: str, mode: str) -> None:
    certificate_of(enroll(lab))
    lab.feed.publish(refused(9_000, RefusalReason.ENTITY_NOT_OPEN))
    async with console((120, 40)) as pilot:
        await sees(pilot, "not NEW")
        place = next(place for place in pilot.app.places if mode == place.PLACE)
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.screen is place)
        await settles(pilot)
        await until(pilot, lambda: not hasattr(place, "rows") or len(place.rows))
        await check(pilot, *SIZES, (60, 24))
        await check_help(pilot)
        opened = 0
        for name, binding in declared(type(place)).items():
            action = binding.action.partition("(")[0]
            if name in NOT_PRESSED or "." in action or not place.check_action(action, ()):
                continue
            await pilot.press(keys_in(binding)[0])
            await settles(pilot)
            if pilot.app.screen is not place:
                opened += 1
                await check(pilot)
                if not isinstance(pilot.app.screen, ModalScreen):
                    await check_help(pilot)
                await leaves_for(pilot, place)
        assert opened


async def test_the_keys_of_live_while_it_is_filtered_and_while_details_are_open(console: OpenConsole, lab: Lab) -> None:
    lab.feed.publish(refused(1, RefusalReason.ENTITY_NOT_OPEN))
    async with console() as pilot:
        await sees(pilot, "not NEW")
        await pilot.press("enter")
        await sees(pilot, "Checks")
        await check(pilot)
        await pilot.press("escape", "slash")
        await check(pilot)
        await types(pilot, "outcome:ref")
        await pilot.press("enter")
        await until(pilot, lambda: "live.fix" in shown_keys(pilot.app))
        await check(pilot)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not pilot.app.screen.query_one("#filter", Field).value)
