"""End entities: who may enroll, in what status, and the operator's acts on them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from estconsole.administration import Administration
from estconsole.domain.model import EndEntity
from estconsole.messages import RecordsChanged
from estconsole.results import Conflict, Saved
from estconsole.server_control import ServerControl
from screens.background import in_thread, task
from screens.copying import CopiedText, copy_one
from screens.dialogs import Confirm, ShowText
from screens.end_entity_form import EndEntityForm, FormResult, choices_of
from screens.entity_rows import COLUMNS, EntityRows
from screens.fields import Field
from screens.frame import Clock, ConsoleScreen, utc_now
from screens.key_order import ask
from screens.table import VirtualTable
from screens.text import MUTED, brief, counted

_CODE_NOTE = "Give it to the device as the CSR's challengePassword. It can be copied from the list later."


@dataclass(frozen=True, slots=True, kw_only=True)
class _LastEdit:
    """What `u` takes back: the record as it was, and the revision that the edit made."""

    before: EndEntity
    revision: int


class EndEntitiesScreen(ConsoleScreen[None]):
    """Lists the end entities; adds, edits, opens again and deletes them."""

    PLACE = "end_entities"
    AUTO_FOCUS = "#entities"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/", id="entities.search", tooltip="Show those that match"),
        Binding("a", "add", "add", id="entities.add", tooltip="Register an end entity"),
        Binding("e,enter", "edit", "edit", id="entities.edit", tooltip="Change this end entity"),
        Binding("n", "set_new", "set NEW", id="entities.set_new", tooltip="Let this end entity enroll again"),
        Binding("d", "delete", "delete", id="entities.delete", tooltip="Delete this end entity, after a question"),
        Binding("c", "copy", "copy", id="entities.copy", tooltip="Copy its username, subject or code"),
        Binding("u", "undo", "undo", id="entities.undo", tooltip="Take the last edit back", show=False),
        Binding("escape", "back", "back", id="entities.back", tooltip="Clear the search", show=False),
    ]

    table = getters.query_one("#entities", VirtualTable)
    search_field = getters.query_one("#search", Field)

    def __init__(
        self, lab_name: str, server: ServerControl, administration: Administration, now: Clock = utc_now
    ) -> None:
        super().__init__(lab_name, server, now)
        self._administration = administration
        self._rows = EntityRows(now)
        self._last_edit: _LastEdit | None = None
        self._wanted = ""
        self._stale = False
        self._reading = asyncio.Lock()  # so that what was read later is shown later
        self._form_is_pending = False

    def compose_body(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("/", classes="bar-sign")
            yield Field(id="search", placeholder="search: username, subject or status")
            yield Static(id="shown", classes="bar-state")
        with Container(id="body"):
            yield VirtualTable(COLUMNS, self._rows, id="entities")
            yield Static(id="empty", classes="empty")

    def on_mount(self) -> None:
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        match action:
            case "edit" | "set_new" | "delete" | "copy":
                return bool(len(self._rows))
            case "undo":
                return self._last_edit is not None
            case _:
                return True

    @task()
    async def open(self, username: str) -> None:
        """Select an end entity, whatever the search says; keys wait until it is."""
        self._wanted = username
        await self._read()

    @task()
    async def edit(self, username: str, field: str) -> None:
        """Open the form of an end entity with the focus on one of its fields."""
        self.load(username)
        if (entity := await in_thread(self._administration.end_entities.get, username)) is not None:
            await self._edit(entity, field)

    # What changes

    @on(RecordsChanged)
    def _records_changed(self, message: RecordsChanged) -> None:
        if "end_entities" in message.tables:
            self._stale = True
            self._refresh()

    def on_screen_resume(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        """Read what changed, as long as somebody looks; a busy server changes end entities all the time."""
        if self._stale and self.is_current:
            self.load()

    def load(self, username: str = "") -> None:
        """Read the end entities again, and select one if it is named."""
        self._wanted = username or self._wanted
        self._stale = False
        self._load()

    @task(group="load", exclusive=True, holds_keys=False)
    async def _load(self) -> None:
        await self._read()

    async def _read(self) -> None:
        async with self._reading:
            self._rows.replace(await in_thread(self._administration.end_entities.all))
        if not self.query(VirtualTable):
            return  # the console was left meanwhile
        # A change in the store starts another load, which cancels this one: what is wanted outlives it.
        wanted, self._wanted = self._wanted, ""
        if wanted and not self._rows.shows(wanted):
            self.search_field.value = ""
            self._rows.set_search("")
        self._show()
        if not wanted:
            return
        self.table.focus()
        if self._rows.shows(wanted):
            self.table.select(wanted)
        else:
            self.say(f"{brief(wanted)} is not registered.", trouble=True)

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        self._rows.set_search(event.value)
        self._show()

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_keys()

    def _show(self) -> None:
        self.table.refresh_rows()
        self.query_one("#shown", Static).update(Content.styled(self._rows.summary, MUTED))
        self.query_one("#body").set_class(not len(self._rows), "-empty")
        self.query_one("#empty", Static).update(Content(self._rows.absence))

    @property
    def _selected(self) -> EndEntity | None:
        index = self.table.selected
        return None if index is None else self._rows.entity(index)

    # Keys

    def action_search(self) -> None:
        self.search_field.focus()

    @on(Input.Submitted, "#search")
    def _search_done(self) -> None:
        self.table.focus()

    def action_back(self) -> None:
        self.search_field.value = ""
        self.table.focus()

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, username: str = "") -> None:
        """Register an end entity in a form, and show its code."""
        result = await self._form(None, username)
        if result is None:
            return
        self.load(result.entity.username)
        self._done(f"{brief(result.entity.username)} is registered.", result.warnings)
        if result.code:
            await ask(
                self,
                ShowText(
                    f"The enrollment code of {brief(result.entity.username)}",
                    result.code.reveal(),
                    note="\n".join((*(f"▲ {warning}" for warning in result.warnings), _CODE_NOTE)),
                    hidden=True,
                ),
            )

    @on(VirtualTable.Opened)
    @task()
    async def action_edit(self) -> None:
        if (entity := self._selected) is not None:
            await self._edit(entity)

    async def _edit(self, entity: EndEntity, field: str = "") -> None:
        result = await self._form(entity, "", field)
        if result is None:
            return
        if result.before is not None:
            self._last_edit = _LastEdit(before=result.before, revision=result.entity.revision)
        self.load(entity.username)
        self._done(f"{brief(entity.username)} is saved; u takes it back.", result.warnings)

    async def _form(self, entity: EndEntity | None, username: str, field: str = "") -> FormResult | None:
        """Ask the form, unless one is asked already: two clicks open one."""
        if self._form_is_pending:
            return None
        self._form_is_pending = True
        try:
            choices = await in_thread(choices_of, self._administration)
            form = EndEntityForm(
                self.lab_name,
                self.server,
                self._administration,
                entity=entity,
                username=username,
                choices=choices,
                now=self.now,
                focus=field,
            )
            return await ask(self, form)
        finally:
            self._form_is_pending = False

    @task()
    async def action_set_new(self) -> None:
        if (entity := self._selected) is None:
            return
        answer = await in_thread(self._administration.end_entities.set_new, entity.username)
        if isinstance(answer, Saved):
            left = counted(answer.record.remaining_requests, "request")
            self.say(f"{brief(entity.username)} is NEW: {left} left, the code is the same.")
        else:
            self.say(f"{brief(entity.username)} is not registered any more.", trouble=True)

    @task()
    async def action_delete(self) -> None:
        if (entity := self._selected) is None:
            return
        text = (
            f"{entity.subject}\n\nIts registration and its code go. Certificates that it was issued stay on record, "
            "and renew no more, even if the username is registered again."
        )
        if not await ask(self, Confirm(f"Delete {brief(entity.username)}?", text, yes="Delete", no="Keep")):
            return
        match await in_thread(self._administration.end_entities.delete, entity.username, entity.revision):
            case Saved():
                self.say(f"{brief(entity.username)} is deleted.")
            case Conflict(current=None):
                self.say(f"{brief(entity.username)} was deleted already.", trouble=True)
            case Conflict():
                self.say(f"{brief(entity.username)} was changed meanwhile: look again before it goes.", trouble=True)

    @task()
    async def action_copy(self) -> None:
        if (entity := self._selected) is None:
            return
        username = entity.username
        offered = [
            CopiedText("u", f"username  {username}", username),
            CopiedText("s", f"subject  {entity.subject}", str(entity.subject)),
        ]
        if entity.sealed_code:
            label = f"enrollment code of {brief(username)}"
            offered.append(
                CopiedText("c", label, secret=True, load=lambda: self._administration.end_entities.code_of(username))
            )
        await copy_one(self, offered)

    @task()
    async def action_undo(self) -> None:
        if (edit := self._last_edit) is None:
            return
        self._last_edit = None
        self.refresh_keys()
        username = edit.before.username
        match await in_thread(self._administration.end_entities.restore, edit.before, edit.revision):
            case Saved():
                self.say(f"{brief(username)} is as it was before the edit.")
            case Conflict():
                self.say(f"{brief(username)} was changed since: the edit was not taken back.", trouble=True)

    def _done(self, text: str, warnings: tuple[str, ...]) -> None:
        """Say what was done, and what is odd about it."""
        self.say(" ".join((text, *warnings)), trouble=bool(warnings))
