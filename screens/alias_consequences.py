"""What saving an alias would do, before it is done: what is odd about it, and whom it shuts out (B-5, B-8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from estconsole.administration.alias_effects import AliasPreview, ShutOut
from screens.keys import key_of
from screens.text import brief, counted, plain_lines, shortened


class AliasConsequences(ModalScreen[bool]):
    """Asks whether an alias is saved all the same; what it says can be scrolled by the arrows."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Save", id="consequences.save", tooltip="Save the alias all the same"),
        Binding("n,escape", "answer(False)", "Back", id="consequences.back", tooltip="Go back to the form"),
    ]

    def __init__(self, preview: AliasPreview) -> None:
        super().__init__()
        self._preview = preview

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(f"Save {brief(self._preview.alias.name)}?"), classes="dialog-title")
            with VerticalScroll():
                for group in self._preview.shut_out:
                    yield Static(Content("\n").join(_group_lines(group)), classes="dialog-shut-out")
                for warning in self._preview.warnings:
                    yield Static(Content(f"▲ {plain_lines(warning)}"), classes="dialog-remark")
            with Horizontal(classes="dialog-buttons"):
                yield Button(Content(f"{key_of(self, 'consequences.back')}  Go on typing"), id="no", compact=True)
                yield Button(Content(f"{key_of(self, 'consequences.save')}  Save all the same"), id="yes", compact=True)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


def _group_lines(group: ShutOut) -> Iterator[Content]:
    entities = counted(group.count, "end entity is", "end entities are")
    yield Content(f"✗ {entities} shut out: {plain_lines(group.because)}.")
    names = ", ".join(map(brief, group.usernames))
    more = group.count - len(group.usernames)
    yield Content(f"{shortened(names)}{f' and {more:,} more' if more else ''}")
