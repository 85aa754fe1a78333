"""A walk over every screen: what each key says of itself, what the footer shows, and what the help lists."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Footer, Static
from textual.widgets._footer import FooterKey

from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.fields import Field
from screens.help import HelpScreen, own_bindings
from screens.server import ServerScreen
from screens.show_text import ShowText
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, shown_keys, types, until
from tests.screens.feeding import refused

MOST_SHOWN = 7
SIZES = ((120, 40), (80, 24))


def nodes_in(pilot: ConsolePilot) -> list[DOMNode]:
    return [pilot.app, pilot.app.screen, *pilot.app.screen.query("*")]


def declared(node: DOMNode) -> list[object]:
    """Every binding that this console's own classes declare for a node, whatever it says of itself."""
    ours = [kind for kind in type(node).__mro__ if kind.__module__.startswith(("screens", "estconsole"))]
    return [binding for kind in ours for binding in kind.__dict__.get("BINDINGS", ())]


async def check(pilot: ConsolePilot, *sizes: tuple[int, int]) -> None:
    """At each size, every binding says what it does, and the footer shows at most seven, whole."""
    for size in sizes or SIZES:
        await pilot.resize_terminal(*size)
        await check_here(pilot)


async def check_here(pilot: ConsolePilot) -> None:
    for node in nodes_in(pilot):
        for binding in declared(node):
            assert isinstance(binding, Binding), (node, binding)
            assert binding.id, binding
            assert binding.description, binding
            assert binding.tooltip, binding
    shown = shown_keys(pilot.app)
    assert len(shown) <= MOST_SHOWN, shown
    assert all(shown), "a key without an id is shown"
    footers = pilot.app.screen.query(Footer)
    if footers:
        await until(pilot, lambda: len(footers.first().query(FooterKey)) == len(shown), f"footer of {shown}")
        last = list(footers.first().query(FooterKey))[-1]
        await until(pilot, lambda: 0 < last.region.right <= pilot.app.size.width)


async def check_help(pilot: ConsolePilot) -> None:
    """The help of this screen names every key of it and of what stands on it."""
    expected = [binding for node in nodes_in(pilot) for binding in own_bindings(node)]
    behind = type(pilot.app.screen)
    await pilot.press("f1")
    await is_on(pilot, HelpScreen)
    text = str(pilot.app.screen.query_one("#help-text", Static).content)
    missing = [binding.id for binding in expected if " ".join(binding.tooltip.split()) not in " ".join(text.split())]
    assert not missing
    await check(pilot)
    await pilot.press("escape")
    await is_on(pilot, behind)


async def test_every_screen(console: OpenConsole, lab: Lab) -> None:
    lab.feed.publish(refused(1, RefusalReason.ENTITY_NOT_OPEN))
    async with console() as pilot:
        await sees(pilot, "not NEW")
        await check(pilot)
        await check_help(pilot)
        await pilot.press("enter")
        await sees(pilot, "Checks")
        await check(pilot)
        await pilot.press("escape", "slash")
        await check(pilot)
        await types(pilot, "outcome:ref")
        await pilot.press("enter")
        await until(pilot, lambda: "live.fix" in shown_keys(pilot.app))
        await check(pilot)
        await pilot.press("enter")
        await check(pilot)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not pilot.app.screen.query_one("#filter", Field).value)
        await visits(pilot, ["x"], Confirm, "escape")
        await visits(pilot, ["g"], Menu, "escape")
        await visits(pilot, ["2"], EndEntitiesScreen, "")
        await sees(pilot, "registered_client")
        await check(pilot, *SIZES, (60, 24))
        await check_help(pilot)
        await visits(pilot, ["c", "u"], ShowText, "escape")
        await visits(pilot, ["e"], EndEntityForm, "")
        await check_help(pilot)
        await pilot.press("escape")
        await visits(pilot, ["7"], ServerScreen, "")
        await check_help(pilot)


async def visits(pilot: ConsolePilot, keys: list[str], kind: type, leave: str) -> None:
    behind = type(pilot.app.screen)
    for key in keys:
        await pilot.press(key)
    await is_on(pilot, kind)
    await check(pilot)
    if leave:
        await pilot.press(leave)
        await is_on(pilot, behind)
