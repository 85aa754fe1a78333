"""What every form shares: its rows in one column, problems under their fields, and leaving only when that is meant."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from estconsole.domain.problems import FieldProblem
from screens.background import task
from screens.dialogs import Confirm
from screens.fields import Field, YesNo
from screens.form_rows import FormRow
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.text import plain

Answer = TypeVar("Answer")


class FormScreen(ConsoleScreen[Answer | None], Generic[Answer]):
    """A form that answers what was saved, or None. A row's `field_name` is the name by which problems know it.

    A subclass composes its rows, says with `typed` what its fields hold (to ask before something typed is lost), and
    saves in `save`, which dismisses the form or shows the problems.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "save", id="form.save", tooltip="Save, if every field is right", priority=True),
        Binding("escape", "leave", "leave", id="form.leave", tooltip="Leave; asks only if something changed"),
        Binding("f1", "app.help", "help", id="form.help", tooltip="Every key of this form"),
    ]

    @property
    @abstractmethod
    def form_title(self) -> str:
        """What the form does, and to what."""

    @abstractmethod
    def compose_rows(self) -> ComposeResult:
        """The rows, from the first to the last."""

    @abstractmethod
    async def save(self) -> None:
        """Save what was typed. Runs in a task that holds keys."""

    def typed(self) -> object:
        """What the fields hold: equal to what it was at first as long as nothing was changed."""
        return tuple(_value(row.widget) for row in self.query(FormRow))

    def compose_body(self) -> ComposeResult:
        yield Static(Content(plain(self.form_title)), classes="form-title")
        with VerticalScroll(id="form", can_focus=False):
            yield from self.compose_rows()

    def on_mount(self) -> None:
        self.untouched: object = self.typed()

    # Rows

    def row(self, name: str) -> FormRow:
        """The row of a field. Raises LookupError for a name that none has."""
        for row in self.query(FormRow):
            if row.field_name == name:
                return row
        raise LookupError(f"no field {name}")

    def text(self, name: str) -> str:
        """What was typed into a field."""
        return self.query_one(f"#{name}", Field).value

    def chosen(self, name: str) -> str:
        """What was chosen from a list, empty where nothing is."""
        value = self.query_one(f"#{name}", Select).value
        return value if isinstance(value, str) else ""

    def is_yes(self, name: str) -> bool:
        return self.query_one(f"#{name}", YesNo).value

    def show_problems(self, problems: Iterable[FieldProblem]) -> None:
        """Say under each field what is wrong with it, and go to the first; one of no field is said at the bottom."""
        for row in self.query(FormRow):
            row.clear_problem()  # two fields may have been wrong together, and the other one was changed
        by_field: dict[str, list[str]] = {}
        for problem in problems:
            by_field.setdefault(problem.field, []).append(problem.message)
        rows = [row for row in self.query(FormRow) if row.field_name in by_field]
        for row in rows:
            row.show_problem("; ".join(by_field.pop(row.field_name)))
        if rows:
            rows[0].focus_field()
        if others := [message for messages in by_field.values() for message in messages]:
            self.say("; ".join(others), trouble=True)

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    # Keys

    @task(group="save", exclusive=True)
    async def action_save(self) -> None:
        await self.save()

    @task()
    async def action_leave(self) -> None:
        if self.typed() != self.untouched:
            leave = Confirm("Leave without saving?", "What was typed here goes.", yes="Leave", no="Go on typing")
            if not await ask(self, leave):
                return
        self.dismiss(None)


def choice(name: str, value: str, values: Sequence[str], *, blank: str = "") -> Select[str]:
    """A list to choose one from, with the value that stands now too. `blank` names the choice of none."""
    options = [(Content(plain(text)), text) for text in dict.fromkeys((*values, value)) if text]
    start = value or Select.NULL
    if blank:
        return Select(options, value=start, prompt=blank, allow_blank=True, compact=True, id=name)
    return Select(options, value=start, allow_blank=not options or not value, compact=True, id=name)


def _value(widget: Widget) -> object:
    return widget.value if isinstance(widget, (Field, Select, YesNo)) else None
