"""What must not wait for an operator: CRLs and the server's certificate are renewed while the lab is open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

UPKEEP_SECONDS = 60.0
"""How often it is looked whether something is due; what is looked after lives for hours at least."""


class Upkeep:
    """Runs its tasks at once and then over and over, in a thread of its own, until it is closed.

    A task that fails is logged, and tried again the next time: the others do not wait for it.
    """

    def __init__(self, tasks: Sequence[Callable[[], None]], seconds: float = UPKEEP_SECONDS) -> None:
        self._tasks = tuple(tasks)
        self._seconds = seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread, once the task that it is in has ended."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            for task in self._tasks:
                try:
                    task()
                except Exception:
                    logger.exception("upkeep failed, and is tried again in %s seconds", self._seconds)
            self._closing.wait(self._seconds)
