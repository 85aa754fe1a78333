"""A page to paste a text of several lines on, such as PEM: what it holds is shown before anything is done with it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static, TextArea

from screens.fields import shown_as_typed
from screens.form_screen import FormScreen
from screens.lab_view import LabView
from screens.text import plain_lines


class PastedText(TextArea):
    """A text of several lines whose cursor does not blink and which no pasted character controls."""

    def __init__(self, *, id: str, placeholder: str = "") -> None:  # noqa: A002
        super().__init__(id=id, placeholder=Content(placeholder), compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """Textual's own passes control and right-to-left characters to the terminal; one stands in for each here."""
        return Text(shown_as_typed(self.document.get_line(line_index)), no_wrap=True, end="")


class PasteScreen(FormScreen[str]):
    """Takes a pasted text, and answers it. A subclass says to which place it belongs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "go on", id="form.save", tooltip="Go on with what was pasted", priority=True),
    ]

    area = getters.query_one(PastedText)

    def __init__(self, lab: LabView, title: str, note: str = "") -> None:
        super().__init__(lab)
        self._title, self._note = title, note

    @property
    def form_title(self) -> str:
        return self._title

    def compose_rows(self) -> ComposeResult:
        if self._note:
            yield Static(Content(plain_lines(self._note)), classes="form-words")
        yield PastedText(id="pasted", placeholder="paste here; ctrl+s goes on")

    def on_mount(self) -> None:
        self.area.focus()

    def typed(self) -> str:
        return self.area.text

    async def save(self) -> None:
        if self.typed().strip():
            self.dismiss(self.typed())
        else:
            self.say("Nothing was pasted yet.", trouble=True)
