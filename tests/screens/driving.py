"""How tests drive the console: by keys, until something is so; and what they read off the screen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from estconsole.app import EstConsole
from screens.file_prompt import FilePrompt
from screens.frame import PLACES
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable

ConsolePilot = Pilot[None]

SECONDS = 15.0
"""How long a condition may take on a busy machine before it counts as never coming."""

_NAMED = {"\r": "enter", "\x1b": "escape"}
"""Keys that a text holds as control characters."""

OpenConsole = Callable[..., "AbstractAsyncContextManager[ConsolePilot]"]


async def until(pilot: ConsolePilot, condition: Callable[[], object], what: str = "") -> None:
    """Let the console run until a condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"never came to be: {what or condition}\n" + text_of(pilot))
        await pilot.pause(0.05)


async def sees(pilot: ConsolePilot, *texts: str) -> None:
    """Let the console run until it shows all of these."""
    await until(pilot, lambda: all(text in text_of(pilot) for text in texts), f"{texts} on the screen")


async def is_on(pilot: ConsolePilot, kind: type[Screen[object]]) -> None:
    """Let the console run until a screen of this kind is the one in front."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted, f"{kind}")
    await pilot.pause()


async def to_list(pilot: ConsolePilot, kind: type[RecordsScreen[Any]], selected: str = "") -> None:
    """Go to a list by its key, let the console read it, and select the record that is named."""
    await pilot.press(next(key for key, place, _ in PLACES if place == kind.PLACE))
    await is_on(pilot, kind)
    await until(pilot, lambda: "reading …" not in text_of(pilot), f"the list of {kind.PLACE}")
    if selected:
        screen = pilot.app.screen
        assert isinstance(screen, RecordsScreen)
        await screen.open(selected).wait()
        await until(pilot, lambda: selected in line_with(pilot, "▌"), f"{selected} selected")


async def names_file(pilot: ConsolePilot, path: Path | str) -> None:
    """Answer the question for a file."""
    await is_on(pilot, FilePrompt)
    await pilot.press("ctrl+u")
    await types(pilot, str(path))
    await pilot.press("enter")


async def types(pilot: ConsolePilot, text: str) -> None:
    """Type a text, key by key, as fast as a terminal sends it; `pilot.press` would wait after each."""
    for char in text:
        pilot.app.post_message(events.Key(_NAMED.get(char) or _character_to_key(char), char))
    await pilot.pause()


def text_of(pilot: ConsolePilot) -> str:
    """What the screen in front shows, line by line."""
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


def line_with(pilot: ConsolePilot, text: str) -> str:
    """The first line that holds a text, empty when there is none."""
    return next((line for line in text_of(pilot).splitlines() if text in line), "")


def table_of(pilot: ConsolePilot) -> VirtualTable:
    """The table of the screen in front."""
    return pilot.app.screen.query_one(VirtualTable)


def shown_keys(app: EstConsole) -> list[str]:
    """The ids of the bindings that the footer shows."""
    bindings = [active.binding for active in app.screen.active_bindings.values() if active.binding.show]
    return list(dict.fromkeys(binding.id or "" for binding in bindings))


def self_contained(svg: str) -> str:
    """The picture without the fonts that it would fetch from elsewhere; every system has a monospaced one."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
