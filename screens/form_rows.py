"""The rows of a form: a label, a field, and a line under it for what is wrong or what it comes to."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label, Static

from screens.text import plain


class FormRow(Vertical):
    """One field of a form; `field_name` is the draft's name for it: the widget's id, with a dot for its first dash."""

    def __init__(self, label: str, widget: Widget) -> None:
        super().__init__(classes="form-row")
        self._label = Label(Content(label), classes="form-label")
        self.widget = widget
        self.field_name = (widget.id or "").replace("-", ".", 1)
        self._note = Static(classes="form-note")

    def compose(self) -> ComposeResult:
        with Horizontal(classes="form-line"):
            yield self._label
            yield self.widget
        yield self._note

    def on_mount(self) -> None:
        self._note.display = False

    def focus_field(self) -> None:
        self.screen.set_focus(self.widget)  # at once: the next key is for it

    def set_unused(self, why: str) -> None:
        """Grey the field and say why it has no effect; an empty `why` has it apply again."""
        self.widget.disabled = bool(why)
        self.set_class(bool(why), "-unused")
        self._show(Content(plain(f"not used: {why}")) if why else Content(""), "")

    def show_problem(self, problem: str) -> None:
        """Say under the field what is wrong, in words that say what would be right."""
        self._show(Content(f"✗ {plain(problem)}"), "problem")

    def show_warning(self, warning: str) -> None:
        """Say under the field what is odd about it."""
        self._show(Content(f"▲ {plain(warning)}"), "warning")

    def show_note(self, note: str) -> None:
        """Say under the field what it comes to."""
        self._show(Content(plain(note)), "")

    def clear_problem(self) -> None:
        """Say no more that something is wrong, if that is what was said."""
        if self._note.has_class("problem"):
            self.clear()

    def clear(self) -> None:
        self._show(Content(""), "")

    def _show(self, text: Content, tone: str) -> None:
        self._note.update(text)
        self._note.display = bool(text)
        self._note.set_class(tone == "problem", "problem")
        self._note.set_class(tone == "warning", "warning")
