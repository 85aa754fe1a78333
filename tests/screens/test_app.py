"""The console as a whole: places, palette, help, and how it ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from estconsole.domain.request import EnrollmentRequest
from estconsole.engine import Enrollment
from estconsole.errors import VaultError
from estconsole.lab import Lab
from estconsole.messages import AddRecord, EditRecord, OpenRecord
from estconsole.server_control import ServerPhase
from screens.dialogs import Confirm, ErrorDialog
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.frame import PLACES
from screens.help import HelpScreen
from screens.live import LiveScreen
from server.service import EstService
from tests.screens.driving import (
    SECONDS,
    ConsolePilot,
    OpenConsole,
    is_on,
    sees,
    table_of,
    text_of,
    types,
    until,
)
from tests.support import ec_key
from tests.wire import Answer, WireClient


async def test_the_frame_says_which_lab_and_whether_it_serves(console: OpenConsole) -> None:
    async with console() as pilot:
        first, second = text_of(pilot).splitlines()[:2]
        assert first.split() == ["estconsole", "·", "demo", "lab", "○", "stopped"]
        assert second == " 1 Live  2 Entities  3 Aliases  4 CAs  5 Vendor CAs  6 Certificates  7 Server"


async def test_each_number_goes_to_its_screen(console: OpenConsole) -> None:
    async with console() as pilot:
        for place in (*pilot.app.places[1:], pilot.app.places[0]):
            key = next(key for key, mode, _ in PLACES if mode == place.PLACE)
            await pilot.press(key)
            await until(pilot, lambda place=place: pilot.app.screen is place)
            await until(pilot, lambda: pilot.app.screen.focused is not None)


async def test_ctrl_q_stops_the_server_and_leaves(console: OpenConsole, service: EstService) -> None:
    async with console(start_server=True) as pilot:
        await until(pilot, lambda: service.state.phase is ServerPhase.SERVING)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
        assert service.state.phase is ServerPhase.STOPPED
        assert pilot.app.return_code == 0


async def test_ctrl_q_leaves_from_a_form_and_from_a_dialog(console: OpenConsole) -> None:
    async with console() as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        await types(pilot, "x")
        await pilot.press("escape")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)


async def test_nothing_listens_and_nothing_is_subscribed_after_the_end(
    console: OpenConsole, lab: Lab, service: EstService, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    for name, publisher in (("feed", lab.feed), ("records", lab.administration), ("server", service)):
        subscribe = publisher.subscribe

        def noted(listener: object, subscribe: object = subscribe, name: str = name) -> object:
            subscription = subscribe(listener)  # type: ignore[operator]
            close = subscription.close
            subscription.close = lambda: (closed.append(name), close())
            return subscription

        monkeypatch.setattr(publisher, "subscribe", noted)
    async with console(start_server=True) as pilot:
        await until(pilot, lambda: service.state.phase is ServerPhase.SERVING)
    assert closed == ["feed", "records", "server"]
    assert service.state.phase is ServerPhase.STOPPED


async def test_help_opens_over_a_screen_and_gives_the_focus_back(console: OpenConsole) -> None:
    async with console() as pilot:
        await pilot.press("question_mark")
        await is_on(pilot, HelpScreen)
        await sees(pilot, "This screen", "Show only rows that match")
        await pilot.press("escape")
        await is_on(pilot, LiveScreen)
        assert pilot.app.focused is table_of(pilot)


async def test_an_error_in_a_task_becomes_the_dialog(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(username: str) -> None:
        raise VaultError(f"The code of {username} [/x] cannot be opened.", "Restore the key file.")

    monkeypatch.setattr(lab.administration.end_entities, "code_of", fail)
    async with console() as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "registered_client")
        await pilot.press("c", "c")
        await is_on(pilot, ErrorDialog)
        await sees(pilot, "The code of 123456789 [/x] cannot be opened.", "Restore the key file.")
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)


class HeldEnrollment:
    """A device in the middle of its enrollment, for as long as the test wants."""

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered, self.may_end = threading.Event(), threading.Event()
        self._decide = lab.engine.enroll
        monkeypatch.setattr(lab.engine, "enroll", self._decide_later)

    def _decide_later(self, request: EnrollmentRequest, abandoned: Callable[[], bool]) -> Enrollment:
        self.entered.set()
        assert self.may_end.wait(SECONDS)
        return self._decide(request, abandoned)

    async def begins(self, pilot: ConsolePilot, service: EstService) -> asyncio.Task[Answer]:
        await until(pilot, lambda: service.state.phase is ServerPhase.SERVING)
        urls = service.state.urls
        assert urls is not None
        device = await asyncio.to_thread(WireClient, urls.http, urls.tls, urls.mtls)
        answer = asyncio.create_task(asyncio.to_thread(device.enroll, "123456789", "password", ec_key()))
        await until(pilot, self.entered.is_set)
        return answer


async def test_ctrl_q_asks_while_a_request_is_in_flight(
    console: OpenConsole, lab: Lab, service: EstService, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldEnrollment(lab, monkeypatch)
    async with console(start_server=True) as pilot:
        answer = await held.begins(pilot, service)
        await pilot.press("ctrl+q")
        await is_on(pilot, Confirm)
        await sees(pilot, "1 request is being received or answered now")
        await pilot.press("n")
        await is_on(pilot, LiveScreen)
        await pilot.press("ctrl+q")
        await is_on(pilot, Confirm)
        held.may_end.set()
        assert (await answer).status == 200
        await pilot.press("y")
        await until(pilot, lambda: not pilot.app.is_running)


async def test_ctrl_q_does_not_ask_for_a_request_that_is_about_done(
    console: OpenConsole, lab: Lab, service: EstService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estconsole.app.QUIT_PATIENCE", SECONDS)
    held = HeldEnrollment(lab, monkeypatch)
    async with console(start_server=True) as pilot:
        answer = await held.begins(pilot, service)
        await pilot.press("ctrl+q")
        assert pilot.app.is_running
        assert not isinstance(pilot.app.screen, Confirm)
        held.may_end.set()
        await until(pilot, lambda: not pilot.app.is_running)
        assert (await answer).status == 200


async def test_what_a_form_stands_in_the_way_of_is_said(console: OpenConsole) -> None:
    async with console() as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.press("a")
        await is_on(pilot, EndEntityForm)
        for message in (
            AddRecord("end_entities", "x"),
            OpenRecord("end_entities", "x"),
            EditRecord("end_entities", "123456789", "code"),
        ):
            pilot.app.clear_notifications()
            await until(pilot, lambda: "A form is open here" not in text_of(pilot))
            pilot.app.post_message(message)
            await sees(pilot, "A form is open here: save it or leave it first.")
