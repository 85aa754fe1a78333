"""Aliases: what EST clients find under each label, and what it asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from estconsole.administration.alias_effects import AliasPreview
from estconsole.domain.alias_options import AliasDraft, alias_name_problem, alias_options
from estconsole.domain.model import DEFAULT_ALIAS, AuthenticationModule, EstAlias
from estconsole.messages import OpenRecord
from estconsole.results import Conflict, Rejected, Saved
from screens.alias_copying import copied_texts
from screens.alias_form import AliasChoices, AliasForm, AliasResult, alias_choices
from screens.alias_pane import alias_lines
from screens.alias_rows import AliasRow, alias_rows, read_aliases
from screens.background import in_thread, task
from screens.copying import copy_one
from screens.dialogs import Choice, Confirm, Menu, Prompt
from screens.key_order import ask
from screens.keys import key_of
from screens.lab_view import LabView
from screens.records_screen import RecordsScreen
from screens.table import VirtualTable
from screens.text import brief

_DIGITS = "123456789"
_LETTERS = "efhjklmn"
"""The keys of the vendor CAs, and of the first end entities that may use an alias, in the menu of where to go."""


class AliasesScreen(RecordsScreen[AliasRow]):
    """Lists the EST aliases; adds, clones, edits, renames and removes them."""

    PLACE = "aliases"
    TABLES: ClassVar[frozenset[str]] = frozenset({"aliases", "authorities", "vendor_cas", "certificate_profiles"})
    SEARCHES = "search: name, what devices bring, a CA or a warning"
    EMPTY = "No aliases yet. {aliases.add} adds one: it is the label in the URL that devices call."
    NO_MATCH = "No alias matches the search. {list.back} clears it."
    CHANGES = frozenset({"add", "edit", "clone", "rename", "remove", "undo"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", id="aliases.add", tooltip="Add an alias"),
        Binding("e,enter", "edit", "edit", id="aliases.edit", tooltip="Change this alias"),
        Binding("l", "clone", "clone", id="aliases.clone", tooltip="Add an alias with this one's options", show=False),
        Binding("m", "rename", "rename", id="aliases.rename", tooltip="Give this alias another name", show=False),
        Binding("d", "remove", "remove", id="aliases.remove", tooltip="Remove this alias, after a question"),
        Binding("c", "copy", "copy", id="aliases.copy", tooltip="Copy its name, URLs, commands or options"),
        Binding("g", "go", "go to", id="aliases.go", tooltip="Go to its CA, vendor CAs or end entities"),
    ]

    def __init__(self, lab: LabView) -> None:
        super().__init__(lab, alias_rows())
        self._form_is_pending = False

    def read(self) -> Sequence[AliasRow]:
        return read_aliases(self.lab.administration)

    def describe(self, record: AliasRow, width: int) -> Content:
        return alias_lines(record, self._warnings(record), self.lab.server.state.urls, width)

    def _warnings(self, row: AliasRow) -> tuple[str, ...]:
        """What is odd about an alias by itself, and among the end entities that may use it."""
        draft = AliasDraft(name=row.alias.name, options=alias_options(row.alias))
        match self.lab.administration.aliases.check(draft, row.alias.revision):
            case AliasPreview(warnings=warnings):
                return warnings
            case Rejected(problems):
                return (*row.warnings, *(problem.message for problem in problems))

    def can(self, action: str) -> bool:
        match action:
            case "edit" | "clone" | "rename" | "remove" | "copy" | "go":
                return bool(len(self.rows))
            case _:
                return super().can(action)

    def on_screen_resume(self) -> None:
        self._stale = True  # end entities may be bound to other aliases since, which no table of this list tells

    # Keys

    def action_add(self) -> None:
        self.add()

    @task()
    async def add(self, name: str = "") -> None:
        """Add an alias in a form, as most would have it: a code in the CSR, and the first CA of the lab."""
        choices = await in_thread(alias_choices, self.lab.administration)
        start = EstAlias(
            uid="",
            name=name,
            authentication_module=AuthenticationModule.CHALLENGE_PWD,
            default_ca=next(iter(choices.context.own_cas), None),
        )
        await self._add(start, "Add an alias", choices)

    @task()
    async def action_clone(self) -> None:
        if (row := self.selected) is None:
            return
        start = replace(row.alias, uid="", name="", revision=0)
        await self._add(start, f"Add an alias like {brief(row.alias.name)}")

    async def _add(self, start: EstAlias, title: str, choices: AliasChoices | None = None) -> None:
        result = await self._form(start, is_new=True, title=title, choices=choices)
        if result is not None:
            self.load(result.alias.name)
            self.say(f"{brief(result.alias.name)} is added: devices call it from now on.")

    @on(VirtualTable.Opened)
    @task()
    async def action_edit(self) -> None:
        if (row := self.selected) is not None and self.check_action("edit", ()):
            await self._edit(row.alias.name)

    @task()
    async def edit(self, key: str, field: str = "") -> None:
        """Open the form of an alias with the focus on one of its options, by EJBCA's key."""
        self.load(key)
        await self._edit(key, field)

    async def _edit(self, name: str, field: str = "") -> None:
        """Ask the form of an alias as it is now: the list may not have read the last change yet."""
        if (alias := await in_thread(self.lab.administration.aliases.get, name)) is None:
            return
        result = await self._form(alias, is_new=False, title=f"Edit {brief(alias.name)}", focus=field)
        if result is None:
            return
        self._remember(result.before, result.alias)
        self.say(f"{brief(alias.name)} is saved; {key_of(self, 'list.undo')} takes it back.")

    async def _form(
        self, start: EstAlias, *, is_new: bool, title: str, focus: str = "", choices: AliasChoices | None = None
    ) -> AliasResult | None:
        """Ask the form, unless one is asked already: two clicks open one."""
        if self._form_is_pending:
            return None
        self._form_is_pending = True
        try:
            if choices is None:
                choices = await in_thread(alias_choices, self.lab.administration)
            form = AliasForm(self.lab, start=start, choices=choices, is_new=is_new, title=title, focus=focus)
            return await ask(self, form)
        finally:
            self._form_is_pending = False

    @task()
    async def action_rename(self) -> None:
        if (row := self.selected) is None:
            return
        alias, aliases = row.alias, self.lab.administration.aliases
        note = (
            "Its end entities and certificates stay with it. Devices that call the old name are refused from then on."
        )
        prompt = Prompt(f"Rename {brief(alias.name)}", alias.name, note=note, problem_of=alias_name_problem)
        name = await ask(self, prompt)
        if name is None or name == alias.name:
            return
        match await in_thread(aliases.rename, alias.name, name, alias.revision):
            case Saved(renamed, warnings):
                self._remember(alias, renamed)
                back = f"{key_of(self, 'list.undo')} takes it back"
                await self.done(f"{brief(alias.name)} is {brief(name)} now; {back}.", warnings)
            case Rejected(problems):
                self.say(f"{brief(alias.name)} keeps its name: {problems[0].message}.", trouble=True)
            case Conflict(current):
                self._say_overtaken(alias, current)

    def _remember(self, before: EstAlias | None, now: EstAlias) -> None:
        """Show an alias as it is now, and have `u` take the change back."""
        if before is not None:
            restore = partial(self.lab.administration.aliases.restore, before, now.revision)
            self.remember_edit(before.name, restore)
        self.load(now.name)

    @task()
    async def action_remove(self) -> None:
        if (row := self.selected) is None:
            return
        alias, aliases = row.alias, self.lab.administration.aliases
        text = _what_goes(alias, await in_thread(aliases.dependents, alias.name))
        if not await ask(self, Confirm(f"Remove {brief(alias.name)}?", text, yes="Remove", no="Keep")):
            return
        match await in_thread(aliases.remove, alias.name, alias.revision):
            case Saved():
                self.say(f"{brief(alias.name)} is removed.")
            case Rejected(problems):
                self.say(f"{brief(alias.name)} stays: {problems[0].message}.", trouble=True)
            case Conflict(current):
                self._say_overtaken(alias, current)

    def _say_overtaken(self, alias: EstAlias, current: EstAlias | None) -> None:
        was = "was removed meanwhile" if current is None else "was changed meanwhile: look again, nothing was done"
        self.say(f"{brief(alias.name)} {was}.", trouble=True)

    @task()
    async def action_copy(self) -> None:
        if (row := self.selected) is None:
            return
        context = await in_thread(self.lab.administration.aliases.context)
        await copy_one(self, copied_texts(row.alias, self.lab.server.state.urls, context))

    # Going elsewhere

    @task()
    async def action_go(self) -> None:
        """Ask to which CA or end entity of the alias, and go there."""
        if (row := self.selected) is None:
            return
        targets = await in_thread(self._targets, row.alias)
        menu = Menu("Go to", [Choice(key, label, key) for key, (label, _) in targets.items()])
        if (key := await ask(self, menu)) is not None:
            self.app.post_message(targets[key][1])

    def _targets(self, alias: EstAlias) -> dict[str, tuple[str, Message]]:
        """Where one can go from an alias, by the key that goes there. Runs in a thread."""
        administration = self.lab.administration
        own = {authority.name for authority in administration.authorities.all()}
        targets: dict[str, tuple[str, Message]] = {}
        if alias.default_ca in own:
            targets["i"] = (f"CA {alias.default_ca}", OpenRecord("authorities", alias.default_ca or ""))
        known = {vendor.name for vendor in administration.vendor_cas.all()} | own
        for digit, name in zip(_DIGITS, (name for name in alias.vendor_cas if name in known), strict=False):
            place = "authorities" if name in own else "vendor_cas"
            targets[digit] = (f"vendor CA {name}", OpenRecord(place, name))
        users = [
            *((username, "") for username in administration.end_entities.usernames(alias=alias.uid)),
            *((username, ", which may use any alias") for username in administration.end_entities.usernames(alias="")),
        ]
        for letter, (username, bound) in zip(_LETTERS, users, strict=False):
            targets[letter] = (f"end entity {brief(username)}{bound}", OpenRecord("end_entities", username))
        return targets


def _what_goes(alias: EstAlias, dependents: Sequence[str]) -> str:
    """What removing an alias takes along, in words (B-2, B-8, B-21)."""
    lines = [
        f"Devices that call it are refused from then on{': ' if dependents else '.'}",
        *(f"· {each}" for each in dependents),
    ]
    if alias.name == DEFAULT_ALIAS:
        lines.append(f"URLs without a label need an alias {DEFAULT_ALIAS}: they are refused too.")
    return "\n".join(lines)
