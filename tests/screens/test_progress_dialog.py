"""Long acts: their dialog goes when they end."""

from __future__ import annotations

import threading

import pytest

from estconsole.progress import Progress
from screens import progress_dialog
from screens.background import task
from screens.dialogs import Notice
from screens.live import LiveScreen
from screens.progress_dialog import ProgressDialog, with_progress
from tests.screens.driving import SECONDS, OpenConsole, is_on, until


async def test_an_act_that_ends_under_another_dialog_takes_its_own_along(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_dialog, "PATIENCE", 0)
    may_end, answers = threading.Event(), []

    def act(_: Progress) -> bool:
        return may_end.wait(SECONDS)

    @task()
    async def wait_for_it(screen: LiveScreen) -> None:
        answers.append(await with_progress(screen, "Making a key", act))

    async with console() as pilot:
        wait_for_it(pilot.app.screen)  # type: ignore[arg-type]
        await is_on(pilot, ProgressDialog)
        pilot.app.push_screen(Notice("The server stopped", ["by itself"]))
        await is_on(pilot, Notice)
        may_end.set()
        await pilot.press("escape")
        await until(pilot, lambda: answers)
        await is_on(pilot, LiveScreen)
        assert answers == [True]
