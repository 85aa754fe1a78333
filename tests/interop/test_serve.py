"""`estconsole serve` as its users run it: JSON lines, signals, a taken port, and no Textual."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.serving import Serving, serving
from tests.wire import WireClient

FREE_PORTS = ("--tls-port", "0", "--mtls-port", "0", "--http-port", "0")


def client(process: Serving) -> WireClient:
    return WireClient(process.urls["http"], process.urls["tls"], process.urls["mtls"])


def estconsole(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "estconsole", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_first_line_says_where_it_listens_and_each_request_follows(tmp_path: Path) -> None:
    with serving(tmp_path / "lab", "--demo") as process:
        assert list(process.urls) == ["http", "tls", "mtls"]
        assert process.urls["http"].startswith("http://localhost:")
        assert process.urls["tls"].startswith("https://localhost:")
        device = client(process)
        assert device.enroll("123456789", "wrong").status == 400
        refused = process.wait_for(lambda line: line["activity"] == "request")
        assert (refused["outcome"], refused["code"], refused["reason"]) == ("refused", 400, "wrong_code")
        assert device.enroll("123456789", "password").status == 200
        granted = process.wait_for(lambda line: line["activity"] == "request")
        assert (granted["outcome"], granted["code"], granted["entity"]) == ("granted", 200, "123456789")
        status, errors = process.end()
    assert status == 0
    assert errors == ""
    assert (process.lines[0]["activity"], process.lines[0]["layout"]) == ("listening", "three-port")
    assert process.lines[-1] == {"activity": "stopped"}


def test_a_failed_handshake_is_a_line_with_peer_and_reason(tmp_path: Path) -> None:
    """B-41."""
    with serving(tmp_path / "lab", "--demo") as process:
        port = int(process.urls["tls"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            plain.recv(1024)
        line = process.wait_for(lambda line: line["activity"] == "handshake")
        assert (line["peer"], line["reason"], line["count"]) == ("127.0.0.1", "plain_http", 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: int) -> None:
    with serving(tmp_path / "lab") as process:
        assert process.end(number) == (0, "")
    with serving(tmp_path / "lab") as process:
        assert process.end(number)[0] == 0


def test_a_taken_port_is_said_plainly_with_its_number(tmp_path: Path) -> None:
    """B-36."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = estconsole(
            "serve",
            "--data-dir",
            str(tmp_path / "lab"),
            "--tls-port",
            str(port),
            "--mtls-port",
            "0",
            "--http-port",
            "0",
        )
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_second_process_is_told_who_holds_the_lab(tmp_path: Path) -> None:
    with serving(tmp_path / "lab") as process:
        ended = estconsole("serve", "--data-dir", str(tmp_path / "lab"))
        assert ended.returncode == 1
        assert f"estconsole serve, process {process.process.pid}" in ended.stderr


def test_a_corrupt_database_ends_it_with_a_remedy(tmp_path: Path) -> None:
    with serving(tmp_path / "lab") as process:
        process.end()
    database = tmp_path / "lab" / "lab.json"
    database.write_bytes(database.read_bytes()[:-100])
    ended = estconsole("serve", "--data-dir", str(tmp_path / "lab"))
    assert ended.returncode == 1
    assert "lab.json" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_is_gone_costs_no_device_its_certificate(tmp_path: Path) -> None:
    """`estconsole serve | head -1`."""
    command = [sys.executable, "-m", "estconsole", "serve", "--demo", "--data-dir", str(tmp_path / "lab"), *FREE_PORTS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())["urls"]
        process.stdout.close()
        device = WireClient(urls["http"], urls["tls"], urls["mtls"])
        assert device.enroll("123456789", "wrong").status == 400
        assert device.enroll("123456789", "password").status == 200
        assert device.enroll("123456789", "password").status == 400
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "nobody reads the lines" in errors
    assert "Traceback" not in errors


def test_serving_never_loads_textual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python itself lists every module that the process imports."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with serving(tmp_path / "lab", "--demo") as process:
        assert client(process).enroll("123456789", "password").status == 200
        _, imports = process.end()
    modules = {line.rpartition("|")[2].strip() for line in imports.splitlines() if line.startswith("import time:")}
    assert "estconsole.headless" in modules
    assert not {module for module in modules if module.partition(".")[0] in ("textual", "rich", "screens")}


def test_options_before_the_command_are_refused_and_not_ignored(tmp_path: Path) -> None:
    ended = estconsole("--data-dir", str(tmp_path), "serve")
    assert ended.returncode == 2
    assert "after the command" in ended.stderr


def test_a_port_that_the_layout_lacks_is_refused_and_the_lab_opens_without_it(tmp_path: Path) -> None:
    ended = estconsole(
        "serve", "--demo", "--data-dir", str(tmp_path / "lab"), "--layout", "two-port", "--tls-port", "0"
    )
    assert ended.returncode == 1
    assert "The layout two-port has no --tls-port." in ended.stderr
    with serving(tmp_path / "lab", "--demo") as process:
        assert client(process).enroll("123456789", "password").status == 200


def test_every_line_is_json_in_ascii(tmp_path: Path) -> None:
    """A name from the wire cannot break a line, or a terminal that shows it."""
    with serving(tmp_path / "lab", "--demo") as process:
        client(process).enroll("evil\\0Aname\u202e[red]", "password")
        line = process.wait_for(lambda line: line["activity"] == "request")
        assert line["entity"] == "evil\nname\u202e[red]"
        assert json.dumps(line, ensure_ascii=True).isascii()
