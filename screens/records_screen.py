"""The screen of a list of records: loaded beside the UI, searched, put in order, selected, and its last edit undone."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from estconsole.messages import RecordsChanged
from estconsole.results import Conflict, Rejected, Saved
from screens.background import in_thread, task
from screens.dialogs import Choice, Menu, Notice
from screens.fields import Field
from screens.frame import WIDE, ConsoleScreen
from screens.key_order import ask
from screens.keys import with_keys
from screens.lab_view import LabView
from screens.record_rows import Order, RecordRows
from screens.table import VirtualTable
from screens.text import MUTED, brief

Record = TypeVar("Record")

_DOWN, _UP = "Scroll what is said of the record down", "Scroll what is said of the record up"

Undo = Callable[[], "Saved[object] | Rejected | Conflict[object]"]


@dataclass(frozen=True, slots=True)
class LastEdit:
    """What `u` takes back: of which record, and how. `undo` changes nothing if the record was changed since."""

    name: str
    undo: Undo


class RecordsScreen(ConsoleScreen[None], Generic[Record]):
    """A list of records, and a pane that says more of the selected one.

    A subclass names the `TABLES` of the store after whose changes it reads again, says with `read` what there is and
    with `describe` what the pane holds; both run in a thread. `PANE_BELOW` keeps the pane, below the list, where there
    is no room at its side. `EMPTY` teaches how the first record comes to be.
    """

    TABLES: ClassVar[frozenset[str]] = frozenset()
    PANE_BELOW: ClassVar[bool] = True
    SEARCHES: ClassVar[str] = "search"
    EMPTY: ClassVar[str] = ""
    NO_MATCH: ClassVar[str] = "None matches the search. {list.back} clears it."
    AUTO_FOCUS = "#records"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/", id="list.search", tooltip="Show those that match"),
        Binding("o", "order", "order", id="list.order", tooltip="Put the list in another order", show=False),
        Binding("u", "undo", "undo", id="list.undo", tooltip="Take the last edit back", show=False),
        Binding("escape", "back", "back", id="list.back", tooltip="Clear the search", show=False),
        Binding("J,shift+down", "scroll_pane(1)", "pane down", id="list.pane_down", tooltip=_DOWN, show=False),
        Binding("K,shift+up", "scroll_pane(-1)", "pane up", id="list.pane_up", tooltip=_UP, show=False),
    ]

    table = getters.query_one("#records", VirtualTable)
    search_field = getters.query_one("#search", Field)
    pane = getters.query_one("#pane", VerticalScroll)

    def __init__(self, lab: LabView, rows: RecordRows[Record]) -> None:
        super().__init__(lab)
        self.rows = rows
        self._last_edit: LastEdit | None = None
        self._wanted: Hashable | None = None
        self._described: Hashable | None = None
        self._stale = True
        self._is_due = False
        self._reading = asyncio.Lock()  # so that what was read later is shown later

    @abstractmethod
    def read(self) -> Sequence[Record]:
        """Every record, in the order in which they are listed. Runs in a thread."""

    @abstractmethod
    def describe(self, record: Record, width: int) -> Content:
        """What the pane says of a record, in lines of at most `width` cells. Runs in a thread."""

    def compose_body(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("/", classes="bar-sign")
            yield Field(id="search", placeholder=self.SEARCHES)
            yield Static(id="shown", classes="bar-state")
        with Container(id="body"):
            yield VirtualTable(self.rows.table_columns, self.rows, id="records")
            yield Static(id="empty", classes="empty")
            with VerticalScroll(id="pane", can_focus=False):
                yield Static(id="pane-text")

    def on_mount(self) -> None:
        self.pane.display = False
        self.query_one("#shown", Static).update(Content.styled("reading …", MUTED))
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#body").set_class(event.size.width >= WIDE, "-wide")
        self._show_pane()

    # What is there

    @on(RecordsChanged)
    def _records_changed(self, message: RecordsChanged) -> None:
        if self.TABLES & message.tables:
            self._stale = True
            self._refresh()

    def on_screen_resume(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        """Read what changed, as long as somebody looks; a busy server changes records all the time."""
        if self._stale and self.is_current:
            self.load()

    def load(self, key: Hashable | None = None) -> None:
        """Read the records again, and select one if it is named."""
        self._wanted = key if key is not None else self._wanted
        self._stale, self._is_due = False, True
        self._load()

    @task(group="load", holds_keys=False)
    async def _load(self) -> None:
        """Read, unless somebody does: that is shown first, since changes may come faster than very many are read."""
        if self._is_due and not self._reading.locked():
            await self._read()

    @task()
    async def open(self, key: Hashable) -> None:
        """Select a record, whatever the search says; keys wait until it is."""
        self._wanted = key
        await self._read()

    async def _read(self) -> None:
        async with self._reading:
            self._is_due, wanted, self._wanted = False, self._wanted, None
            self.rows.take(await in_thread(lambda: self.rows.prepare(self.read())))
        if not self.query(VirtualTable):
            return  # the console was left meanwhile
        if wanted is not None and not self.rows.shows(wanted):
            self.search_field.value = ""
            self.rows.set_search("")
        self._show()
        if wanted is not None:
            self._go_to(wanted)
        if self._is_due:
            self._load()

    def _go_to(self, wanted: Hashable) -> None:
        self.set_focus(self.table)  # at once: the next key is for it
        if self.rows.shows(wanted):
            self.table.select(wanted)
        else:
            self.say(f"{brief(str(wanted))} is not here.", trouble=True)

    def _show(self) -> None:
        self.table.show_order(self.rows.order.column, descending=self.rows.order.descending)
        self.table.refresh_rows()
        self.query_one("#shown", Static).update(Content.styled(self.summary, MUTED))
        self.query_one("#body").set_class(not len(self.rows), "-empty")
        self.query_one("#empty", Static).update(Content(self.nothing))
        self._show_pane()

    @property
    def summary(self) -> str:
        """How many there are, and how many of them are shown."""
        return self.rows.summary

    @property
    def nothing(self) -> str:
        """What stands in place of an empty list."""
        return with_keys(self, self.NO_MATCH if self.rows.total else self.EMPTY)

    @property
    def selected(self) -> Record | None:
        """The selected record, None where there is none."""
        index = self.table.selected
        return None if index is None else self.rows.record(index)

    @on(VirtualTable.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_keys()
        self._show_pane()

    @task(group="pane", exclusive=True, holds_keys=False)
    async def _show_pane(self) -> None:
        record, index = self.selected, self.table.selected
        wide = self.app.size.width >= WIDE
        self.pane.display = record is not None and (wide or self.PANE_BELOW)
        if record is None or index is None or not self.pane.display:
            return
        key = self.rows.key(index)
        width = (self.app.size.width * 36 // 100 if wide else self.app.size.width) - 5
        self.query_one("#pane-text", Static).update(await in_thread(self.describe, record, width))
        if key != self._described:
            self._described = key
            self.pane.scroll_home(animate=False)

    # Keys

    def action_scroll_pane(self, direction: int) -> None:
        """Scroll the pane by half of what it shows: it takes no focus."""
        self.pane.scroll_relative(y=direction * max(1, self.pane.size.height // 2), animate=False)

    def action_search(self) -> None:
        self.set_focus(self.search_field)

    @on(Input.Changed, "#search")
    def _search_typed(self, event: Input.Changed) -> None:
        self.search_for(event.value)

    def search_for(self, typed: str) -> None:
        """Show the records that match what is typed."""
        self.rows.set_search(typed)
        self._show()

    @on(Input.Submitted, "#search")
    def _search_done(self) -> None:
        self.set_focus(self.table)

    def action_back(self) -> None:
        searching = bool(self.search_field.value) or self.search_field.has_focus
        self.search_field.value = ""
        self.set_focus(self.table)
        if not searching and self is not self.app.screen_stack[0]:
            self.leave()

    def leave(self) -> object:
        """Go back to the screen from which this list was opened."""
        return self.dismiss(None)

    @task()
    async def action_order(self) -> None:
        """Ask by which column the list is put in order; the one that it is in order of already turns it round."""
        choices = [
            Choice(str(place), self.rows.columns[number].column.title, str(number))
            for place, number in enumerate(self._with_order(), 1)
        ]
        if (chosen := await ask(self, Menu("Order by", choices))) is not None:
            self.order_by(int(chosen))

    @on(VirtualTable.HeaderClicked)
    def _header_clicked(self, message: VirtualTable.HeaderClicked) -> None:
        if message.column in self._with_order():
            self.order_by(message.column)

    def _with_order(self) -> list[int]:
        """The columns by which the list can be put in order."""
        return [number for number, each in enumerate(self.rows.columns) if each.order is not None]

    def order_by(self, column: int) -> None:
        """Put the list in order of a column; of the one that it is in order of already, the other way round."""
        now = self.rows.order
        self.rows.set_order(Order(column, descending=now.column == column and not now.descending))
        self.load()

    # Edits

    def add(self, name: str = "") -> object:
        """Ask the form of a new record, with a name if one is suggested. A list without such a form ignores it."""

    def edit(self, key: str, field: str = "") -> object:
        """Ask the form of a record, with the focus on one of its fields if it is named; or ignore it, as above."""

    def remember_edit(self, name: str, undo: Undo) -> None:
        """Have `u` take an edit of a record back, by its name. `undo` runs in a thread."""
        self._last_edit = LastEdit(name, undo)
        self.refresh_keys()

    @task()
    async def action_undo(self) -> None:
        if (edit := self._last_edit) is None:
            self.say("There is no edit here to take back; what was added or deleted stays so.", trouble=True)
            return
        self._last_edit = None
        self.refresh_keys()
        match await in_thread(edit.undo):
            case Saved():
                self.say(f"{brief(edit.name)} is as it was before the edit.")
            case Rejected(problems):
                self.say(f"The edit of {brief(edit.name)} was not taken back: {problems[0].message}.", trouble=True)
            case _:
                self.say(f"{brief(edit.name)} was changed since: the edit was not taken back.", trouble=True)

    async def done(self, text: str, warnings: Sequence[str] = ()) -> None:
        """Say what was done, and what is odd about it: in one line, or in a dialog that stays until it was read."""
        if not warnings:
            self.say(text)
            return
        await ask(self, Notice(text, warnings))
