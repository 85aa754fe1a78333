"""Colours: what is chosen is remembered; the terminal's own, or none at all, leave everything to be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.command import CommandPalette

from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.preferences import Preferences
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.keymap import console_keys
from screens.themes import THEMES, wants_no_colour
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, types, until
from tests.screens.feeding import refused


def segments(pilot: ConsolePilot) -> Iterator[Segment]:
    for strip in pilot.app.screen._compositor.render_strips():
        yield from strip


def styled(pilot: ConsolePilot, attribute: str) -> str:
    """What the screen shows with this attribute."""
    shown = [segment.text for segment in segments(pilot) if segment.style and getattr(segment.style, attribute)]
    return " ".join(" ".join(shown).split())


def colours(pilot: ConsolePilot) -> set[str]:
    """The colours that the screen has, but for the terminal's own of text and ground."""
    styles = [segment.style for segment in segments(pilot) if segment.style]
    named = [colour for style in styles for colour in (style.color, style.bgcolor) if colour and not colour.is_default]
    return {colour.name for colour in named}


async def test_a_theme_that_is_chosen_is_there_the_next_time(console: OpenConsole, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    def preferences() -> Preferences:
        return Preferences.load(path, bindings=console_keys(), themes=THEMES)

    async with console((100, 40), preferences=preferences()) as pilot:
        assert pilot.app.theme == "estconsole"
        await pilot.press("ctrl+p")
        await is_on(pilot, CommandPalette)
        await types(pilot, "Theme\r")
        await sees(pilot, "ansi-light", "gruvbox")
        await types(pilot, "ansi-dark\r")
        await until(pilot, lambda: pilot.app.theme == "ansi-dark")
        await until(pilot, lambda: path.exists() and preferences().theme == "ansi-dark")
    async with console(preferences=preferences()) as pilot:
        assert pilot.app.theme == "ansi-dark"


@pytest.mark.parametrize("theme", ["ansi-dark", ""])
async def test_what_is_selected_and_in_front_is_seen_without_shades(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    preferences = Preferences.in_memory()
    if theme:
        preferences.remember_theme(theme)
    else:
        monkeypatch.setenv("NO_COLOR", "1")
    lab.feed.publish(refused(1, RefusalReason.ENTITY_NOT_OPEN))
    async with console(preferences=preferences) as pilot:
        await sees(pilot, "✗ not NEW", "○ stopped")
        assert "✗ not NEW" in styled(pilot, "reverse")
        assert bool(colours(pilot)) == bool(theme)
        await pilot.press("g")
        await is_on(pilot, Menu)
        await sees(pilot, "✗ not NEW")
        assert styled(pilot, "underline") == "e end entity 123456789"
        assert theme or not colours(pilot)
        await pilot.press("escape", "enter")
        await sees(pilot, "Checks")
        assert "Checks" in styled(pilot, "underline")
        await pilot.press("escape", "2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "● NEW")
        assert "123456789" in styled(pilot, "reverse")
        assert "2 Entities" in styled(pilot, "bold")
        await pilot.press("slash")
        assert styled(pilot, "reverse")
        await pilot.press("escape", "d")
        await is_on(pilot, Confirm)
        await sees(pilot, "+--", "2 registered", "Delete 123456789?")
        assert "n Keep" in styled(pilot, "reverse")
        assert theme or not colours(pilot)
        await pilot.press("n", "ctrl+p")
        await is_on(pilot, CommandPalette)
        assert theme or styled(pilot, "underline")
        assert theme or not colours(pilot)
    assert preferences.theme == (theme or "estconsole")


def test_no_colour_is_wanted_where_the_variable_says_something() -> None:
    assert wants_no_colour({"NO_COLOR": "0"})
    assert not wants_no_colour({"NO_COLOR": ""})
    assert not wants_no_colour({})
