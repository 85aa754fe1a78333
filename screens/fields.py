"""Fields of forms: a line that is typed, for a filter or a search too, and a choice between yes and no."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static


class Field(Input):
    """An input of one line without a border, whose cursor does not blink and which no pasted character controls."""

    def __init__(self, value: str = "", *, id: str, placeholder: str = "", password: bool = False) -> None:  # noqa: A002
        super().__init__(value, id=id, placeholder=placeholder, password=password, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def fill(self, value: str) -> None:
        """Put a text in, as if it had been typed: the cursor stands behind it."""
        self.value = value
        self.cursor_position = len(value)

    @property
    def _value(self) -> Text:
        """Textual's own passes control and right-to-left characters to the terminal; one stands in for each here."""
        if self.password:
            return super()._value
        return Text(shown_as_typed(self.value), no_wrap=True, overflow="ignore", end="")


class YesNo(Static, can_focus=True):
    """Yes or no, as a sign and a word: space, enter or a click turns it round."""

    BINDING_GROUP_TITLE = "A choice between yes and no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "turn", "Yes or no", id="yes_no.turn", tooltip="Turn it round", show=False),
    ]

    value: reactive[bool] = reactive(False)

    class Changed(Message):
        """It was turned round."""

        def __init__(self, field: YesNo) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> YesNo:
            return self.field

    def __init__(self, value: bool, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(YesNo.value, value)

    def render(self) -> Content:
        return Content("[✓] yes" if self.value else "[ ] no")

    def watch_value(self) -> None:
        self.refresh()
        self.post_message(self.Changed(self))

    def action_turn(self) -> None:
        self.value = not self.value

    def on_click(self) -> None:
        self.action_turn()


def shown_as_typed(text: str) -> str:
    """A typed or pasted line as it is shown: as many characters, of which none acts."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    """The control picture of a control character, and one sign for the rest: as many characters as were typed."""
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else " " if unicodedata.category(char) == "Zs" else "\ufffd"
