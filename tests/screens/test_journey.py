"""The journey of a first user: register by keys, enroll over the real socket, see why it was granted, stop."""

from __future__ import annotations

import asyncio

from estconsole.domain.model import EntityStatus
from estconsole.lab import Lab
from estconsole.server_control import ServerPhase
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.live import LiveScreen
from screens.server import ServerScreen
from screens.show_text import ShowText
from server.service import EstService
from tests.labs import entity_of
from tests.screens.driving import OpenConsole, is_on, line_with, sees, text_of, types, until
from tests.support import ec_key
from tests.wire import WireClient


async def test_register_enroll_and_look(console: OpenConsole, lab: Lab, service: EstService) -> None:
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving", "No device has called yet")

        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "journey-1")
        await sees(pilot, "••••••••••••••••")
        await pilot.press("ctrl+s")
        await is_on(pilot, ShowText)
        await pilot.press("c")
        await sees(pilot, "✓ sent to the terminal's clipboard")
        code = pilot.app.clipboard
        assert code not in text_of(pilot)
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)

        urls = service.state.urls
        assert urls is not None
        device = await asyncio.to_thread(WireClient, urls.http, urls.tls, urls.mtls)
        key = ec_key()
        answer = await asyncio.to_thread(device.enroll, "journey-1", code, key)
        assert answer.status == 200
        await until(pilot, lambda: "○ GENERATED" in line_with(pilot, "journey-1"))
        assert "0 left" in line_with(pilot, "journey-1")

        await pilot.press("1")
        await is_on(pilot, LiveScreen)
        await sees(pilot, "journey-1", "✓ granted")
        assert "enroll" in line_with(pilot, "journey-1")
        await pilot.press("enter")
        await sees(pilot, "Every check passed.", "✓ ")
        await pilot.press("escape", "end")

        again = await asyncio.to_thread(device.enroll, "journey-1", code, key)
        assert again.status == 400
        await sees(pilot, "✗ not NEW")
        await pilot.press("x")
        await sees(pilot, "Set journey-1 back to NEW?")
        await pilot.press("y")
        await sees(pilot, "journey-1 is NEW")
        assert entity_of(lab, "journey-1").status is EntityStatus.NEW

        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await pilot.press("s")
        await sees(pilot, "○ stopped")
        assert service.state.phase is ServerPhase.STOPPED
