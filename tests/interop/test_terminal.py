"""The commands that open a console, in a terminal of their own, as a person types them."""

from __future__ import annotations

from pathlib import Path

from estconsole.lab import Lab
from tests.interop.terminal import Terminal, terminal
from tests.labs import ANY_PORTS, certificate_of, demo_lab, enroll
from tests.wire import WireClient

CTRL_Q = "\x11"
CTRL_S = "\x13"
PORTS = ("--tls-port", "0", "--mtls-port", "0", "--http-port", "0")


def fingerprint(directory: Path) -> str:
    with Lab.open(directory, owner="a test", settings=ANY_PORTS, demo=True) as lab:
        facts = lab.administration.authorities.facts("ManagementCA")
        assert facts is not None
        return facts.sha256


def client_of(screen: Terminal) -> WireClient:
    """A device that calls the ports that the console's first line names."""
    tls, mtls, http = screen.wait_for(r"serving (\d+) tls · (\d+) mtls · (\d+) http").groups()
    return WireClient(f"http://localhost:{http}", f"https://localhost:{tls}", f"https://localhost:{mtls}")


def test_the_demo_opens_serves_shows_the_row_and_quits(tmp_path: Path) -> None:
    with terminal("demo", "--data-dir", str(tmp_path / "lab"), *PORTS) as screen:
        client = client_of(screen)
        assert client.enroll("123456789", "password").status == 200
        screen.wait_for("granted")
        screen.type(CTRL_Q)
        assert screen.wait() == 0
    with demo_lab(tmp_path / "lab") as lab:
        assert [row.username for row in lab.feed.recent()] == ["123456789"]


def test_a_reset_asks_first_and_leaves_everything_when_the_answer_is_no(tmp_path: Path) -> None:
    before = fingerprint(tmp_path / "lab")
    with terminal("demo", "--reset", "--data-dir", str(tmp_path / "lab"), *PORTS) as screen:
        screen.wait_for(r"\[y/N\]")
        screen.type("n\n")
        assert screen.wait() == 1
    assert fingerprint(tmp_path / "lab") == before


def test_a_reset_starts_the_demo_over(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab") as lab:
        certificate_of(enroll(lab))
    before = fingerprint(tmp_path / "lab")
    with terminal("demo", "--reset", "--data-dir", str(tmp_path / "lab"), *PORTS) as screen:
        screen.wait_for(r"\[y/N\]")
        screen.type("y\n")
        assert client_of(screen).enroll("123456789", "password").status == 200
        screen.type(CTRL_Q)
        assert screen.wait() == 0
    assert fingerprint(tmp_path / "lab") != before


def test_a_lab_of_ones_own_is_not_reset(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS) as lab:
        certificate = lab.administration.authorities.certificate("ManagementCA")
    with terminal("demo", "--reset", "--yes", "--data-dir", str(tmp_path / "mine"), *PORTS) as screen:
        screen.wait_for("a lab of your own, and no demo")
        assert screen.wait() == 1
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS) as lab:
        assert lab.administration.authorities.certificate("ManagementCA") == certificate


def test_a_lab_that_is_in_use_is_neither_reset_nor_opened(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"), terminal("demo", "--reset", "--data-dir", str(tmp_path / "lab"), *PORTS) as screen:
        screen.wait_for("in use by a test")
        assert screen.wait() == 1


def test_without_a_command_it_opens_a_lab_of_ones_own(tmp_path: Path) -> None:
    with terminal("--data-dir", str(tmp_path / "mine"), *PORTS) as screen:
        screen.wait_for("Welcome to mine")
        screen.type(CTRL_S)
        assert client_of(screen).enroll("123456789", "password").status == 400
        screen.wait_for("not registered")
        screen.type(CTRL_Q)
        assert screen.wait() == 0
    with Lab.open(tmp_path / "mine", owner="a test", settings=ANY_PORTS) as lab:
        assert lab.administration.end_entities.all() == ()
