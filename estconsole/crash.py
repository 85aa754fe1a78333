"""What is left of a crash: a report without secrets in the data directory, and two lines in the terminal."""

from __future__ import annotations

import contextlib
import os
import platform
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from textual.worker import WorkerFailed

from estconsole.data_directory import CRASH
from estconsole.errors import EstConsoleError

MOST_REPORTS = 10
"""Reports that are kept: a console that crashes at each start must not fill the disk."""

_LONGEST_CHAIN = 20
"""Causes that are followed, so that errors that name each other come to an end."""


class CrashReports:
    """The reports in a data directory; the newest ten stay."""

    def __init__(self, directory: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._directory = directory
        self._now = now

    def leave(self, error: BaseException, screen: str = "") -> str:
        """Write the report of an error while a screen was in front, and return the two lines for the terminal.

        Textual hands on what failed in a worker inside an error of its own, which says no more.
        """
        while isinstance(error, WorkerFailed):
            error = error.error
        title = f"estconsole: it crashed ({_kind(error)}), by a fault of its own. The lab is intact."
        try:
            path = self._write(report_of(error, screen, self._now()))
        except OSError as problem:
            return f"{title}\n  No report could be written to {self._directory}: {problem.strerror or problem}."
        with contextlib.suppress(OSError):
            self._remove_oldest()
        return f"{title}\n  The report is {path}; no secret is in it."

    def _write(self, report: str) -> Path:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem = f"{CRASH}{self._now():%Y%m%dT%H%M%SZ}"
        for name in (stem, *(f"{stem}-{number}" for number in range(1, MOST_REPORTS))):
            path = self._directory / f"{name}.txt"
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(report)
                return path
        raise FileExistsError(0, "there are enough of this second")

    def _remove_oldest(self) -> None:
        reports = sorted(self._directory.glob(f"{CRASH}[0-9]*Z*.txt"), key=lambda path: path.stat().st_mtime_ns)
        for path in reports[:-MOST_REPORTS]:
            path.unlink()


def report_of(error: BaseException, screen: str, now: datetime) -> str:
    """The report: versions, the screen, and the stack of the error and of each of its causes.

    Locals and messages are left out, since either may hold what was typed (B-45); an error of this program's own says
    its title.
    """
    lines = [
        f"estconsole crashed at {now:%Y-%m-%d %H:%M:%S} UTC",
        "",
        f"estconsole {version('estconsole')}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"Textual {version('textual')}, cryptography {version('cryptography')}",
        f"Screen: {screen or 'none'}",
    ]
    for relation, each in _chain(error):
        lines += ["", f"{relation}{_kind(each)}", *_stack(each)]
    return "\n".join(lines) + "\n"


def _chain(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """An error and what led to it, each with its relation to the one before."""
    waiting = [("", error)]
    for _ in range(_LONGEST_CHAIN):
        if not waiting:
            return
        relation, each = waiting.pop(0)
        yield relation, each
        if isinstance(each, BaseExceptionGroup):
            waiting += [("In a group: ", member) for member in each.exceptions]
        if each.__cause__ is not None:
            waiting.append(("Caused by: ", each.__cause__))
        elif each.__context__ is not None and not each.__suppress_context__:
            waiting.append(("While handling: ", each.__context__))


def _kind(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {error.title}" if isinstance(error, EstConsoleError) else name


def _stack(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        if frame.line:
            yield f"    {frame.line}"
