"""What the commands that serve make of their options; what is not given is the lab's to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from estconsole import cli, console, headless
from estconsole.settings import PortLayout


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The settings that each front was opened with, in place of opening it."""
    came: list[dict[str, object]] = []
    monkeypatch.setattr(headless, "serve_headless", lambda _directory, options, **_: came.append(options))
    monkeypatch.setattr(console, "run_console", lambda _directory, options, **_: came.append(options))
    return came


COMMANDS = pytest.mark.parametrize("command", [[], ["demo"], ["serve"]], ids=["console", "demo", "serve"])


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@COMMANDS
def test_what_is_not_given_is_left_to_the_lab(
    opened: list[dict[str, object]], command: list[str], tmp_path: Path
) -> None:
    run(*command, "--data-dir", str(tmp_path))
    assert opened == [{}]


@COMMANDS
def test_every_option(opened: list[dict[str, object]], command: list[str], tmp_path: Path) -> None:
    ports = ("--http-port", "0", "--tls-port", "1442", "--mtls-port", "1443")
    names = ("--name", "est.example", "--name", "192.0.2.7", "--host", "localhost", "--host", "::1")
    run(*command, "--data-dir", str(tmp_path), "--layout", "three-port", *ports, *names)
    assert opened == [
        {
            "hosts": ("localhost", "::1"),
            "layout": PortLayout.THREE,
            "http_port": 0,
            "tls_port": 1442,
            "mtls_port": 1443,
            "names": ("est.example", "192.0.2.7"),
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--layout", "four-port"), "four-port"),
        (("--name", "a b"), "xn--"),
        (("--name", "::"), "stands for every address"),
        (("--host", "a b"), "xn--"),
        (("--mtls-port", "65536"), "65535"),
    ],
)
def test_options_that_are_wrong(opened: list[dict[str, object]], arguments: tuple[str, ...], complaint: str) -> None:
    result = CliRunner().invoke(cli.main, ["serve", *arguments])
    assert (result.exit_code, opened) == (2, [])
    assert complaint in " ".join(result.output.split())


def test_the_help_says_whose_the_defaults_are() -> None:
    text = " ".join(run("serve", "--help").split())
    assert text.count("Default: as stored in the lab") == 6
