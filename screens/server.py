"""Server: whether devices can call, where, with what certificate, and which handshakes failed."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from estconsole.administration.authorities import ExportedFile, ExportForm
from estconsole.domain.certificate import grouped
from estconsole.domain.model import DEFAULT_ALIAS
from estconsole.messages import (
    ActivitiesArrived,
    RecordsChanged,
    RestartServer,
    ServerChanged,
    ShowActivities,
    ToggleServer,
)
from estconsole.results import Saved
from estconsole.server_control import ServerPhase
from estconsole.settings import ServerSettings
from screens import server_view
from screens.background import in_thread, task
from screens.copying import CopiedText, copy_one
from screens.dialogs import Confirm
from screens.file_prompt import save_file
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.server_form import ServerForm
from screens.server_view import ServerFacts
from screens.text import brief

MOST_FAILURES = 5
"""Failed handshakes that are shown; Live has them all."""


class ServerScreen(ConsoleScreen[None]):
    """Shows the server, and starts and stops it."""

    PLACE = "server"
    CHANGES = frozenset({"start_or_stop", "restart", "edit", "switch_est", "undo"})
    AUTO_FOCUS = "#server"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start_or_stop", "start/stop", id="server.start_or_stop", tooltip="Start the server, or stop it"),
        Binding(
            "r", "restart", "restart", id="server.restart", tooltip="Stop the server and start it again", show=False
        ),
        Binding("e", "edit", "edit", id="server.edit", tooltip="Change the ports, the addresses and the names"),
        Binding("t", "switch_est", "EST on/off", id="server.switch_est", tooltip="Switch EST off, or on again"),
        Binding("c", "copy", "copy", id="server.copy", tooltip="Copy a URL, the CA's fingerprint or its PEM"),
        Binding("w", "write", "write PEM", id="server.write", tooltip="Write the PEM that devices trust to a file"),
        Binding(
            "h", "handshakes", "handshakes", id="server.handshakes", tooltip="Show every failed handshake", show=False
        ),
        Binding("u", "undo", "undo", id="server.undo", tooltip="Listen as before the last edit", show=False),
    ]

    state_text = getters.query_one("#state", Static)
    facts_text = getters.query_one("#facts", Static)
    handshakes_text = getters.query_one("#handshakes", Static)

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab)
        self._facts = ServerFacts()
        self._before: ServerSettings | None = None

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="server"):
            yield Static(id="state")
            yield Static(id="facts")
            yield Static(id="handshakes")

    def can(self, action: str) -> bool:
        match action:
            case "undo":
                return self._before is not None
            case "write":
                return bool(self._facts.authorities)
            case _:
                return True

    def on_mount(self) -> None:
        self._load()
        self._show()

    @on(ServerChanged)
    def _state_changed(self) -> None:
        self._load()

    @on(RecordsChanged)
    def _records_changed(self, message: RecordsChanged) -> None:
        if message.tables & {"authorities", "aliases", "settings", "vendor_cas"}:
            self._load()

    @on(ActivitiesArrived)
    def _arrived(self) -> None:
        if self.is_current:
            self._show_handshakes()

    def on_screen_resume(self) -> None:
        self._show()

    @task(group="load", exclusive=True, holds_keys=False)
    async def _load(self) -> None:
        self._facts = await in_thread(self._read_facts)
        self._show()
        self.refresh_keys()

    def _read_facts(self) -> ServerFacts:
        """Runs in a thread: certificates are read from the store. First comes the CA that devices must trust."""
        trusted = self.lab.administration.server.issuing_ca()
        known = [
            (authority.name, self.lab.administration.authorities.facts(authority.name))
            for authority in self.lab.administration.authorities.all()
        ]
        aliases = [alias.name for alias in self.lab.administration.aliases.all()]
        return ServerFacts(
            certificate=self.lab.administration.server.certificate_facts(),
            authorities=tuple(
                sorted(
                    ((name, facts) for name, facts in known if facts is not None), key=lambda each: each[0] != trusted
                )
            ),
            vendors=tuple(vendor.name for vendor in self.lab.administration.vendor_cas.all() if vendor.trusted),
            est_is_on=self.lab.administration.server.est_is_on(),
            alias=DEFAULT_ALIAS if DEFAULT_ALIAS in aliases or not aliases else aliases[0],
        )

    def _show(self) -> None:
        state, now, width = self.lab.server.state, self.lab.now(), self._width
        start_key, switch_key = key_of(self, "server.start_or_stop"), key_of(self, "server.switch_est")
        self.state_text.update(server_view.state_lines(state, now, width, start_key=start_key))
        self.facts_text.update(server_view.fact_lines(state, self._facts, now, width, switch_key=switch_key))
        self._show_handshakes()

    def _show_handshakes(self) -> None:
        failures = server_view.last_failures(self.lab.feed.recent(), MOST_FAILURES)
        self.handshakes_text.update(server_view.handshake_lines(failures, self.lab.now(), self._width))

    @property
    def _width(self) -> int:
        """The cells of a line: what the screen has, but for the padding and the scrollbar."""
        return self.app.size.width - 5

    def on_resize(self) -> None:
        self._show()

    # Keys

    def action_start_or_stop(self) -> None:
        if self.lab.server.state.phase not in (ServerPhase.STARTING, ServerPhase.STOPPING):
            self.post_message(ToggleServer())

    def action_restart(self) -> None:
        if self.lab.server.state.phase not in (ServerPhase.STARTING, ServerPhase.STOPPING):
            self.post_message(RestartServer())

    @task()
    async def action_edit(self) -> None:
        before = self.lab.server.settings
        if await ask(self, ServerForm(self.lab)) is not None:
            self._before = before
            self.refresh_keys()
            self._load()
            self.say(f"The server listens as you said; {key_of(self, 'server.undo')} takes it back.")

    @task()
    async def action_undo(self) -> None:
        if (before := self._before) is None:
            return
        answer = await in_thread(self.lab.administration.server.change_settings, before, self.lab.server)
        if isinstance(answer, Saved):
            self._before = None
            self._load()
            self.say("The server listens as before.")
        else:
            self.say(f"The change was not taken back: {answer.problems[0].message}.", trouble=True)

    @task()
    async def action_switch_est(self) -> None:
        server = self.lab.administration.server
        is_on = await in_thread(server.est_is_on)
        text = "Every EST request is refused with 403 until it is on again; the rows of Live say so."
        if is_on and not await ask(self, Confirm("Switch EST off?", text, yes="Switch off", no="Leave it on")):
            return
        await in_thread(server.switch_est, on=not is_on)
        self.say("EST is off: every request is refused." if is_on else "EST is on.")

    @task()
    async def action_write(self) -> None:
        name = self._facts.authorities[0][0]
        file = await in_thread(self.lab.administration.authorities.export, name, ExportForm.PEM)
        if isinstance(file, ExportedFile):
            path = await save_file(self, f"Write the PEM of {brief(name)}", file.name, file.content)
            if path is not None:
                self.say(f"Written to {path}.")

    def action_handshakes(self) -> None:
        self.app.post_message(ShowActivities("outcome:handshake"))

    @task()
    async def action_copy(self) -> None:
        state = self.lab.server.state
        offered: list[CopiedText] = []
        for name, facts in self._facts.authorities[:1]:
            pem = await in_thread(self.lab.administration.authorities.pem, name)
            offered += [
                CopiedText("f", f"SHA-256 fingerprint of {name}", grouped(facts.sha256)),
                CopiedText("p", f"PEM of {name}", pem or ""),
                CopiedText("h", f"where {name}'s PEM is", server_view.authority_url(state, name)),
            ]
        for key, (purpose, url) in zip("uer", server_view.urls(state, self._facts.alias).items(), strict=False):
            offered.append(CopiedText(key, f"{purpose}  {url}", url))
        await copy_one(self, (each for each in offered if each.text))
