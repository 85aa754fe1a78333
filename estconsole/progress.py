"""How a long act says how far it is, and how whoever waits for it calls it off."""

from __future__ import annotations

import threading
from dataclasses import dataclass


class Cancelled(Exception):  # noqa: N818 - no error: somebody asked for it
    """An act was called off, and left everything as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressState:
    """How far an act is: `done` of `total` steps (None where nobody knows how many), and what it does, in words."""

    done: int = 0
    total: int | None = None
    what: str = ""


class Progress:
    """Between one act and who waits for it: the act's thread steps, any other reads and cancels."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._state = ProgressState()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Have the act end at its next step. One that is past its last step is done all the same."""
        self._cancelled.set()

    def now(self) -> ProgressState:
        return self._state

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        """Say how far the act is. Raises Cancelled if it was called off; the act changes nothing then."""
        if self.cancelled:
            raise Cancelled
        self._state = ProgressState(done=done, total=total, what=what)


class _NoProgress(Progress):
    """Nobody waits, so there is nothing to say and nobody to cancel."""

    def cancel(self) -> None:
        pass

    def step(self, done: int, total: int | None = None, what: str = "") -> None:
        pass


NO_PROGRESS: Progress = _NoProgress()
