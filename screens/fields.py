"""One-line fields: for what is typed into a form, a filter or a search."""

from __future__ import annotations

import unicodedata

from rich.text import Text
from textual.widgets import Input


class Field(Input):
    """An input of one line without a border, whose cursor does not blink and which no pasted character controls."""

    def __init__(self, value: str = "", *, id: str, placeholder: str = "", password: bool = False) -> None:  # noqa: A002
        super().__init__(value, id=id, placeholder=placeholder, password=password, compact=True, select_on_focus=False)
        self.cursor_blink = False

    @property
    def _value(self) -> Text:
        """Textual's own passes control and right-to-left characters to the terminal; one stands in for each here."""
        if self.password:
            return super()._value
        shown = "".join(char if char.isprintable() else _stand_in(char) for char in self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")


def _stand_in(char: str) -> str:
    """The control picture of a control character, and one sign for the rest: as many characters as were typed."""
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else " " if unicodedata.category(char) == "Zs" else "\ufffd"
