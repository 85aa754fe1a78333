"""End entities: who may enroll, in what status, and the operator's acts on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from estconsole.domain.model import EndEntity
from estconsole.results import Conflict, Saved
from screens.background import in_thread, task
from screens.copying import CopiedText, copy_one
from screens.dialogs import Confirm, ShowText
from screens.end_entity_form import EndEntityForm, FormResult, choices_of
from screens.entity_rows import entity_rows
from screens.key_order import ask
from screens.lab_view import LabView
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable
from screens.text import brief, counted

_CODE_NOTE = "Give it to the device as the CSR's challengePassword. It can be copied from the list later."


class EndEntitiesScreen(RecordsScreen[EndEntity]):
    """Lists the end entities; adds, edits, opens again and deletes them."""

    PLACE = "end_entities"
    PANE_BELOW = False
    TABLES: ClassVar[frozenset[str]] = frozenset({"end_entities"})
    SEARCHES = "search: username, subject or status"
    EMPTY = "No end entities yet. a registers one: a device enrolls under its username, with its code."
    NO_MATCH = "No end entity matches the search. esc clears it."
    CHANGES = frozenset({"add", "edit", "set_new", "delete", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", id="entities.add", tooltip="Register an end entity"),
        Binding("e,enter", "edit", "edit", id="entities.edit", tooltip="Change this end entity"),
        Binding("n", "set_new", "set NEW", id="entities.set_new", tooltip="Let this end entity enroll again"),
        Binding("d", "delete", "delete", id="entities.delete", tooltip="Delete this end entity, after a question"),
        Binding("c", "copy", "copy", id="entities.copy", tooltip="Copy its username, subject or code"),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, entity_rows(lab.now))
        self._form_is_pending = False

    def read(self) -> Sequence[EndEntity]:
        return self.lab.administration.end_entities.all()

    def can(self, action: str) -> bool:
        match action:
            case "edit" | "set_new" | "delete" | "copy":
                return bool(len(self.rows))
            case _:
                return super().can(action)

    @task()
    async def edit(self, key: str, field: str = "") -> None:
        """Open the form of an end entity with the focus on one of its fields."""
        self.load(key)
        if (entity := await in_thread(self.lab.administration.end_entities.get, key)) is not None:
            await self._edit(entity, field)

    # Keys

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, name: str = "") -> None:
        """Register an end entity in a form, and show its code."""
        result = await self._form(None, name)
        if result is None:
            return
        self.load(result.entity.username)
        self.say(f"{brief(result.entity.username)} is registered.")
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
        if (entity := self.selected) is not None:
            await self._edit(entity)

    async def _edit(self, entity: EndEntity, field: str = "") -> None:
        result = await self._form(entity, "", field)
        if result is None:
            return
        if (before := result.before) is not None:
            end_entities = self.lab.administration.end_entities
            self.remember_edit(entity.username, partial(end_entities.restore, before, result.entity.revision))
        self.load(entity.username)
        await self.done(f"{brief(entity.username)} is saved; u takes it back.", result.warnings)

    async def _form(self, entity: EndEntity | None, username: str, field: str = "") -> FormResult | None:
        """Ask the form, unless one is asked already: two clicks open one."""
        if self._form_is_pending:
            return None
        self._form_is_pending = True
        try:
            choices = await in_thread(choices_of, self.lab.administration)
            form = EndEntityForm(self.lab, entity=entity, username=username, choices=choices, focus=field)
            return await ask(self, form)
        finally:
            self._form_is_pending = False

    @task()
    async def action_set_new(self) -> None:
        if (entity := self.selected) is None:
            return
        answer = await in_thread(self.lab.administration.end_entities.set_new, entity.username)
        if isinstance(answer, Saved):
            left = counted(answer.record.remaining_requests, "request")
            self.say(f"{brief(entity.username)} is NEW: {left} left, the code is the same.")
        else:
            self.say(f"{brief(entity.username)} is not registered any more.", trouble=True)

    @task()
    async def action_delete(self) -> None:
        if (entity := self.selected) is None:
            return
        text = (
            f"{entity.subject}\n\nIts registration and its code go. Certificates that it was issued stay on record, "
            "and renew no more, even if the username is registered again."
        )
        if not await ask(self, Confirm(f"Delete {brief(entity.username)}?", text, yes="Delete", no="Keep")):
            return
        match await in_thread(self.lab.administration.end_entities.delete, entity.username, entity.revision):
            case Saved():
                self.say(f"{brief(entity.username)} is deleted.")
            case Conflict(current=None):
                self.say(f"{brief(entity.username)} was deleted already.", trouble=True)
            case Conflict():
                self.say(f"{brief(entity.username)} was changed meanwhile: look again before it goes.", trouble=True)

    @task()
    async def action_copy(self) -> None:
        if (entity := self.selected) is None:
            return
        username = entity.username
        offered = [
            CopiedText("u", f"username  {username}", username),
            CopiedText("s", f"subject  {entity.subject}", str(entity.subject)),
        ]
        if entity.sealed_code:
            label = f"enrollment code of {brief(username)}"
            offered.append(
                CopiedText("c", label, secret=True, load=lambda: self.lab.administration.end_entities.code_of(username))
            )
        await copy_one(self, offered)
