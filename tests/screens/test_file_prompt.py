"""Files that the operator names: whatever is typed, it is read, written, or said why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from estconsole.errors import FileUnusableError
from screens import file_prompt
from screens.dialogs import ErrorDialog
from screens.file_prompt import FilePrompt, read_bytes
from screens.server import ServerScreen
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, types


async def writes_to(pilot: ConsolePilot, path: str) -> None:
    await pilot.press("w")
    await is_on(pilot, FilePrompt)
    await pilot.press("ctrl+u")
    await types(pilot, path)
    await pilot.press("enter")


async def test_a_path_that_no_file_can_have_is_said_and_no_device_is_replaced(
    console: OpenConsole, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    async with console() as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "SHA-256")
        for path, words in (
            ("~nobody-of-this-name/ca.pem", "No such file or directory"),
            (f"{tmp_path}/pipe", "is a directory or a device"),
        ):
            await writes_to(pilot, path)
            await is_on(pilot, ErrorDialog)
            await sees(pilot, words)
            await pilot.press("escape")
        await writes_to(pilot, str(tmp_path))
        await sees(pilot, "Written to")
        assert (tmp_path / "ManagementCA.cacert.pem").read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
    assert (tmp_path / "pipe").is_fifo()


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
