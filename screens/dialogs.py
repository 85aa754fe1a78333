"""The small dialogs that every screen shares: an error, a notice, a question, a menu of one more key, and a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from estconsole.errors import EstConsoleError
from screens.fields import Field
from screens.keys import key_of
from screens.text import plain_lines, shortened


class ErrorDialog(ModalScreen[None]):
    """Shows what went wrong and what to do about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "Close", id="error.close", tooltip="Close this message"),
    ]

    def __init__(self, error: EstConsoleError) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog bad"):
            yield Static(Content(f"▲ {shortened(self._error.title)}"), classes="dialog-title")
            yield Static(Content(plain_lines(self._error.hint)), classes="dialog-text")
            yield Static(Content(f"{key_of(self, 'error.close')} close"), classes="dialog-keys")

    def action_close(self) -> None:
        self.dismiss()


class Notice(ModalScreen[None]):
    """Says what was done and what is odd about it, until it was read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "Close", id="notice.close", tooltip="Close this message"),
    ]

    def __init__(self, title: str, remarks: Sequence[str]) -> None:
        super().__init__()
        self._title, self._remarks = title, remarks

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            with VerticalScroll():
                for remark in self._remarks:
                    yield Static(Content(f"▲ {plain_lines(remark)}"), classes="dialog-remark")
            yield Static(Content(f"{key_of(self, 'notice.close')} close"), classes="dialog-keys")

    def action_close(self) -> None:
        self.dismiss()


class Confirm(ModalScreen[bool]):
    """Asks before something is done that cannot be undone, and says what goes with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes", tooltip="Do it"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no", tooltip="Leave everything as it is"),
    ]

    def __init__(self, title: str, text: str, *, yes: str, no: str = "Leave it") -> None:
        super().__init__()
        self._title, self._text, self._yes, self._no = title, text, yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            yield Static(Content(plain_lines(self._text)), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button(Content(f"{key_of(self, 'confirm.no')}  {self._no}"), id="no", compact=True)
                yield Button(Content(f"{key_of(self, 'confirm.yes')}  {self._yes}"), id="yes", compact=True)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu: the key that takes it, what it says, and what the menu then answers."""

    key: str
    label: str
    answer: str


class Menu(ModalScreen[str | None]):
    """A short menu at the foot of the screen: one more key, or the arrows and enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="menu.close", tooltip="Choose nothing"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title, self._choices = title, tuple(choices)

    def compose(self) -> ComposeResult:
        with Vertical(classes="menu"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            options = [
                Option(Content.assemble((f"{choice.key:>3} ", "$accent"), f" {shortened(choice.label)}"))
                for choice in self._choices
            ]
            yield OptionList(*options, compact=True)

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they stand where the menu does

    def on_key(self, event: events.Key) -> None:
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                self.dismiss(choice.answer)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].answer)

    def action_close(self) -> None:
        self.dismiss(None)


class Prompt(ModalScreen[str | None]):
    """Asks for one line: a new name, or a passphrase, which stays hidden. `problem_of` says what is wrong with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="prompt.close", tooltip="Leave everything as it is"),
    ]

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        note: str = "",
        hidden: bool = False,
        problem_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._title, self._value, self._note, self._hidden, self._problem_of = title, value, note, hidden, problem_of

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            yield Field(self._value, id="prompted", password=self._hidden)
            yield Static(Content(plain_lines(self._note)), id="prompt-note", classes="dialog-text")
            yield Static(Content(f"enter take it · {key_of(self, 'prompt.close')} leave"), classes="dialog-keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if problem := self._problem_of(event.value):
            note = self.query_one("#prompt-note", Static)
            note.update(Content(f"✗ {plain_lines(problem)}"))
            note.add_class("problem")
        else:
            self.dismiss(event.value)

    def action_close(self) -> None:
        self.dismiss(None)
