"""An edit that was overtaken: both versions side by side, and the operator says which stands."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.keys import key_of
from screens.text import MUTED, NONE, hanging, plain, shortened


class Stands(enum.Enum):
    """Whose version stands."""

    STORED = "stored"
    TYPED = "typed"


class ConflictDialog(ModalScreen[Stands | None]):
    """Shows every field in which what is stored now and what was typed here differ."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "settle('STORED')", "Take", id="conflict.take", tooltip="Take what is stored now"),
        Binding("o", "settle('TYPED')", "Overwrite", id="conflict.overwrite", tooltip="Store what was typed here"),
        Binding("escape", "close", "Back", id="conflict.close", tooltip="Go back to the form; nothing is stored"),
    ]

    def __init__(self, title: str, stored: Mapping[str, str], typed: Mapping[str, str]) -> None:
        super().__init__()
        self._title, self._stored, self._typed = title, stored, typed

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            with VerticalScroll():
                yield Static(id="differences")
            take, overwrite, close = (key_of(self, f"conflict.{act}") for act in ("take", "overwrite", "close"))
            keys = f"{take} take what is stored · {overwrite} overwrite it · {close} go on typing"
            yield Static(Content(keys), classes="dialog-keys")

    def on_resize(self) -> None:
        width = min(64, self.app.size.width * 94 // 100 - 7)
        lines = [
            Content("\n").join(
                [
                    Content.styled(plain(label), "bold"),
                    hanging(Content.styled("  stored now  ", MUTED), shortened(stored or NONE), width),
                    hanging(Content.styled("  typed here  ", MUTED), shortened(typed or NONE), width),
                ]
            )
            for label, stored, typed in self._differences()
        ]
        same = Content("The fields are the same: its status or its counts changed.")
        self.query_one("#differences", Static).update(Content("\n").join(lines) if lines else same)

    def _differences(self) -> list[tuple[str, str, str]]:
        labels = dict.fromkeys((*self._stored, *self._typed))
        both = ((label, self._stored.get(label, ""), self._typed.get(label, "")) for label in labels)
        return [(label, stored, typed) for label, stored, typed in both if stored != typed]

    def action_settle(self, whose: str) -> None:
        self.dismiss(Stands[whose])

    def action_close(self) -> None:
        self.dismiss(None)
