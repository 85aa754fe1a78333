"""A text that is shown alone: copied, selected by hand, or written to a file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from estconsole.domain.secret import Secret
from screens.background import task
from screens.clipboard import sent_to_desktop
from screens.file_prompt import save_file
from screens.keys import key_of
from screens.text import plain, plain_lines, shortened

_DOTS = "•" * 16  # whatever the length of what they stand for

_FILE = "copied.txt"


class ShowText(ModalScreen[None]):
    """Shows a text alone, so that it can be selected by hand where the terminal does not take OSC 52.

    A `hidden` one stands as dots until the operator asks for it (B-45); it is copied either way. The file of one that
    is hidden or `secret` is for its owner alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", id="text.copy", tooltip="Copy the text to the clipboard"),
        Binding("ctrl+r", "reveal", "Show", id="text.reveal", tooltip="Show a text that is hidden"),
        Binding("w", "write", "Write", id="text.write", tooltip="Write the text to a file"),
        Binding("escape,enter", "close", "Close", id="text.close", tooltip="Close this text"),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        note: str = "",
        copied: bool = False,
        hidden: bool = False,
        secret: bool = False,
    ) -> None:
        super().__init__()
        self._title, self._text, self._note, self._copied, self._hidden = title, text, note, copied, hidden
        self._secret = secret or hidden
        self._sent = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            with VerticalScroll():
                yield Static(id="shown-text")
            if self._note:
                yield Static(Content(plain_lines(self._note)), classes="dialog-text")
            yield Static(id="sent", classes="dialog-keys")
            yield Static(id="keys", classes="dialog-keys")

    def on_mount(self) -> None:
        self._show()
        if self._copied:
            self.action_copy()

    @task(group="copy", holds_keys=False)  # no key waits for the desktop's program
    async def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text)
        self._copied = True
        self._sent = "✓ sent to the terminal's clipboard (OSC 52)"
        self._show()
        if await sent_to_desktop(self, Secret(self._text)):
            self._sent += " and to the desktop's"
            self._show()

    @task()
    async def action_write(self) -> None:
        """The last resort where no clipboard takes it."""
        content = f"{self._text.rstrip()}\n".encode("utf-8", "surrogatepass")
        path = await save_file(self, f"Write {self._title}", _FILE, content, secret=self._secret)
        if path is not None:
            self._sent = f"✓ written to {plain(str(path))}"
            self._show()

    def action_reveal(self) -> None:
        self._hidden = False
        self._show()

    def action_close(self) -> None:
        self.dismiss()

    def _show(self) -> None:
        self.query_one("#shown-text", Static).update(Content(_DOTS if self._hidden else plain_lines(self._text)))
        self.query_one("#sent", Static).update(Content(self._sent))
        keys = [
            "" if self._copied else f"{key_of(self, 'text.copy')} copy",
            f"{key_of(self, 'text.reveal')} show" if self._hidden else "",
            f"{key_of(self, 'text.write')} write to a file",
            f"{key_of(self, 'text.close')} close",
        ]
        self.query_one("#keys", Static).update(Content(" · ".join(key for key in keys if key)))
