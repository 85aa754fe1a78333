"""Keys in their order: each waits until the one before it has done its work, and what that opens is in front."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

Answer = TypeVar("Answer")

LONGEST_KEY = 2.0
"""Seconds after which a key counts as done all the same, so that nothing can hold the keys up for good."""

LONGEST_OPENING = 5.0
"""Seconds after which a dialog counts as in front all the same: the operator may have gone elsewhere with the mouse.

On a busy machine a form takes over one; keys that are let go before it stands are lost.
"""


class KeyDone(Message):
    """Goes behind a key along the same way, and comes to the app when the key has been there.

    What the widget says on account of the key (a line was submitted) is behind it; so a last one goes behind that.
    """

    def __init__(self, key: InHand, *, last: bool) -> None:
        super().__init__()
        self.key = key
        self.last = last


class KeysFree(Message, bubble=False):
    """Tells the app that keys may be free to go on."""


class KeyGate:
    """Shut while something that a key set going is at work, and neither ended nor waiting for a dialog's answer."""

    def __init__(self) -> None:
        self._tasks: set[Worker[None]] = set()
        self._questions: set[asyncio.Future[Any]] = set()

    def hold(self, task: Worker[None]) -> None:
        """Hold keys until this has ended, but for the times when it asks."""
        self._tasks.add(task)

    def ask(self, question: asyncio.Future[Any]) -> None:
        """A dialog of one of the tasks is in front: keys are for it until it is answered."""
        self._questions.add(question)

    @property
    def is_open(self) -> bool:
        self._tasks = {task for task in self._tasks if not task.is_finished}
        self._questions = {question for question in self._questions if not question.done()}
        return len(self._tasks) <= len(self._questions)


class InHand(NamedTuple):
    """A key that was handed on: the screen in front then, what it was given to, and when (monotonic seconds)."""

    screen: Screen[object]
    target: DOMNode
    since: float


class HoldsKeys(Protocol):
    """What has a gate for keys: the app."""

    gate: KeyGate


def gate_of(node: DOMNode) -> KeyGate:
    """The app's gate for keys."""
    return cast("HoldsKeys", node.app).gate


async def ask(node: DOMNode, dialog: Screen[Answer]) -> Answer | None:
    """Push a dialog or a form from a task that holds keys, let them go once it takes them, and wait for its answer."""
    app = node.app
    answer = cast("asyncio.Future[Answer | None]", app.push_screen(dialog, wait_for_dismiss=True))
    in_front = asyncio.Event()
    dialog.call_after_refresh(in_front.set)
    opening = asyncio.ensure_future(in_front.wait())
    first: set[asyncio.Future[Any]] = {opening, answer}
    try:
        await asyncio.wait(first, timeout=LONGEST_OPENING, return_when=asyncio.FIRST_COMPLETED)
    finally:
        opening.cancel()
    gate_of(node).ask(answer)
    app.post_message(KeysFree())
    return await answer


class KeysInOrder(App[None]):
    """An app that hands one key on at a time. Keys `at_once` do not wait: they must work whatever else hangs."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.at_once: frozenset[str] = frozenset()
        self.gate = KeyGate()
        self._keys: deque[events.Key | events.Paste] = deque()
        self._in_hand: InHand | None = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded or self._goes_at_once(event):
            await super().on_event(event)
        else:
            self._keys.append(event)
            await self.pass_keys_on()

    async def on_key_done(self, message: KeyDone) -> None:
        message.stop()
        if message.key is not self._in_hand:
            return  # it counted as done already
        if message.last or not self._is_in_hand():
            self._in_hand = None
            await self.pass_keys_on()
        else:
            message.key.target.post_message(KeyDone(message.key, last=True))

    async def on_keys_free(self) -> None:
        await self.pass_keys_on()

    async def pass_keys_on(self) -> None:
        """Hand on the keys that wait, as far as they may go. To be called now and then too: a `KeyDone` may be lost."""
        while self._keys and self.gate.is_open and not self._is_in_hand() and not self._is_too_early(self._keys[0]):
            screen = self.screen
            target = self.focused or screen
            self._in_hand = key = InHand(screen, target, monotonic())
            await super().on_event(self._keys.popleft())
            target.post_message(KeyDone(key, last=False))

    def _is_too_early(self, key: events.Key | events.Paste) -> bool:
        """Whether this is enter in a palette that has not looked everywhere: it would run the first hit that came."""
        if not (isinstance(key, events.Key) and key.key == "enter" and isinstance(self.screen, CommandPalette)):
            return False
        return any(worker.node is self.screen and not worker.is_finished for worker in self.workers)

    def _is_in_hand(self) -> bool:
        """Whether the last key may still be on its way. One that changed the screen, or took its widget, is done."""
        last = self._in_hand
        return (
            last is not None
            and last.screen is self.screen
            and last.target.is_attached
            and monotonic() - last.since < LONGEST_KEY
        )

    def _goes_at_once(self, event: events.Event) -> bool:
        return isinstance(event, events.Key) and event.key in self.at_once
