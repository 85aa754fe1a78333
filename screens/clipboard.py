"""The desktop's clipboard, by the program that fills it; the terminal's own is filled by OSC 52."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol, cast

from textual.dom import DOMNode

from estconsole.domain.secret import Secret
from screens.background import in_thread

DesktopClipboard = Callable[[Secret], bool]
"""Fills the desktop's clipboard, and says whether it did. Blocks; any thread may call it."""


class HasDesktop(Protocol):
    """What knows how the desktop's clipboard is filled, if there is one: the app."""

    desktop: DesktopClipboard | None


_PATIENCE = 2.0
"""Seconds that a program may take: one that waits for a desktop that is gone never ends by itself."""


class _Program(NamedTuple):
    """A program that takes a text on its standard input: on a command line every user of the machine could read it."""

    command: tuple[str, ...]
    encoding: str = "utf-8"


_WAYLAND = (_Program(("wl-copy",)),)
_X11 = (_Program(("xclip", "-selection", "clipboard")), _Program(("xsel", "--clipboard", "--input")))
_MACOS = (_Program(("pbcopy",)),)
_WINDOWS = (_Program(("clip.exe",), "utf-16-le"),)


def desktop_clipboard(environment: Mapping[str, str], platform: str = sys.platform) -> DesktopClipboard | None:
    """What fills the clipboard of the desktop that this terminal is on; none over SSH, where that is another's."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return None
    for program in _programs(environment, platform):
        if path := shutil.which(program.command[0], path=environment.get("PATH")):
            return _filling(_Program((path, *program.command[1:]), program.encoding), environment)
    return None


async def sent_to_desktop(node: DOMNode, text: Secret) -> bool:
    """Fill the desktop's clipboard, where there is one; whether that is so."""
    desktop = cast("HasDesktop", node.app).desktop
    return desktop is not None and await in_thread(desktop, text)


def _programs(environment: Mapping[str, str], platform: str) -> Iterator[_Program]:
    if platform == "darwin":
        yield from _MACOS
    if platform == "win32" or environment.get("WSL_DISTRO_NAME"):
        yield from _WINDOWS
    if environment.get("WAYLAND_DISPLAY"):
        yield from _WAYLAND
    if environment.get("DISPLAY"):
        yield from _X11


def _filling(program: _Program, environment: Mapping[str, str]) -> DesktopClipboard:
    def fill(text: Secret) -> bool:
        try:
            ended = subprocess.run(  # noqa: S603 - one of the programs above
                program.command,
                input=text.reveal().encode(program.encoding),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_PATIENCE,
                check=False,
                env=dict(environment),
            )
        except (OSError, UnicodeError, subprocess.TimeoutExpired):
            return False
        return ended.returncode == 0

    return fill
