"""A database's directory as bytes, to look at, to damage and to bring back."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import estconsole.store

Contents = dict[str, bytes]

_CODE = os.path.dirname(estconsole.store.__file__)


def contents(directory: Path) -> Contents:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def restore(directory: Path, files: Contents) -> Path:
    """Make a directory hold just these files; its database's path."""
    directory.mkdir(exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
    for name, content in files.items():
        (directory / name).write_bytes(content)
    return directory / "db.json"


def journal(files: Contents) -> str:
    """The name of the only journal."""
    (name,) = (name for name in files if ".journal." in name)
    return name


def states_during(directory: Path, action: Callable[[], Any]) -> list[Contents]:
    """Every state that the directory has before, between and after the lines of the store's code that `action` runs."""
    states = [contents(directory)]

    def look(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(_CODE):
            return None
        now = contents(directory)
        if now != states[-1]:
            states.append(now)
        return look

    earlier = sys.gettrace()
    sys.settrace(look)
    try:
        action()
    finally:
        sys.settrace(earlier)
    states.append(contents(directory))
    return states


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """A real refusal to write: what goes beyond `size` bytes of a file is cut short, then refused with EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
