"""The help: every key of a screen, generated from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from screens.keys import declared, key_of, shown_keys
from screens.text import MUTED, hanging

_MOST_CELLS = 65  # beside the dialog's border, padding and scrollbar, as console.tcss has it
_AROUND = 7

_TYPING = "In a field: type; arrows move, ctrl+u clears, tab and shift+tab go from one to the next."


def own_bindings(node: DOMNode) -> list[Binding]:
    """The bindings that a node's classes declare with an id: this console's own, one line each."""
    return list(declared(type(node)).values())


def sections(screen: Screen[object]) -> Iterator[tuple[str, list[Binding]]]:
    """The keys of a screen, of what stands on it, and those that work everywhere; each list under its title."""
    yield "This screen", own_bindings(screen)
    seen = set()
    for widget in screen.query("*"):
        bindings = own_bindings(widget)
        if bindings and type(widget) not in seen:
            seen.add(type(widget))
            yield widget.BINDING_GROUP_TITLE or type(widget).__name__, bindings
    yield "Everywhere", own_bindings(screen.app)


class HelpScreen(ModalScreen[None]):
    """Lists the keys with what each does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1", "close", "Close", key_display="esc", id="help.close", tooltip="Close"),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content("Keys"), classes="dialog-title")
            with VerticalScroll():
                yield Static(id="help-text")
            yield Static(Content(f"↑ ↓ scroll · {key_of(self, 'help.close')} close"), classes="dialog-keys")

    def on_resize(self) -> None:
        self.query_one("#help-text", Static).update(self._text())

    def action_close(self) -> None:
        self.dismiss()

    def _text(self) -> Content:
        lines: list[Content] = []
        for title, bindings in sections(self._about):
            if not bindings:
                continue
            lines += [Content.styled(title, "bold"), *(self._line(binding) for binding in bindings), Content("")]
        return Content("\n").join([*lines, Content.styled(_TYPING, MUTED)])

    def _line(self, binding: Binding) -> Content:
        shown = " ".join(shown_keys(self, binding))
        label = Content.assemble((f"  {shown:<10}", "$accent"), f"{binding.description:<13} ")
        width = min(_MOST_CELLS, self.app.size.width * 94 // 100 - _AROUND)
        return hanging(label, Content.styled(binding.tooltip, MUTED), width)
