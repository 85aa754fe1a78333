"""Keys wait for the one before them, and the way out does not."""

from __future__ import annotations

import threading

import pytest

from estconsole.domain.model import EndEntity
from estconsole.lab import Lab
from estconsole.results import Conflict, Saved
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.fields import Field
from tests.screens.driving import (
    SECONDS,
    OpenConsole,
    is_on,
    sees,
    to_list,
    types,
    until,
)


class SlowDisk:
    """Sets an end entity NEW only once it is told to."""

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.may_go = threading.Event(), threading.Event()
        self._set_new = lab.administration.end_entities.set_new
        monkeypatch.setattr(lab.administration.end_entities, "set_new", self.set_new)

    def set_new(self, username: str, revision: int | None = None) -> Saved[EndEntity] | Conflict[EndEntity]:
        self.asked.set()
        assert self.may_go.wait(SECONDS)
        return self._set_new(username, revision)


async def test_a_key_waits_until_the_one_before_it_is_done(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(lab, monkeypatch)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "nd")
        await until(pilot, disk.asked.is_set)
        await pilot.pause()
        assert isinstance(pilot.app.screen, EndEntitiesScreen)
        disk.may_go.set()
        await is_on(pilot, Confirm)


async def test_ctrl_q_does_not_wait(console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SlowDisk(lab, monkeypatch)
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("n")
        await until(pilot, disk.asked.is_set)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not pilot.app.is_running)
        disk.may_go.set()


async def test_a_choice_is_made_once_and_the_keys_behind_it_go_on(console: OpenConsole) -> None:
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "cc")
        await sees(pilot, "••••")
        await pilot.press("escape")
        await types(pilot, "cuc")
        await sees(pilot, "sent to the terminal's clipboard")
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await types(pilot, "c")
        await is_on(pilot, Menu)


async def test_keys_behind_one_that_opens_or_submits_something_are_for_what_comes_then(console: OpenConsole) -> None:
    """As a terminal sends them when the operator is faster than the console."""
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await types(pilot, "adevice\rCN=x")
        await is_on(pilot, EndEntityForm)
        fields = {field.id: field for field in pilot.app.screen.query(Field)}
        await until(pilot, lambda: fields["subject"].value.endswith("CN=x"), "the subject")
        assert fields["username"].value == "device"
        await types(pilot, "\x1b")
        await is_on(pilot, Confirm)
        await types(pilot, "y")
        await is_on(pilot, EndEntitiesScreen)
        await types(pilot, "/regis\rd")
        await is_on(pilot, Confirm)
        await sees(pilot, "registered_client")
