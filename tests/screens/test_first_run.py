"""The first run, by keys against the real server: an empty lab to the first enrollment, with real openssl and curl."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from estconsole.lab import Lab
from estconsole.server_control import ServerPhase
from screens.dialogs import Confirm
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.first_run import FirstRunScreen
from screens.live import LiveScreen
from screens.show_text import ShowText
from server.service import EstService
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import ANY_PORTS
from tests.screens.driving import OpenConsole, is_on, line_with, sees, types, until


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab of one's own in which nothing is yet."""
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS, furnish=False) as opened:
        yield opened


@needs("openssl", "curl")
async def test_an_empty_lab_to_the_first_enrollment(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    async with console(start_server=True) as pilot:
        await is_on(pilot, FirstRunScreen)
        await sees(pilot, "Welcome to mine", "This lab is empty")
        await pilot.press("ctrl+u")
        await types(pilot, "LabCA")
        await sees(pilot, "CN=LabCA")
        await pilot.press("ctrl+s")
        await is_on(pilot, LiveScreen)
        await sees(pilot, "● serving", "LabCA is made", "No device has called yet")

        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "No end entities yet")
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "first-device")
        await sees(pilot, "••••••••••••••••", "LabCA")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        await pilot.press("c")
        await until(pilot, lambda: pilot.app.clipboard)
        code = pilot.app.clipboard
        await pilot.press("escape", "1")

        urls = service.state.urls
        assert urls is not None
        device = Device(directory=tmp_path, lab=lab, service=service, urls=urls)
        await asyncio.to_thread(enroll, device, code)
        await sees(pilot, "✓ granted")
        assert "first-device" in line_with(pilot, "enroll ")


def enroll(device: Device, code: str) -> None:
    """The README's commands: the CA's certificate, a CSR at the prompts, and the enrollment."""
    device.run(f"curl -sS --fail -o ManagementCA.cacert.pem {device.urls.http}/ca/LabCA.cacert.pem")
    request = "openssl req -nodes -newkey rsa:2048 -keyout device.key -outform DER -out device.der -config openssl.conf"
    device.run(request, answers=f"first-device\n{code}\n")
    device.run("openssl base64 -in device.der -out device.b64 -e")
    assert device.post("simpleenroll", "device.b64", "answer") == "200"
    assert "CN = LabCA" in device.unpack("answer", "device-cert.pem")


async def test_problems_stand_under_their_fields_and_a_lab_that_was_left_empty_says_how_to_begin(
    console: OpenConsole, service: EstService
) -> None:
    async with console(start_server=True) as pilot:
        await is_on(pilot, FirstRunScreen)
        await pilot.press("ctrl+u", "ctrl+s")
        await sees(pilot, "✗")
        await pilot.press("escape")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await is_on(pilot, LiveScreen)
        await sees(pilot, "The lab is empty: 4, then a, begins again.")
        assert service.state.phase is not ServerPhase.SERVING
        await pilot.press("4", "a")
        await is_on(pilot, FirstRunScreen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: service.state.phase is ServerPhase.SERVING)
