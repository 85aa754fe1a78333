"""The command palette: what the console can do by name, and the end entities by username."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from functools import partial
from typing import Protocol, cast

from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from estconsole.messages import AddRecord
from screens.background import in_thread
from screens.frame import PLACES
from screens.lab_view import LabView
from screens.text import plain

MOST_HITS = 20
"""End entities that are offered at once; a longer list is searched on its own screen."""


class Console(Protocol):
    """What the palette asks of the app."""

    lab: LabView

    def action_show_screen(self, mode: str) -> None: ...
    def action_help(self) -> None: ...
    def action_change_theme(self) -> None: ...
    async def action_quit(self) -> None: ...
    def toggle_server(self) -> Worker[None]: ...
    def restart_server(self) -> Worker[None]: ...
    async def open_record(self, place: str, key: str) -> None: ...
    def post_message(self, message: Message) -> bool: ...


def console_commands(app: Console, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG001
    """Every command that does not need a selected row."""
    for key, mode, name in PLACES:
        yield SystemCommand(f"Show {name}", f"Key {key}", partial(app.action_show_screen, mode))
    yield SystemCommand(
        "Add an end entity", "Open the form of a new end entity", partial(app.post_message, AddRecord("end_entities"))
    )
    yield SystemCommand("Start or stop the server", "Stop it if it serves, start it if not", app.toggle_server)
    yield SystemCommand("Restart the server", "Stop it, and start it again", app.restart_server)
    yield SystemCommand("Keys", "Every key of this screen (?)", app.action_help)
    yield SystemCommand("Theme", "Choose other colours", app.action_change_theme)
    yield SystemCommand("Quit", "Stop the server and leave (ctrl+q)", app.action_quit)


class EndEntityProvider(Provider):
    """Jumps to an end entity by a part of its username."""

    async def startup(self) -> None:
        entities = await in_thread(self._console.lab.administration.end_entities.all)
        self._usernames = [entity.username for entity in entities]

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        scores = ((matcher.match(username), username) for username in self._usernames)
        for score, username in heapq.nlargest(MOST_HITS, scores):
            if score > 0:
                yield Hit(
                    score,
                    _prompt(username),
                    partial(self._console.open_record, "end_entities", username),
                    text=username,
                    help="Go to this end entity",
                )

    async def discover(self) -> Hits:
        for username in self._usernames[:MOST_HITS]:
            yield DiscoveryHit(
                _prompt(username),
                partial(self._console.open_record, "end_entities", username),
                text=username,
                help="Go to this end entity",
            )

    @property
    def _console(self) -> Console:
        return cast("Console", self.app)


def _prompt(username: str) -> Content:
    return Content(f"End entity {plain(username)}")
