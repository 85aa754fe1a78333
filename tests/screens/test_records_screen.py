"""Lists of records, whatever their records are."""

from __future__ import annotations

import threading

import pytest

from estconsole.domain.model import EndEntity
from estconsole.lab import Lab
from screens.end_entities import EndEntitiesScreen
from tests.labs import add
from tests.screens.driving import SECONDS, OpenConsole, is_on, sees, until


async def test_changes_that_come_while_records_are_read_wait_for_what_is_read(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were each to begin anew, a busy server's list would never be shown."""
    entities = lab.administration.end_entities
    every, reads, may_go = entities.all, [], threading.Event()

    def slowly() -> tuple[EndEntity, ...]:
        reads.append("begun")
        assert may_go.wait(SECONDS)
        return every()

    async with console() as pilot:
        monkeypatch.setattr(entities, "all", slowly)
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: reads)
        await sees(pilot, "reading …")
        add(lab, "newcomer")
        await until(pilot, lambda: pilot.app.screen._is_due)  # type: ignore[attr-defined]
        await pilot.pause()
        assert len(reads) == 1
        may_go.set()
        await sees(pilot, "newcomer")
