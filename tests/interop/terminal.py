"""A program in a pseudo-terminal, as a person's terminal would run it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 30
_ESCAPES = re.compile(r"\x1b(\[[0-9;?<>=]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")


class Terminal:
    """The terminal's end of a running program: what it wrote, and a keyboard."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self.written = ""

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until something has been written that matches, since the last time this was asked."""
        deadline = time.monotonic() + SECONDS
        while not (found := re.search(pattern, _ESCAPES.sub("", self.written))):
            assert time.monotonic() < deadline, f"{pattern!r} never came; the terminal has {self.written[-2000:]!r}"
            assert self._read(), f"{pattern!r} never came, and the program ended: {self.written[-2000:]!r}"
        self.written = ""
        return found

    def wait(self) -> int:
        """Read until the program ends: its exit status."""
        while self._read():
            pass
        return self.process.wait(SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], SECONDS)
        assert ready, f"nothing came for {SECONDS} s; the terminal has {self.written[-2000:]!r}"
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # Linux says EIO when the program has closed its end
            return False
        self.written += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def terminal(*arguments: str, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """Run `estconsole` in a terminal of so many columns and lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    command = [sys.executable, "-m", "estconsole", *arguments]
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait(SECONDS)
        os.close(ours)
