"""What is renewed while the lab is open, and nobody asks for it (B-37, B-43)."""

from __future__ import annotations

import logging
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estconsole.lab import Lab
from estconsole.pki.certificates import read_certificate
from estconsole.pki.crls import read_crl
from estconsole.upkeep import Upkeep
from server.service import EstService
from tests.labs import ANY_PORTS

WAIT_SECONDS = 20


class Turns:
    """Counts how often a task ran, and lets a test wait for it."""

    def __init__(self, *, failing: bool = False) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._failing = failing

    def __call__(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()
        if self._failing:
            raise RuntimeError("this task always fails")

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count >= count, WAIT_SECONDS)


def test_tasks_run_over_and_over_and_one_that_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    failing, other = Turns(failing=True), Turns()
    upkeep = Upkeep([failing, other], seconds=0.01)
    with caplog.at_level(logging.ERROR):
        upkeep.start()
        failing.wait_for(3)
        other.wait_for(3)
        upkeep.close()
    assert "tried again" in caplog.text


def test_closing_ends_the_thread_at_once_however_long_it_would_rest() -> None:
    task = Turns()
    upkeep = Upkeep([task], seconds=3600)
    upkeep.start()
    task.wait_for(1)
    upkeep.close()
    assert not upkeep._thread.is_alive()


def test_one_that_never_started_can_be_closed() -> None:
    Upkeep([]).close()


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def test_the_servers_certificate_and_the_crl_are_renewed_while_the_server_runs(tmp_path: Path) -> None:
    """The next connection meets the new certificate; nothing is restarted."""
    clock = Clock()
    with Lab.open(tmp_path / "lab", owner="a test", settings=ANY_PORTS, clock=clock) as lab:
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        urls = service.start().urls
        assert urls is not None
        try:
            port = int(urls.tls.rpartition(":")[2])
            first = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=WAIT_SECONDS))
            first_crl = lab.administration.authorities.crl("ManagementCA")
            assert first_crl is not None

            clock.ahead = timedelta(days=61)
            turn = Turns()
            upkeep = Upkeep([*lab._upkeep._tasks, turn], seconds=3600)
            upkeep.start()
            turn.wait_for(1)
            upkeep.close()

            second = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=WAIT_SECONDS))
            assert read_certificate(second).not_after > read_certificate(first).not_after + timedelta(days=60)
            assert read_certificate(second).subject_alt_names == read_certificate(first).subject_alt_names
            crl = lab.administration.authorities.crl("ManagementCA")
            assert crl is not None
            assert read_crl(crl).this_update > read_crl(first_crl).this_update + timedelta(days=60)
            assert (read_crl(crl).number or 0) > (read_crl(first_crl).number or 0)
        finally:
            service.stop()
