"""Files that the operator names: whatever is typed, it is read, written, or said why not."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from estconsole.errors import FileUnusableError
from estconsole.lab import Lab
from screens import file_prompt
from screens.fields import Field
from screens.file_prompt import FilePrompt, read_bytes
from screens.server import ServerScreen
from screens.vendor_cas import VendorCasScreen
from tests.screens.driving import SECONDS, ConsolePilot, OpenConsole, is_on, sees, types


async def names(pilot: ConsolePilot, path: str) -> None:
    """Type a path where a file is asked for."""
    await is_on(pilot, FilePrompt)
    await pilot.press("ctrl+u")
    await types(pilot, f"{path}\r")


def asked_for(pilot: ConsolePilot) -> str:
    """What stands in the prompt that is in front."""
    assert isinstance(pilot.app.screen, FilePrompt)
    return pilot.app.screen.query_one(Field).value


async def test_what_cannot_be_written_or_read_is_asked_for_again_as_it_was_typed(
    console: OpenConsole, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No path is lost, no device is replaced, and a path is completed however slow the disk is."""
    complete, may_go = file_prompt._completed, threading.Event()

    def slowly(typed: str) -> str | None:
        assert may_go.wait(SECONDS)
        return complete(typed)

    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)
    pem = lab.administration.authorities.pem("ManagementCA")
    async with console() as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "SHA-256")
        await pilot.press("w")
        for path, words in (
            ("~nobody-of-this-name/ca.pem", "No such file or directory"),
            (str(pipe), "is a directory or a device"),
        ):
            await names(pilot, path)
            await sees(pilot, "✗", words)
            assert asked_for(pilot) == path
        await pilot.press("ctrl+u")
        monkeypatch.setattr(file_prompt, "_completed", slowly)
        await types(pilot, str(folder)[:-3])
        await pilot.press("tab")
        may_go.set()
        await pilot.press("enter")
        await sees(pilot, "Written to")
        written = folder / "ManagementCA.cacert.pem"
        assert written.read_text() == pem
        await pilot.press("5")
        await is_on(pilot, VendorCasScreen)
        await pilot.press("a", "f")
        await names(pilot, str(folder))
        await sees(pilot, "✗", "is a directory or a device", "PEM, DER or PKCS#7")
        assert asked_for(pilot) == str(folder)
        await types(pilot, "/\t\r")
        await sees(pilot, "1 certificate found", "ManagementCA")
    assert pipe.is_fifo()


def test_only_a_file_of_some_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_prompt, "LARGEST", 3)
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    os.mkfifo(pipe)
    file.write_bytes(b"123")
    assert read_bytes(file) == b"123"
    file.write_bytes(b"1234")
    for path, words in (
        (file, "too large"),
        (pipe, "a directory or a device"),
        (tmp_path, "a directory or a device"),
        (tmp_path / "none", "No such file"),
        (Path("a\0b"), "null byte"),
    ):
        with pytest.raises(FileUnusableError, match=words):
            read_bytes(path)
