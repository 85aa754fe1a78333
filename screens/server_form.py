"""The form of the server's settings: where it listens, and the names in its certificate (B-36, B-37)."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Select

from estconsole.domain.validation import whole_number
from estconsole.results import Rejected
from estconsole.settings import PortLayout, ServerSettings
from screens.background import in_thread
from screens.fields import Field
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.lab_view import LabView

PORTS = {
    "http_port": "plain HTTP port",
    "tls_port": "TLS port",
    "mtls_port": "TLS + client cert",
}
"""The labels of the ports, by the names of their fields."""

_NOT_A_PORT = -1


class ServerForm(FormScreen[ServerSettings]):
    """Changes where the server listens, running or not; answers the settings that it has now."""

    PLACE = "server"

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab)
        self._start = lab.server.settings

    @property
    def form_title(self) -> str:
        return "Where the server listens"

    def compose_rows(self) -> ComposeResult:
        start = self._start
        yield FormRow("layout", choice("layout", start.layout, list(PortLayout)))
        for name, label in PORTS.items():
            yield FormRow(label, Field(str(getattr(start, name)), id=name, placeholder="0 for any free one"))
        yield FormRow("addresses", Field(", ".join(start.hosts), id="hosts", placeholder="127.0.0.1, ::1"))
        names = "localhost and this machine's name are there anyway"
        yield FormRow("further names", Field(", ".join(start.names), id="names", placeholder=names))

    def on_mount(self) -> None:
        self.row("layout").focus_field()

    @on(Select.Changed, "#layout")
    def _layout_chosen(self) -> None:
        layout = PortLayout(self.chosen("layout"))
        has = ServerSettings(layout=layout).ports
        for name in PORTS:
            self.row(name).set_unused("" if name in has else f"the layout {layout} has no such port")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if not event.input.disabled:
            self.row(event.input.id or "").clear()
        if event.input.id == "hosts" and not self._settings().is_local:
            self.row("hosts").show_warning("the network can reach it: anyone there may try to enroll")

    def _settings(self) -> ServerSettings:
        numbers = {name: whole_number(self.text(name)) for name in PORTS}
        return ServerSettings(
            layout=PortLayout(self.chosen("layout")),
            hosts=_listed(self.text("hosts")),
            names=_listed(self.text("names")),
            **{name: _NOT_A_PORT if number is None else number for name, number in numbers.items()},
        )

    async def save(self) -> None:
        change = self.lab.administration.server.change_settings
        answer = await in_thread(change, self._settings(), self.lab.server)
        if isinstance(answer, Rejected):
            self.show_problems(answer.problems)
        else:
            self.dismiss(answer.record)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))
