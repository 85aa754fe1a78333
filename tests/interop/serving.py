"""`estconsole serve` as a process of its own, read line by line."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WAIT_SECONDS = 30


class Serving:
    """A serving process. Lines are taken from its standard output as they come."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        ports = ("--tls-port", "0", "--mtls-port", "0", "--http-port", "0")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "estconsole", "serve", "--data-dir", str(data_dir), *ports, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []
        self._queue: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.urls: dict[str, str] = self.wait_for(lambda line: line["activity"] == "listening")["urls"]

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next line that is wanted; the ones before it are kept in `lines` too."""
        while True:
            try:
                text = self._queue.get(timeout=WAIT_SECONDS)
            except queue.Empty:
                raise AssertionError(f"no such line came; so far: {self.lines}") from None
            if not text:
                raise AssertionError(f"the process ended: {self.process.stderr.read() if self.process.stderr else ''}")
            self.lines.append(json.loads(text))
            if wanted(self.lines[-1]):
                return self.lines[-1]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and wait: the exit status, and what it wrote to standard error."""
        self.process.send_signal(number)
        self.process.wait(WAIT_SECONDS)
        self._reader.join(WAIT_SECONDS)
        while not self._queue.empty():
            if text := self._queue.get():
                self.lines.append(json.loads(text))
        return self.process.returncode, self.process.stderr.read() if self.process.stderr else ""

    def _read(self) -> None:
        for text in self.process.stdout or ():
            self._queue.put(text)
        self._queue.put("")


@contextmanager
def serving(data_dir: Path, *options: str) -> Iterator[Serving]:
    """A serving process that is ended afterwards, whatever the test does."""
    started = Serving(data_dir, *options)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait(WAIT_SECONDS)
        for pipe in (started.process.stdout, started.process.stderr):
            if pipe is not None:
                pipe.close()
