from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from estconsole.lab import Lab
from tests.server.engines import GatedEngine
from tests.server.served import Served, Watch, serve, serving

HANDSHAKE_SECONDS = 0.5
"""Of the shared server: long for a handshake on loopback, short for a test of silence."""


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One demo lab that all tests of the wire share; each registers entities of its own."""
    directory: Path = tmp_path_factory.mktemp("served") / "lab"
    with serve(directory, handshake_seconds=HANDSHAKE_SECONDS) as shared:
        yield shared


@pytest.fixture
def lab(served: Served) -> Lab:
    """The lab that the tests of the wire share, for a test that has a server of its own on it."""
    return served.lab


@pytest.fixture
def gated(lab: Lab) -> Iterator[tuple[Served, GatedEngine]]:
    """A server whose engine answers when the test lets it."""
    engine = GatedEngine(lab.engine)
    with serving(lab, engine=engine) as own:
        yield own, engine
        engine.open.set()


@pytest.fixture
def watch(served: Served) -> Iterator[Watch]:
    watching = Watch(served.lab)
    yield watching
    watching.close()
