"""What the Server screen changes: ports while it serves, names, the EST switch, and all of it taken back."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.settings import PortLayout
from screens.dialogs import Confirm
from screens.file_prompt import FilePrompt
from screens.server import ServerScreen
from screens.server_form import ServerForm
from server.service import EstService
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, text_of, types, until
from tests.server.test_sockets import free_port
from tests.wire import WireClient


async def opens_form(pilot: ConsolePilot) -> None:
    await pilot.press("7")
    await is_on(pilot, ServerScreen)
    await sees(pilot, "SHA-256")
    await pilot.press("e")
    await is_on(pilot, ServerForm)


async def test_ports_change_while_it_serves_and_are_taken_back(
    console: OpenConsole, lab: Lab, service: EstService
) -> None:
    """B-36, B-37: a port that is taken leaves everything as it was, and is said under its field, as a form says it."""
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await opens_form(pilot)
        before = service.state.urls
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]
            await pilot.press("enter", "down", "enter")
            await sees(pilot, "not used: the layout two-port has no such port")
            await pilot.press("tab", "tab", "ctrl+u")
            await types(pilot, str(number))
            await pilot.press("ctrl+s")
            await sees(pilot, f"✗ {number} is taken on 127.0.0.1; choose another")
            await is_on(pilot, ServerForm)
            assert text_of(pilot).count(str(number)) == 2
            assert "--" not in text_of(pilot)
            assert pilot.app.focused is pilot.app.screen.query_one("#mtls_port")
        assert service.state.urls == before
        assert lab.administration.server.settings().layout is PortLayout.THREE
        await pilot.press("ctrl+u")
        await types(pilot, "0")
        await pilot.press("tab", "tab")
        await types(pilot, "lab-9.example")
        await pilot.press("ctrl+s")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "lab-9.example", "tls, client certificate or none")
        assert service.state.urls != before
        assert lab.administration.server.settings().names == ("lab-9.example",)
        await pilot.press("u")
        await sees(pilot, "The server listens as before.", "tls + client certificate")
        assert lab.administration.server.settings().names == ()


async def test_a_change_that_cannot_be_taken_back_says_why(console: OpenConsole, lab: Lab, service: EstService) -> None:
    server = lab.administration.server
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        urls = service.state.urls
        assert urls is not None
        first, second = urlsplit(urls.mtls).port or 0, free_port()
        settings = replace(service.settings, mtls_port=first)
        assert isinstance(await asyncio.to_thread(server.change_settings, settings, service), Saved)
        await opens_form(pilot)
        await pilot.press("tab", "tab", "tab", "ctrl+u")
        await types(pilot, str(second))
        await pilot.press("ctrl+s")
        await sees(pilot, "The server listens as you said")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", first))
            taken.listen()
            await pilot.press("u")
            await sees(pilot, "The change was not taken back:", f"{first} is taken on")
        assert server.settings().mtls_port == second


async def test_a_wrong_port_is_said_under_its_field(console: OpenConsole) -> None:
    async with console() as pilot:
        await opens_form(pilot)
        await pilot.press("tab", "ctrl+u")
        await types(pilot, "9001")
        await pilot.press("tab", "ctrl+u")
        await types(pilot, "9001")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ 9001 is given to two ports")
        await pilot.press("ctrl+u")
        await types(pilot, "ninety")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ a port is a number from 0 to 65535")
        assert "given to two ports" not in text_of(pilot)
        await pilot.press("shift+tab", "tab", "tab", "tab", "tab", "ctrl+u")
        await types(pilot, "192.0.2.7")
        await sees(pilot, "▲ the network can reach it")


async def test_est_is_switched_off_after_a_question_and_on_again(console: OpenConsole, service: EstService) -> None:
    """B-25: EJBCA's switch."""
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await pilot.press("7", "t")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "▲ switched off", "EST is off")
        urls = service.state.urls
        assert urls is not None
        client = await asyncio.to_thread(WireClient, urls.http, urls.tls, urls.mtls)
        assert (await asyncio.to_thread(client.enroll, "123456789", "password")).status == 403
        await pilot.press("t")
        await sees(pilot, "EST is on.")
        await until(pilot, lambda: "switched off" not in text_of(pilot))


async def test_the_pem_is_written_where_the_operator_says(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    """Nothing is overwritten unasked, and what cannot be written says why."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    async with console() as pilot:
        await pilot.press("7")
        await sees(pilot, "SHA-256")
        await pilot.press("w")
        await is_on(pilot, FilePrompt)
        await pilot.press("ctrl+u")
        await types(pilot, str(folder)[:-3])
        await until(pilot, lambda: pilot.app.screen.query_one("#path")._suggestion)  # type: ignore[attr-defined]
        await pilot.press("tab", "enter")
        await sees(pilot, "Written to")
        written = folder / "ManagementCA.cacert.pem"
        assert written.read_text() == lab.administration.authorities.pem("ManagementCA")
        assert written.stat().st_mode & 0o777 == 0o644

        written.write_text("mine")
        await pilot.press("w")
        await is_on(pilot, FilePrompt)
        await pilot.press("ctrl+u")
        await types(pilot, str(written))
        await pilot.press("enter")
        await is_on(pilot, Confirm)
        await pilot.press("n")
        await is_on(pilot, ServerScreen)
        assert written.read_text() == "mine"

        await pilot.press("w")
        await is_on(pilot, FilePrompt)
        await pilot.press("ctrl+u")
        await types(pilot, str(tmp_path / "nowhere" / "file"))
        await pilot.press("enter")
        await sees(pilot, "No such file or directory")
        assert [path.name for path in folder.iterdir()] == ["ManagementCA.cacert.pem"]
