"""The first run: an empty lab gets its CA and the alias that devices call, and serves."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Select, Static

from estconsole.administration.authorities import AuthorityDraft
from estconsole.administration.first_run import FirstRecords, default_alias, default_authority
from estconsole.domain.alias_options import AliasDraft
from estconsole.domain.certificate import CA_KEY_KINDS
from estconsole.domain.model import AuthenticationModule
from estconsole.results import Rejected, Saved
from screens.end_entity_draft import subject_for
from screens.fields import Field
from screens.form_rows import FormRow
from screens.form_screen import FormScreen, choice
from screens.keys import with_keys
from screens.lab_view import LabView
from screens.progress_dialog import with_progress
from screens.text import MUTED

_WELCOME = (
    "This lab is empty. Name the CA that issues the certificates of your devices and of this server, and the alias: "
    "the label in the URL that devices call. All of it can be added to later; {form.save} makes it and starts the "
    "server."
)
_MODULES = {
    AuthenticationModule.CHALLENGE_PWD: "a code in the CSR's challengePassword",
    AuthenticationModule.DN_PART_PWD: "a code in the CSR's OU",
    AuthenticationModule.HTTP_BASIC_AUTH: "name and code by HTTP Basic",
}
_NO_MODULE = "no code: set it up later, as for vendor certificates"


class FirstRunScreen(FormScreen[Saved[FirstRecords]]):
    """Leads through the first CA and the first alias; answers what was made, None when the lab stays empty."""

    CHANGES = frozenset({"save"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "make them", id="form.save", tooltip="Make the CA and the alias", priority=True),
        Binding("escape", "leave", "leave it empty", id="form.leave", tooltip="Leave the lab empty for now"),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab)
        self._authority = default_authority()
        self._alias = default_alias()
        self._suggested = self._authority.subject

    @property
    def form_title(self) -> str:
        return f"Welcome to {self.lab.name}"

    def compose_rows(self) -> ComposeResult:
        authority, alias = self._authority, self._alias
        yield Static(Content.styled(with_keys(self, _WELCOME), MUTED), classes="form-words")
        yield Static(Content("The CA"), classes="form-section")
        yield FormRow("name", Field(authority.name, id="authority-name", placeholder="a short name of your own"))
        yield FormRow("subject DN", Field(authority.subject, id="authority-subject", placeholder="CN=My CA,O=Lab,C=SE"))
        yield FormRow("key", choice("authority-key", authority.key, [str(kind) for kind in CA_KEY_KINDS]))
        yield FormRow("validity", Field(authority.validity, id="authority-validity", placeholder="10y, 18mo, 90d"))
        yield Static(Content("The alias"), classes="form-section")
        yield FormRow("name", Field(alias.name, id="alias-name", placeholder="est also serves URLs without a label"))
        yield FormRow("devices come with", self._modules())

    def _modules(self) -> Select[str]:
        options = [(Content(words), str(module)) for module, words in _MODULES.items()]
        chosen = str(AuthenticationModule.CHALLENGE_PWD)
        return Select(options, value=chosen, prompt=_NO_MODULE, compact=True, id="alias-authenticationmodule")

    def on_mount(self) -> None:
        self.row("authority.name").focus_field()

    @on(Input.Changed, "#authority-name")
    def _named(self, event: Input.Changed) -> None:
        subject = self.query_one("#authority-subject", Field)
        if subject.value == self._suggested and event.value.strip():
            self._suggested = f"{subject_for(event.value)},O=estconsole"
            subject.fill(self._suggested)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.row((event.input.id or "").replace("-", ".", 1)).clear()

    async def save(self) -> None:
        authority = AuthorityDraft(
            name=self.text("authority-name"),
            subject=self.text("authority-subject"),
            key=self.chosen("authority-key"),
            validity=self.text("authority-validity"),
        )
        options = {**self._alias.options, "authenticationmodule": self.chosen("alias-authenticationmodule")}
        alias = AliasDraft(name=self.text("alias-name"), options=options)
        answer = await with_progress(
            self,
            f"Making {authority.name}",
            lambda progress: self.lab.administration.first_run.make(authority, alias, progress),
        )
        if isinstance(answer, Rejected):
            self.show_problems(answer.problems)
        elif answer is not None:
            self.dismiss(answer)
