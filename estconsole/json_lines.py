"""Lines of JSON for a reader that may be slow or gone: whoever writes one never waits."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from typing import Any, TextIO

WAITING_LINES = 10_000
"""Lines that wait for a slow reader; past it they are counted and dropped, and the enrollments go on."""
CLOSE_SECONDS = 5.0
"""How long a reader may take for what is left when everything ends."""

logger = logging.getLogger(__name__)


def _let_go(out: TextIO) -> None:
    """Point a broken output nowhere: Python flushes it once more when it ends, and would fail with status 120."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    os.close(nowhere)


class Lines:
    """Writes whole lines, in order, in a thread of its own. Nothing is written before `begin`'s line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue(WAITING_LINES)
        self._dropped = 0
        # A daemon: a reader that never reads again must not keep the process alive.
        self._writer = threading.Thread(target=self._run, name="json-lines", daemon=True)
        self._first: dict[str, Any] = {}

    def begin(self, line: dict[str, Any]) -> None:
        """Write the first line, and then those that came meanwhile."""
        self._first = line
        self._writer.start()

    def write(self, line: dict[str, Any]) -> None:
        """Have a line written. Any thread may call it; it returns at once."""
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what is left, as long as the reader takes it."""
        try:
            self._waiting.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        self._writer.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            self._print(self._first)
            while (line := self._waiting.get()) is not None:
                self._print(line)
                if self._dropped and self._waiting.empty():
                    dropped, self._dropped = self._dropped, 0
                    self._print({"activity": "dropped", "count": dropped})
        except OSError as error:
            logger.warning("nobody reads the lines any more: %s", error)
            _let_go(self._out)
            self._discard()

    def _print(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps(line, ensure_ascii=True) + "\n")
        self._out.flush()

    def _discard(self) -> None:
        while self._waiting.get() is not None:
            pass
