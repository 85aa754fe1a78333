"""The frame of every screen: the lab and the server's state, where you are, and the keys that matter now."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from estconsole.messages import ServerChanged
from estconsole.server_control import ServerPhase, ServerState
from screens.keys import key_of
from screens.lab_view import LabView
from screens.text import MUTED, plain, shortened

Answer = TypeVar("Answer")

PLACES: tuple[tuple[str, str, str], ...] = (
    ("1", "live", "Live"),
    ("2", "end_entities", "Entities"),
    ("3", "aliases", "Aliases"),
    ("4", "authorities", "CAs"),
    ("5", "vendor_cas", "Vendor CAs"),
    ("6", "certificates", "Certificates"),
    ("7", "server", "Server"),
)
"""The screens that there are: key, mode, and name."""

NARROW = 76
"""With fewer columns a screen is narrow: its places are keys alone, and its footer's keys stand closer together."""

WIDE = 110
"""From so many columns on, what is said of the selected row stands at the side of the list, not below it."""


class ConsoleScreen(Screen[Answer], Generic[Answer]):
    """A screen in the frame. A subclass names its `PLACE` and composes its body in `compose_body`.

    `CHANGES` are its actions that change the lab: a read-only console has none of them. `can` says which of the others
    make sense now.
    """

    PLACE: ClassVar[str] = ""
    CHANGES: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, lab: LabView) -> None:
        super().__init__()
        self.lab = lab
        self._keys: list[str] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return not (self.lab.read_only and action in self.CHANGES) and self.can(action)

    def can(self, action: str) -> bool:  # noqa: ARG002
        """Whether an action makes sense now: its key is shown and works."""
        return True

    def compose(self) -> ComposeResult:
        with Horizontal(id="heading"):
            yield Static(_lab(self.lab), id="lab")
            yield Static(server_line(self.lab.server.state), id="server-state")
        with Horizontal(id="places"):
            for _, mode, name in PLACES:
                yield Place(key_of(self, f"app.{mode}"), mode, name, here=mode == (self.PLACE or self.app.current_mode))
        yield from self.compose_body()
        yield Footer(show_command_palette=False, compact=True)

    def compose_body(self) -> ComposeResult:
        """What stands between the heading and the footer."""
        raise NotImplementedError

    def refresh_keys(self) -> None:
        """Draw the footer again if the keys that matter are others now; Textual would do so at every call."""
        shown = ((key, active.binding) for key, active in self.active_bindings.items())
        keys = [f"{key} {binding.description}" for key, binding in shown if binding.show]
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def say(self, text: str, *, trouble: bool = False) -> None:
        """Say in one line what was done, or why it was not, in place of what was said before. Never markup."""
        self.app.clear_notifications()
        self.notify(shortened(text), severity="warning" if trouble else "information", markup=False)

    @on(events.Resize)
    def _fit_places(self, event: events.Resize) -> None:
        for place in self.query(Place):
            place.fit(narrow=event.size.width < NARROW)

    def on_screen_resume(self) -> None:
        self._show_state(self.lab.server.state)

    @on(ServerChanged)
    def _server_changed(self, message: ServerChanged) -> None:
        self._show_state(message.state)

    def _show_state(self, state: ServerState) -> None:
        self.query_one("#server-state", Static).update(server_line(state))


def server_line(state: ServerState) -> Content:
    """The server's state as a sign, a word and the ports there are: `● serving 8442 tls · 8443 mtls · 8080 http`."""
    match state.phase:
        case ServerPhase.SERVING:
            return Content.assemble(("●", "$success"), f" serving {_ports(state)}")
        case ServerPhase.FAILED:
            title = plain(state.problem.title) if state.problem else "the server failed"
            return Content.assemble(("▲", "$warning"), f" {title.rstrip('.')}")
        case ServerPhase.STOPPED:
            return Content.assemble(("○", MUTED), " stopped")
        case ServerPhase.STARTING | ServerPhase.STOPPING:
            return Content.assemble(("·", "$warning"), f" {state.phase}")


def _ports(state: ServerState) -> str:
    urls = state.urls
    if urls is None:
        return ""
    named = [(urls.tls, "tls")]
    if urls.mtls != urls.tls:
        named.append((urls.mtls, "mtls"))
    if urls.http is not None:
        named.append((urls.http, "http"))
    return " · ".join(f"{urlsplit(url).port} {name}" for url, name in named)


def _lab(lab: LabView) -> Content:
    read_only = " · read-only" if lab.read_only else ""
    return Content.assemble(("estconsole", "bold"), (" · ", MUTED), plain(lab.name), (read_only, "$warning"))


class Place(Static):
    """The name of a screen on line 2; a click goes there, as its key does. A narrow terminal has the keys alone."""

    def __init__(self, key: str, mode: str, name: str, *, here: bool) -> None:
        super().__init__(Content(f"{key} {name}"), classes="here" if here else "")
        self._key, self._name, self._mode = key, name, mode

    def fit(self, *, narrow: bool) -> None:
        """Have the name beside the key where there is room for all of them; where one is, it stands in any case."""
        alone = narrow and not self.has_class("here")
        self.update(Content(self._key if alone else f"{self._key} {self._name}"))

    async def on_click(self) -> None:
        await self.run_action(f"app.show_screen('{self._mode}')")
