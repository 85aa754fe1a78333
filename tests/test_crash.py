"""What a crash leaves behind: a report that can be handed on, two lines, status 1, and a lab that is intact."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.app import App

from estconsole.console import run_console
from estconsole.crash import MOST_REPORTS, CrashReports, report_of
from estconsole.data_directory import DataDirectory
from estconsole.errors import PortUnavailableError, VaultError
from screens.background import in_thread, task
from screens.dialogs import Confirm
from screens.live import LiveScreen

CODE = "-".join(("a", "planted", "code"))
ANY_PORT = {"tls_port": 0, "mtls_port": 0, "http_port": 0}
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def in_a_thread() -> None:
    code = CODE
    try:
        locked()
    except VaultError as error:
        raise ValueError(f"{code} is no code") from error


def locked() -> None:
    raise VaultError("The code of device-1 cannot be opened.", "Restore the key file.")


class QuotingError(Exception):
    """An error that draws itself, as some of Textual's do; what it draws quotes what was typed."""

    def __rich__(self) -> str:
        return CODE


class BadScreen(Confirm):
    """Fails in a worker, or itself, as soon as it is in front."""

    IN_A_WORKER = True

    def on_mount(self) -> None:
        if self.IN_A_WORKER:
            self.fail()
        else:
            raise QuotingError(CODE)

    @task()
    async def fail(self) -> None:
        await in_thread(in_a_thread)


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console without a terminal, in which a screen fails."""
    monkeypatch.setattr(App, "run", functools.partialmethod(App.run, headless=True))
    monkeypatch.setattr(
        LiveScreen, "on_screen_resume", lambda self: self.app.push_screen(BadScreen(CODE, CODE, yes=CODE))
    )


@pytest.mark.usefixtures("crashing")
def test_a_crash_leaves_a_report_without_secrets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    directory = tmp_path / "lab"
    with pytest.raises(SystemExit) as ended:
        run_console(
            directory,
            ANY_PORT,
            demo=False,
            on_open=lambda: None,
            config=tmp_path / "config.toml",
        )
    assert ended.value.code == 1
    (report,) = directory.glob("crash-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert "Screen: BadScreen\n" in text
    assert "\nValueError\n" in text
    assert "Caused by: estconsole.errors.VaultError: The code of device-1 cannot be opened.\n" in text
    assert re.search(rf"  {re.escape(__file__)}:\d+ in_a_thread\n    raise ValueError\(", text)
    printed = capfd.readouterr()
    assert printed.err.splitlines() == [
        "estconsole: it crashed (ValueError), by a fault of its own. The lab is intact.",
        f"  The report is {report}; no secret is in it.",
    ]
    for shown in (text, printed.out, printed.err):
        assert CODE not in shown
    DataDirectory(directory, "a test").close()


@pytest.mark.usefixtures("crashing")
def test_an_error_that_draws_itself_is_reported_alike(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BadScreen, "IN_A_WORKER", False)
    with pytest.raises(SystemExit):
        run_console(tmp_path / "lab", ANY_PORT, demo=False, on_open=lambda: None, config=tmp_path / "config.toml")
    printed = capfd.readouterr()
    assert "it crashed (tests.test_crash.QuotingError)" in printed.err
    assert CODE not in printed.err + printed.out


def test_a_fault_before_the_console_is_reported_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError(CODE)

    with pytest.raises(SystemExit):
        run_console(tmp_path / "lab", {}, demo=False, on_open=fail, config=tmp_path / "config.toml")
    assert "it crashed (ZeroDivisionError)" in capsys.readouterr().err
    (report,) = (tmp_path / "lab").glob("crash-*.txt")
    assert "Screen: none\n" in report.read_text()

    def refuse() -> None:
        raise PortUnavailableError("The port is taken.", "Name another.")

    with pytest.raises(PortUnavailableError):
        run_console(tmp_path / "lab", {}, demo=False, on_open=refuse, config=tmp_path / "config.toml")
    assert len(list((tmp_path / "lab").glob("crash-*.txt"))) == 1


def test_the_newest_ten_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_REPORTS + 3):
        CrashReports(tmp_path, lambda number=number: AT + timedelta(seconds=number)).leave(ValueError())  # type: ignore[misc]
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == MOST_REPORTS
    assert kept[0] == "crash-20260304T050610Z.txt"


def test_what_is_no_report_stays(tmp_path: Path) -> None:
    for number in range(MOST_REPORTS):
        (tmp_path / f"crash-notes-{number}.txt").write_text("mine")
    CrashReports(tmp_path).leave(ValueError())
    assert len(list(tmp_path.iterdir())) == MOST_REPORTS + 1


def test_a_title_that_is_no_text_is_reported_too(tmp_path: Path) -> None:
    assert "The report is" in CrashReports(tmp_path).leave(VaultError("half \ud800", ""))
    assert "half \\ud800" in next(tmp_path.iterdir()).read_text()


def test_two_of_one_second_are_two(tmp_path: Path) -> None:
    reports = CrashReports(tmp_path, lambda: AT)
    reports.leave(ValueError())
    reports.leave(TypeError())
    assert sorted("TypeError" in path.read_text() for path in tmp_path.iterdir()) == [False, True]


def test_where_none_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = CrashReports(tmp_path / "file").leave(ValueError(CODE))
    assert "No report could be written" in said
    assert CODE not in said


def test_errors_that_name_each_other_come_to_an_end() -> None:
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    group = ExceptionGroup(CODE, [first, KeyError(CODE)])
    report = report_of(group, "", AT)
    assert "In a group: KeyError\n" in report
    assert CODE not in report


def test_a_report_stands_in_no_labs_way_and_goes_with_a_demo(tmp_path: Path) -> None:
    CrashReports(tmp_path).leave(ValueError())
    directory = DataDirectory(tmp_path, "a test")
    directory.erase()
    assert not list(tmp_path.glob("crash-*"))
    directory.close()
