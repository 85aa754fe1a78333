"""Long acts: a thread does them, a dialog says how far they are once they last, and esc calls them off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static

from estconsole.progress import Cancelled, Progress, ProgressState
from screens.background import in_thread
from screens.key_order import ask
from screens.keys import key_of
from screens.text import plain, shortened

Result = TypeVar("Result")

PATIENCE = 0.5
"""Seconds that an act has before its dialog comes: most are done by then."""

LOOKS_A_SECOND = 10


class ProgressDialog(ModalScreen[None]):
    """Shows how far an act is until it ends; esc calls it off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="progress.cancel", tooltip="Call it off: nothing is changed then"),
    ]

    def __init__(self, title: str, progress: Progress, done: asyncio.Future[Any], *, can_cancel: bool = True) -> None:
        super().__init__()
        self._title, self._progress, self._done, self._can_cancel = title, progress, done, can_cancel

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            yield ProgressBar(show_eta=False)
            yield Static(id="progress-words", classes="dialog-text")
            keys = f"{key_of(self, 'progress.cancel')} cancel" if self._can_cancel else "it is done to its end"
            yield Static(Content(keys), id="progress-keys", classes="dialog-keys")

    def on_mount(self) -> None:
        self.set_interval(1 / LOOKS_A_SECOND, self._show)
        self._show()

    def _show(self) -> None:
        if self._done.done() and self.is_active:  # else another dialog stands on it, and goes first
            self.dismiss()
            return
        state = self._progress.now()
        self.query_one(ProgressBar).update(total=state.total, progress=state.done)
        self.query_one("#progress-words", Static).update(Content(plain(_words(state))))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return self._can_cancel or action != "cancel"

    def action_cancel(self) -> None:
        self._progress.cancel()
        self.query_one("#progress-keys", Static).update(Content("being called off …"))


async def with_progress(
    node: DOMNode, title: str, act: Callable[[Progress], Result], *, can_cancel: bool = True
) -> Result | None:
    """Do an act in a thread; None when it was called off. From a task that holds keys.

    What cannot be called off (`can_cancel`), as a revocation whose CRL is signed, is shown all the same.
    """
    progress = Progress()
    done = asyncio.ensure_future(in_thread(act, progress))
    try:
        await asyncio.wait({done}, timeout=PATIENCE)
        if not done.done():
            await ask(node, ProgressDialog(title, progress, done, can_cancel=can_cancel))
        return await done
    except Cancelled:
        return None
    except asyncio.CancelledError:
        progress.cancel()
        raise


def _words(state: ProgressState) -> str:
    far = f"{state.done:,} of {state.total:,}" if state.total else ""
    return " · ".join(word for word in (state.what, far) if word)
