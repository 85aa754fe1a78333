"""A page to paste a text of several lines on, such as PEM: what it holds is shown before anything is done with it."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static, TextArea

from estconsole.results import Rejected
from screens.fields import shown_as_typed
from screens.form_screen import FormScreen
from screens.keys import key_of
from screens.lab_view import LabView
from screens.text import plain_lines

Answer = TypeVar("Answer")


class PastedText(TextArea):
    """A text of several lines whose cursor does not blink and which no pasted character controls."""

    def __init__(self, *, id: str, placeholder: str = "") -> None:  # noqa: A002
        super().__init__(id=id, placeholder=Content(placeholder), compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """Textual's own passes control and right-to-left characters to the terminal; one stands in for each here."""
        return Text(shown_as_typed(self.document.get_line(line_index)), no_wrap=True, end="")


class PasteScreen(FormScreen[Answer], Generic[Answer]):
    """Takes a pasted text, and answers what a subclass makes of it in `read`; what is wrong with it is said here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "go on", id="form.save", tooltip="Go on with what was pasted", priority=True),
    ]

    area = getters.query_one(PastedText)
    note = getters.query_one("#paste-note", Static)

    def __init__(self, lab: LabView, title: str, note: str) -> None:
        super().__init__(lab)
        self._title, self._note = title, note

    @property
    def form_title(self) -> str:
        return self._title

    @abstractmethod
    async def read(self, text: str) -> Answer | Rejected | None:
        """What a pasted text comes to, None if that was called off. Runs in a task that holds keys."""

    def compose_rows(self) -> ComposeResult:
        yield Static(Content(plain_lines(self._note)), id="paste-note", classes="form-words")
        yield PastedText(id="pasted", placeholder=f"paste here; {key_of(self, 'form.save')} goes on")

    def on_mount(self) -> None:
        self.area.focus()

    def typed(self) -> str:
        return self.area.text

    async def save(self) -> None:
        if not self.typed().strip():
            self.say("Nothing was pasted yet.", trouble=True)
            return
        found = await self.read(self.typed())
        if isinstance(found, Rejected):
            self.note.update(Content("\n".join(f"✗ {plain_lines(problem.message)}" for problem in found.problems)))
            self.note.add_class("problem")
        elif found is not None:
            self.dismiss(found)
