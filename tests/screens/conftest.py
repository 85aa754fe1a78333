"""A console over a lab of its own for each test, in UTC, and pictures that are compared as text."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import _wait

from estconsole.app import EstConsole
from estconsole.lab import Lab
from screens.lab_view import LabView
from screens.live import LiveScreen
from server.service import EstService
from server.wire import answer_code
from tests.labs import ANY_PORTS, demo_lab
from tests.screens.driving import ConsolePilot, OpenConsole, self_contained, until

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "UPDATE_SNAPSHOTS"
HOST_NAME = "lab-7"

_AT_REST = 5
"""How often a picture comes again before it is kept."""

MatchesPicture = Callable[[ConsolePilot, str], Awaitable[None]]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same local time on every machine."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same name in every server certificate."""
    monkeypatch.setattr(socket, "gethostname", lambda: HOST_NAME)


@pytest.fixture(autouse=True)
def brisk_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot looks whether the console is idle more often: a test waits for what it wants to see anyway."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 200)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 2_000)


@pytest.fixture(scope="session")
def demo_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo lab, made once: its keys take longer than all else.

    The vendor's device is taken out: what these tests press keys on is `123456789`, the first of two.
    """
    directory = tmp_path_factory.mktemp("template") / "lab"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "gethostname", lambda: HOST_NAME)
        with demo_lab(directory) as made:
            vendors = made.administration.end_entities.get("1234.primekey.com")
            assert vendors is not None
            made.administration.end_entities.delete(vendors.username, vendors.revision)
    return directory


@pytest.fixture
def lab(demo_directory: Path, tmp_path: Path) -> Iterator[Lab]:
    directory = tmp_path / "lab"
    shutil.copytree(demo_directory, directory)
    with demo_lab(directory) as opened:
        yield opened


@pytest.fixture
def service(lab: Lab) -> Iterator[EstService]:
    serving = EstService(ANY_PORTS, lab.engine, lab.administration, lab.handshakes, lab.tls)
    yield serving
    serving.stop()


@pytest.fixture
def console(lab: Lab, service: EstService) -> OpenConsole:
    """Opens the console at a size; the server starts only where a test asks for it."""

    @asynccontextmanager
    async def open_console(
        size: tuple[int, int] = (80, 24), *, start_server: bool = False, **collaborators: object
    ) -> AsyncIterator[ConsolePilot]:
        view = LabView(
            name=lab.name,
            administration=lab.administration,
            feed=lab.feed,
            server=service,
            answer_code=answer_code,
        )
        app = EstConsole(replace(view, **collaborators), start_server=start_server)  # type: ignore[arg-type]
        app.animation_level = "none"
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: any(isinstance(each, LiveScreen) for each in app.screen_stack))
            yield pilot

    return open_console


def held_still(svg: str) -> str:
    """A picture in which no key, no serial number and no fingerprint differs from one making of a lab to the next."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"(?:[0-9A-F]{2}:){3,}(?:[0-9A-F]{2})?", lambda match: re.sub("[0-9A-F]{2}", "A1", match[0]), svg)
    return re.sub(r">[A-Za-z0-9+/]{40,}={0,2}<", lambda match: f">{'x' * (len(match[0]) - 2)}<", svg)


@pytest.fixture
def matches_picture(request: pytest.FixtureRequest) -> MatchesPicture:
    """Compares the screen with the SVG that is kept of it; UPDATE_SNAPSHOTS=1 keeps this one instead."""

    async def compare(pilot: ConsolePilot, name: str) -> None:
        path = SNAPSHOTS / f"{name}.svg"
        if os.environ.get(UPDATE):
            path.write_text(await at_rest(pilot), encoding="utf-8")
        assert path.exists(), f"no picture of {name} is kept: run the test with {UPDATE}=1, and look at it"
        kept = path.read_text(encoding="utf-8")
        failed = request.config.rootpath / "build" / "snapshots" / path.name
        try:
            await until(pilot, lambda: picture_of(pilot) == kept, f"the picture {path}; it is at {failed}")
        except pytest.fail.Exception:
            failed.parent.mkdir(parents=True, exist_ok=True)
            failed.write_text(picture_of(pilot), encoding="utf-8")
            raise

    return compare


def picture_of(pilot: ConsolePilot) -> str:
    return held_still(self_contained(pilot.app.export_screenshot(title="estconsole")))


async def at_rest(pilot: ConsolePilot) -> str:
    """The picture once the console draws the same one for a while: a footer comes a moment after its screen."""
    picture, times = "", 0
    while times < _AT_REST:
        await pilot.pause(0.1)
        before, picture = picture, picture_of(pilot)
        times = times + 1 if picture == before else 0
    return picture
