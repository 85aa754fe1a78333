"""End entities: who may enroll, in what status, and the operator's acts on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content

from estconsole.domain.model import EndEntity
from estconsole.domain.validation import EndEntityDraft
from screens.background import in_thread, task
from screens.command_card import show_commands
from screens.copying import CopiedText, copy_one
from screens.csv_export import export_end_entities
from screens.csv_import import import_end_entities
from screens.end_entity_draft import clone_of, draft_of, next_draft, subject_like
from screens.end_entity_form import Choices, EndEntityForm, FormResult, choices_of
from screens.entity_acts import delete, give_code, hand_over, remember, set_new, show_code
from screens.entity_history import EntityHistoryScreen
from screens.entity_links import go_to
from screens.entity_revocation import revoke
from screens.entity_rows import entity_rows
from screens.entity_words import Surroundings, entity_lines
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.profiles import ProfilesScreen
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable
from screens.text import brief

_OF_ONE = frozenset({"edit", "clone", "set_new", "new_code", "show_code", "revoke", "delete"}) | frozenset(
    {"history", "commands", "copy", "go_to", "export_csv"}
)
"""What needs an end entity on the list."""


class EndEntitiesScreen(RecordsScreen[EndEntity]):
    """Lists the end entities; adds, edits, opens again, revokes and deletes them, and brings them in and out as CSV."""

    PLACE = "end_entities"
    PANE_BELOW = False
    TABLES: ClassVar[frozenset[str]] = frozenset({"end_entities", "certificates", "aliases"})
    SEARCHES = "search: username, subject or status"
    NO_MATCH = "No end entity matches the search. {list.back} clears it."
    CHANGES = frozenset(
        {"add", "edit", "clone", "set_new", "new_code", "show_code", "revoke", "import_csv", "delete", "undo"}
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", id="entities.add", tooltip="Register an end entity"),
        Binding("e,enter", "edit", "edit", id="entities.edit", tooltip="Change this end entity"),
        Binding("n", "set_new", "set NEW", id="entities.set_new", tooltip="Let this end entity enroll again"),
        Binding(
            "r", "revoke", "revoke", id="entities.revoke", tooltip="Revoke it with its certificates, or release it"
        ),
        Binding("h", "history", "history", id="entities.history", tooltip="Every request and certificate of it"),
        Binding(
            "l", "clone", "clone", id="entities.clone", tooltip="Register another one that is like this one", show=False
        ),
        Binding(
            "m",
            "commands",
            "commands",
            id="entities.commands",
            tooltip="The openssl and curl commands with which it enrolls",
            show=False,
        ),
        Binding(
            "ctrl+r", "show_code", "show code", id="entities.show_code", tooltip="Show its enrollment code", show=False
        ),
        Binding(
            "ctrl+g",
            "new_code",
            "new code",
            id="entities.new_code",
            tooltip="Give it another enrollment code",
            show=False,
        ),
        Binding(
            "d",
            "delete",
            "delete",
            id="entities.delete",
            tooltip="Delete this end entity, after a question",
            show=False,
        ),
        Binding("c", "copy", "copy", id="entities.copy", tooltip="Copy its username, subject or code", show=False),
        Binding(
            "g",
            "go_to",
            "go to",
            id="entities.go_to",
            tooltip="Go to its alias, certificate, CA or rows in Live",
            show=False,
        ),
        Binding(
            "i",
            "import_csv",
            "import CSV",
            id="entities.import",
            tooltip="Register many from a CSV file, after a dry run",
            show=False,
        ),
        Binding(
            "w", "export_csv", "export CSV", id="entities.export", tooltip="Write them into a CSV file", show=False
        ),
        Binding(
            "p",
            "profiles",
            "profiles",
            id="entities.profiles",
            tooltip="Show certificate profiles and end entity profiles",
            show=False,
        ),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, entity_rows(lab.now))
        self._form_is_pending = False
        self._last_added: EndEntityDraft | None = None
        self._end_entities = lab.administration.end_entities

    def read(self) -> Sequence[EndEntity]:
        return self._end_entities.all()

    def describe(self, record: EndEntity, width: int) -> Content:
        show_code = "" if self.lab.read_only else key_of(self, "entities.show_code")
        around = Surroundings.of(self.lab.administration, record)
        return entity_lines(record, around, self.lab.now(), width, show_code=show_code)

    def can(self, action: str) -> bool:
        return bool(len(self.rows)) if action in _OF_ONE else super().can(action)

    @property
    def nothing(self) -> str:
        if self.rows.total:
            return super().nothing
        add, many = key_of(self, "entities.add"), key_of(self, "entities.import")
        return (
            f"No end entities yet. {add} registers one: a device enrolls under its username, with its code. "
            f"{many} registers many from a CSV file."
        )

    # Forms

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, name: str = "") -> None:
        """Register an end entity in a form that begins like the last one, and show its code."""

        def form(choices: Choices) -> EndEntityForm:
            start = next_draft(self._last_added, name, next(iter(choices.authorities), ""))
            return EndEntityForm(self.lab, choices, start)

        await self._add(form)

    @task()
    async def action_clone(self) -> None:
        if (entity := self.selected) is None:
            return

        def form(choices: Choices) -> EndEntityForm:
            start = clone_of(entity, choices.aliases)
            return EndEntityForm(self.lab, choices, start, subject_of=partial(subject_like, entity))

        await self._add(form)

    async def _add(self, form: Callable[[Choices], EndEntityForm]) -> None:
        result = await self._asked(form)
        if result is None:
            return
        self._last_added = result.draft
        self.load(result.entity.username)
        self.say(f"{brief(result.entity.username)} is registered.")
        if result.code:
            await hand_over(self, result.entity.username, result.code, result.warnings)

    @on(VirtualTable.Opened)
    @task()
    async def action_edit(self) -> None:
        if (entity := self.selected) is not None and self.check_action("edit", ()):
            await self._edit(entity.username)

    @task()
    async def edit(self, key: str, field: str = "") -> None:
        """Open the form of an end entity with the focus on one of its fields."""
        self.load(key)
        await self._edit(key, field)

    async def _edit(self, username: str, field: str = "") -> None:
        """Ask the form of an end entity as it is now: the list may not have read the last change yet."""
        if (entity := await in_thread(self._end_entities.get, username)) is None:
            return
        result = await self._asked(
            lambda choices: EndEntityForm(
                self.lab, choices, draft_of(entity, choices.aliases), entity=entity, focus=field
            )
        )
        if result is None:
            return
        if (before := result.before) is not None:
            remember(self, before, result.entity)
        self.load(entity.username)
        undo = key_of(self, "list.undo")
        await self.done(f"{brief(entity.username)} is saved; {undo} takes it back.", result.warnings)

    async def _asked(self, form: Callable[[Choices], EndEntityForm]) -> FormResult | None:
        """Ask a form, unless one is asked already: two clicks open one."""
        if self._form_is_pending:
            return None
        self._form_is_pending = True
        try:
            choices = await in_thread(choices_of, self.lab.administration)
            return await ask(self, form(choices))
        finally:
            self._form_is_pending = False

    # Acts

    @task()
    async def action_set_new(self) -> None:
        if (entity := self.selected) is not None:
            await set_new(self, entity)

    @task()
    async def action_new_code(self) -> None:
        if (entity := self.selected) is not None:
            await give_code(self, entity)

    @task()
    async def action_show_code(self) -> None:
        if (entity := self.selected) is not None:
            await show_code(self, entity)

    @task()
    async def action_revoke(self) -> None:
        if (entity := self.selected) is not None:
            await revoke(self, entity)

    @task()
    async def action_delete(self) -> None:
        if (entity := self.selected) is not None:
            await delete(self, entity)

    # Elsewhere

    @task()
    async def action_copy(self) -> None:
        if (entity := self.selected) is None:
            return
        username = entity.username
        offered = [
            CopiedText("u", f"username  {username}", username),
            CopiedText("s", f"subject  {entity.subject}", str(entity.subject)),
        ]
        if entity.sealed_code and not self.lab.read_only:
            label = f"enrollment code of {brief(username)}"
            offered.append(CopiedText("c", label, secret=True, load=partial(self._end_entities.code_of, username)))
        await copy_one(self, offered)

    @task()
    async def action_commands(self) -> None:
        if (entity := self.selected) is not None:
            await show_commands(self, entity)

    @task()
    async def action_history(self) -> None:
        if (entity := self.selected) is not None:
            await ask(self, EntityHistoryScreen(self.lab, entity.username))

    @task()
    async def action_go_to(self) -> None:
        if (entity := self.selected) is not None:
            await go_to(self, entity)

    @task()
    async def action_import_csv(self) -> None:
        await import_end_entities(self)

    @task()
    async def action_export_csv(self) -> None:
        shown = [self.rows.record(index).username for index in range(len(self.rows))]
        await export_end_entities(self, shown, self.rows.total)

    @task()
    async def action_profiles(self) -> None:
        await ask(self, ProfilesScreen(self.lab))
