"""Kill -9 in the middle of a stream of enrollments: what a client was told is on disk (B-46)."""

from __future__ import annotations

import http.client
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from estconsole.lab import Lab
from tests.interop.serving import serving
from tests.labs import ANY_PORTS, CODE, add
from tests.support import ec_key
from tests.wire import WireClient

CLIENTS = 6
DEVICES = 120
ENOUGH = 25
"""Certificates that are out before the process is killed, while the others are under way."""


# CPython's ssl leaves its socket open when the peer resets between connect and handshake, which a kill brings about.
tolerates_killed_peers = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)


def kill_in_the_middle(lab_dir: Path, devices: int = DEVICES, enough: int = ENOUGH) -> None:
    """Enroll from several clients at once, kill the process, and hold the store to what the clients were told."""
    with Lab.open(lab_dir, owner="a test", settings=ANY_PORTS) as lab:
        for number in range(devices):
            if lab.administration.end_entities.get(f"device-{number}") is None:
                add(lab, f"device-{number}")
            else:
                lab.administration.end_entities.set_new(f"device-{number}")
    received: dict[str, bytes] = {}
    told = threading.Event()
    key = ec_key()
    with serving(lab_dir) as process:
        client = WireClient(process.urls["http"], process.urls["tls"], process.urls["mtls"])

        def enroll(username: str) -> None:
            try:
                answer = client.enroll(username, CODE, key)
            except (OSError, http.client.HTTPException):
                return  # the server is gone: this client was told nothing
            assert answer.status == 200
            received[username] = answer.certificate
            if len(received) >= enough:
                told.set()

        usernames = [f"device-{number}" for number in range(devices)]
        random.shuffle(usernames)
        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = [pool.submit(enroll, username) for username in usernames]
            assert told.wait(60)
            process.process.send_signal(signal.SIGKILL)
            for answer in answers:
                answer.result()
        assert process.process.wait(30) == -signal.SIGKILL
    assert enough <= len(received) < devices
    with serving(lab_dir) as process:
        client = WireClient(process.urls["http"], process.urls["tls"], process.urls["mtls"])
        for username, certificate in received.items():
            assert client.enroll(username, CODE, key).status == 400, f"{username}'s spent code worked again"
            assert client.renew(username, certificate, key).status == 200, f"{username}'s certificate is lost"
        assert process.end()[0] == 0


@tolerates_killed_peers
def test_every_certificate_that_a_client_received_is_in_the_store_after_kill_9(tmp_path: Path) -> None:
    kill_in_the_middle(tmp_path / "lab")
