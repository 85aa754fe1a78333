"""Copying: to the terminal by OSC 52, and to the desktop by its program, if there is one that does it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from screens import clipboard
from screens.clipboard import desktop_clipboard
from screens.dialogs import Menu
from screens.end_entities import EndEntitiesScreen
from screens.show_text import ShowText
from tests.labs import unregister
from tests.screens.driving import SECONDS, ConsolePilot, OpenConsole, is_on, sees, text_of, until

OSC_52 = "✓ sent to the terminal's clipboard (OSC 52)"


class Desktop:
    """Programs of the name that a desktop has, which note what they are given."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def has(self, program: str, *, ending: str = "exit 0") -> None:
        path = self._directory / program
        path.write_text(f'#!/bin/sh\nPATH=/bin:/usr/bin\necho "$@" > {path}.args\ncat > {path}.text\n{ending}\n')
        path.chmod(0o700)

    def given(self, program: str) -> tuple[str, bytes]:
        path = self._directory / program
        return Path(f"{path}.args").read_text().strip(), Path(f"{path}.text").read_bytes()

    def environment(self, **variables: str) -> dict[str, str]:
        return {"PATH": str(self._directory)} | variables


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    return Desktop(tmp_path)


@pytest.mark.parametrize(
    ("program", "variables", "platform", "arguments", "encoding"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", "", "utf-8"),
        ("xclip", {"DISPLAY": ":0"}, "linux", "-selection clipboard", "utf-8"),
        ("xsel", {"DISPLAY": ":0"}, "linux", "--clipboard --input", "utf-8"),
        ("pbcopy", {}, "darwin", "", "utf-8"),
        ("clip.exe", {"WSL_DISTRO_NAME": "x"}, "linux", "", "utf-16-le"),
    ],
)
def test_each_desktops_program_takes_the_text_and_never_as_an_argument(
    desktop: Desktop, program: str, variables: dict[str, str], platform: str, arguments: str, encoding: str
) -> None:
    desktop.has(program)
    fill = desktop_clipboard(desktop.environment(**variables), platform)
    assert fill is not None
    assert fill(Secret("cödé"))
    assert desktop.given(program) == (arguments, "cödé".encode(encoding))


def test_where_there_is_no_program_or_the_desktop_is_another_machines_there_is_none(desktop: Desktop) -> None:
    assert desktop_clipboard(desktop.environment(DISPLAY=":0"), "linux") is None
    desktop.has("xclip")
    assert desktop_clipboard(desktop.environment(), "linux") is None
    for variable in ("SSH_CONNECTION", "SSH_TTY"):
        assert desktop_clipboard(desktop.environment(DISPLAY=":0", **{variable: "x"}), "linux") is None


def test_a_program_that_fails_or_never_ends_is_no_success(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "_PATIENCE", 0.3)
    desktop.has("xclip", ending="exit 1")
    desktop.has("xsel", ending="exec sleep 60")
    for display in ("xclip", "xsel"):
        fill = desktop_clipboard(desktop.environment(DISPLAY=":0"), "linux")
        assert fill is not None
        assert not fill(Secret("x"))
        (desktop._directory / display).unlink()
        assert not fill(Secret("x")), "a program that went away"


async def shows_code(pilot: ConsolePilot) -> None:
    await pilot.press("2")
    await is_on(pilot, EndEntitiesScreen)
    await sees(pilot, "registered_client")
    await pilot.press("c", "c")
    await is_on(pilot, ShowText)


async def test_what_was_tried_is_said_and_no_more(console: OpenConsole) -> None:
    came: list[str] = []
    may_go = threading.Event()
    ends = iter((True, False))

    def fill(text: Secret) -> bool:
        assert may_go.wait(SECONDS)
        came.append(text.reveal())
        return next(ends)

    async with console() as pilot:
        pilot.app.desktop = fill
        await shows_code(pilot)
        await sees(pilot, f"{OSC_52}\n", "ctrl+r show")
        may_go.set()
        await sees(pilot, f"{OSC_52} and to the desktop's")
        assert came == [pilot.app.clipboard]
        assert pilot.app.clipboard not in text_of(pilot)
        await pilot.press("c")
        await until(pilot, lambda: len(came) == 2)
        await sees(pilot, f"{OSC_52}\n")
        await pilot.press("escape")
        pilot.app.desktop = None
        await pilot.press("c", "u")
        await sees(pilot, f"{OSC_52}\n")


async def test_a_text_that_went_meanwhile_is_missed_in_words(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "▌123456789")
        await pilot.press("c")
        await is_on(pilot, Menu)
        unregister(lab, "123456789")
        await pilot.press("c")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "it is not there any more")
