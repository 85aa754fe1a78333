"""Files: asking for a path with completion, reading one in, and writing one without losing what is there."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from estconsole.errors import FileUnusableError
from screens.background import in_thread, task
from screens.dialogs import Confirm
from screens.fields import Field
from screens.key_order import ask
from screens.keys import key_of
from screens.text import brief, plain, shortened

Result = TypeVar("Result")

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read in: a bundle, a CRL or a CSV of a hundred thousand rows is smaller."""


class PathSuggester(Suggester):
    """Completes a path by what is on the disk; a directory with its slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await in_thread(_completed, value)


class FilePrompt(ModalScreen[str | None]):
    """Asks for a file's path; the right arrow or tab takes what is suggested. `problem` is of the one typed before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="file.close", tooltip="Name no file"),
        Binding("tab", "complete", "Complete", id="file.complete", tooltip="Take the suggested path"),
    ]

    def __init__(self, title: str, path: str, note: str = "", problem: str = "") -> None:
        super().__init__()
        self._title, self._path, self._note, self._problem = title, path, note, problem

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(shortened(self._title)), classes="dialog-title")
            complete, close = key_of(self, "file.complete"), key_of(self, "file.close")
            field = Field(self._path, id="path", placeholder=f"path of a file; {complete} completes it")
            field.suggester = PathSuggester()
            yield field
            if self._problem:
                yield Static(Content(f"✗ {self._problem}"), classes="dialog-text problem")
            if self._note:
                yield Static(Content(plain(self._note)), classes="dialog-text")
            yield Static(Content(f"enter take it · {complete} complete · {close} leave"), classes="dialog-keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())

    @task()
    async def action_complete(self) -> None:
        """Take what would be suggested, which is still being looked for where keys come fast."""
        field = self.query_one(Field)
        if (completed := await in_thread(_completed, field.value)) is not None:
            field.fill(completed)

    def action_close(self) -> None:
        self.dismiss(None)


async def read_file(node: DOMNode, title: str, note: str = "") -> tuple[Path, bytes] | None:
    """Ask for a file until one can be read; None when none was named. From a task that holds keys."""

    async def read(path: Path) -> tuple[Path, bytes]:
        return path, await in_thread(read_bytes, path)

    return await _with_file(node, title, _directory(), note, read)


async def save_file(node: DOMNode, title: str, name: str, content: bytes, *, secret: bool = False) -> Path | None:
    """Ask where a file goes until it can be written there; a `secret` one for its owner alone.

    None when it was not written. From a task that holds keys.
    """

    async def write(typed: Path) -> Path | None:
        path, is_there = await in_thread(_target, typed, name)
        if is_there:
            text = f"{path} is there already. What it holds goes."
            if not await ask(node, Confirm(f"Overwrite {brief(path.name)}?", text, yes="Overwrite", no="Keep it")):
                return None
        await in_thread(write_bytes, path, content, secret=secret)
        return path

    note = "It holds secrets: it is written for you alone (mode 0600)." if secret else ""
    return await _with_file(node, title, _directory() + name, note, write)


async def _with_file(
    node: DOMNode, title: str, begin: str, note: str, use: Callable[[Path], Awaitable[Result]]
) -> Result | None:
    """Ask for a file that can be used so; one that cannot is asked for again, as it was typed, and why is said."""
    prompt = FilePrompt(title, begin, note)
    while (typed := await ask(node, prompt)) is not None:
        try:
            return await use(_named(typed))
        except FileUnusableError as error:
            prompt = FilePrompt(title, typed, note, f"{shortened(error.title)} {error.hint}")
    return None


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises FileUnusableError for what cannot be read, or is too large to be what is wanted."""
    try:
        if path.exists() and not path.is_file():
            raise _no_file(path)  # what a pipe or a device gives may never end
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FileUnusableError.of(path, error) from error
    if len(content) > LARGEST:
        raise FileUnusableError(f"{path} is too large.", f"At most {LARGEST // 2**20} MiB are read in.")
    return content


def write_bytes(path: Path, content: bytes, *, secret: bool) -> None:
    """Write a file whole or not at all, with the mode of a secret one or of any other. Raises FileUnusableError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
        try:
            with os.fdopen(number, "wb") as file:
                if not secret:
                    os.fchmod(number, 0o644)  # the console's own umask is for what is in the lab
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise FileUnusableError.of(path, error) from error


def _target(path: Path, name: str) -> tuple[Path, bool]:
    """The file that is written, one of this name in a directory, and whether it is there. Raises FileUnusableError."""
    try:
        target = path / name if path.is_dir() else path
        is_there = target.exists()
        if is_there and not target.is_file():
            raise _no_file(target)
    except (OSError, ValueError) as error:
        raise FileUnusableError.of(path, error) from error
    return target, is_there


def _no_file(path: Path) -> FileUnusableError:
    return FileUnusableError(f"{path} is a directory or a device.", "Name a file.")


def _named(typed: str) -> Path:
    """A path as it is typed, from a home directory on where it begins with one that there is."""
    return Path(os.path.expanduser(typed))  # Path's own raises for a user that there is not


def _directory() -> str:
    """Where files are looked for at first: the directory in which the console was started."""
    return f"{Path.cwd()}{os.sep}"


def _completed(typed: str) -> str | None:
    """The first path on the disk that begins with what was typed, None where there is none."""
    path = _named(typed)
    folder, begun = (path, "") if typed.endswith(os.sep) else (path.parent, path.name)
    names = sorted(_names(folder, begun))
    if not names or not typed:
        return None
    whole = folder / names[0]
    return typed + names[0][len(begun) :] + (os.sep if os.path.isdir(whole) else "")


def _names(folder: Path, begun: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from (
                entry.name
                for entry in entries
                if entry.name.startswith(begun) and (begun.startswith(".") or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return
