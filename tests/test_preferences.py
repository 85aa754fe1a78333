"""The operator's settings file: what it may say, how it says what is wrong, and what it keeps when it is written."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from estconsole import cli, console
from estconsole.errors import SettingsError
from estconsole.preferences import ENVIRONMENT_VARIABLE, Preferences, default_location
from screens.keymap import console_keys
from screens.themes import THEMES

EVERYTHING = """\
# mine
theme   =   "nord"   # cold

[keys] # all of them
live.filter = "f,ctrl+f"
"live.fix" = '!'

[live]
filter = "outcome:refused"
"""


def load(path: Path) -> Preferences:
    return Preferences.load(path, bindings=console_keys(), themes=THEMES)


def loaded(tmp_path: Path, text: str) -> Preferences:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def refused(tmp_path: Path, text: str) -> tuple[str, str]:
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)
    return raised.value.title.removeprefix(f"{tmp_path / 'config.toml'}"), raised.value.hint


def test_what_a_file_says(tmp_path: Path) -> None:
    preferences = loaded(tmp_path, EVERYTHING)
    assert preferences.theme == "nord"
    assert preferences.keys == {"live.filter": "f,ctrl+f", "live.fix": "!"}
    assert preferences.live_filter == "outcome:refused"


def test_without_a_file_the_defaults_hold_and_none_is_written(tmp_path: Path) -> None:
    preferences = load(tmp_path / "new" / "config.toml")
    assert (preferences.theme, preferences.keys, preferences.live_filter) == ("estconsole", {}, "")
    preferences.remember_theme("estconsole")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("text", "title", "hint"),
    [
        ("them = 'nord'", ", line 1: 'them' is no setting.", "The nearest one is 'theme'."),
        ("theme = 'nrd'", ", line 1: 'nrd' is no theme.", "The nearest one is 'nord'."),
        ("theme = 7", ", line 1: theme is of the wrong type.", "It has to be a text."),
        ("theme = {a = 'b'}", ", line 1: theme is of the wrong type.", "It has to be a text."),
        ("\nlive = 'x'", ", line 2: live is of the wrong type.", "It has to be a section: [live]."),
        ("[live]\nfiltr = 'x'", ", line 2: 'live.filtr' is no setting.", "The nearest one is 'live.filter'."),
        ("[live]\nfilter = true", ", line 2: live.filter is of the wrong type.", "It has to be a text."),
        ("[keys]\n\n'live.filtr' = 'f'", ", line 3: 'live.filtr' is no binding.", "The nearest one is 'live.filter'."),
        ("[keys]\nlive.filtr = 'f'", ", line 2: 'live.filtr' is no binding.", "The nearest one is 'live.filter'."),
        ("keys.live.filtr = 'f'", ", line 1: 'live.filtr' is no binding.", "The nearest one is 'live.filter'."),
        ("[keys.live]\nfiltr = 'f'", ", line 2: 'live.filtr' is no binding.", "The nearest one is 'live.filter'."),
        ("[keys]\nzzz = 'f'", ", line 2: 'zzz' is no binding.", "'estconsole keys' prints them all."),
        (
            "[keys]\nlive.fix = ['f']",
            ", line 2: keys.live.fix is of the wrong type.",
            "It has to be a text, such as 'f' or 'slash,ctrl+f'.",
        ),
        (
            "[keys]\nlive.fix = 'ctrl+shift+pageupp'",
            ", line 2: live.fix is given a key that there is not: 'ctrl+shift+pageupp'",
            "The nearest one is 'ctrl+shift+pageup'.",
        ),
        (
            "[keys]\nlive.fix = 'p'",
            ", line 2: live.fix and live.pause are both on 'p'.",
            "Give one of them another key.",
        ),
        ("theme = \n", ", line 1, column 9: Unexpected character: '\\n'.", "Put it right."),
        ("theme = 'a'\ntheme = 'b'", ', line 2, column 1: Key "theme" already exists.', "Put it right."),
        ("[keys\n", ", line 1, column 6: ", "Put it right."),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(tmp_path: Path, text: str, title: str, hint: str) -> None:
    found_title, found_hint = refused(tmp_path, text)
    assert found_title.startswith(title)
    assert found_hint == hint


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    title, hint = refused(tmp_path, "theme = 'nrd'\n[keys]\nlive.fix = 'F99'\nlive.pause = 'g'\n")
    assert title == ", line 1: 'nrd' is no theme."
    assert "Also line 3: live.fix is given a key that there is not: 'F99'" in hint
    assert "Also line 4: live.go_to and live.pause are both on 'g'." in hint


def test_a_name_from_the_file_prints_as_text(tmp_path: Path) -> None:
    for text in ('"a\\u001b[31m\\u202e" = 1', '"a\\u001b" = 1\n"a\\u001b" = 2'):
        title, hint = refused(tmp_path, text)
        assert f"{title}{hint}".isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "live.filter = 'x'\n",
        "live = {filter = 'x'} # so\n",
        "[keys]\n# a\n[live]\n\n[keys.live]\nfix = 'f'",
        "live = {}",
        "# end",
        "\n[keys]\n",
    ],
)
def test_however_it_is_written_it_can_be_written_to(tmp_path: Path, text: str) -> None:
    preferences = loaded(tmp_path, text)
    preferences.remember_live_filter("y")
    preferences.remember_theme("nord")
    again = load(tmp_path / "config.toml")
    assert (again.live_filter, again.theme, again.keys) == ("y", "nord", preferences.keys)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "config.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load(path)


def test_what_is_remembered_leaves_the_rest_of_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(EVERYTHING.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    preferences = load(path)
    preferences.remember_theme("ansi-dark")
    preferences.remember_live_filter('entity:"é"')
    expected = EVERYTHING.replace('"nord"', '"ansi-dark"').replace('"outcome:refused"', '"entity:\\"é\\""')
    assert path.read_bytes().decode() == expected.replace("\n", "\r\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert (load(path).theme, load(path).live_filter) == ("ansi-dark", 'entity:"é"')
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_new_file_is_the_operators_alone_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"
    load(path).remember_live_filter("x")
    assert path.read_text().startswith("# The settings of estconsole.")
    assert path.stat().st_mode & 0o777 == 0o600
    load(path).remember_theme("nord")
    assert (load(path).theme, load(path).live_filter) == ("nord", "x")


def test_what_the_operator_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    preferences = load(path)
    path.write_text("[keys]\nlive.fix = 'f'\n")
    preferences.remember_theme("nord")
    assert (load(path).keys, load(path).theme) == ({"live.fix": "f"}, "nord")


@pytest.mark.parametrize("wrong", ["[keys\n", "them = 'nord'\n"])
def test_a_file_that_became_wrong_is_not_touched(tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "config.toml"
    preferences = load(path)
    path.write_text(wrong)
    with caplog.at_level(logging.WARNING):
        preferences.remember_theme("nord")
    assert path.read_text() == wrong
    assert preferences.theme == "nord"
    assert "The setting theme was not kept" in caplog.text


def test_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "estconsole.toml"
    target.parent.mkdir()
    target.write_text("# kept\n")
    path = tmp_path / "config.toml"
    path.symlink_to(target)
    load(path).remember_theme("nord")
    assert path.is_symlink()
    assert target.read_text() == '# kept\ntheme = "nord"\n'


def test_what_cannot_be_written_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    preferences = load(tmp_path / "config.toml")
    preferences._path = tmp_path / "file" / "config.toml"
    with caplog.at_level(logging.WARNING):
        preferences.remember_theme("nord")
    assert "The setting theme was not kept" in caplog.text


def test_half_a_character_is_a_warning_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(tmp_path / "config.toml").remember_live_filter("\ud800")
    assert "The setting live.filter was not kept" in caplog.text
    assert not list(tmp_path.iterdir())


def test_a_byte_order_mark_is_no_setting(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufefftheme = 'nord'\n").theme == "nord"


def test_two_threads_lose_nothing(tmp_path: Path) -> None:
    preferences = load(tmp_path / "config.toml")
    both = [
        threading.Thread(target=preferences.remember_theme, args=("nord",)),
        threading.Thread(target=preferences.remember_live_filter, args=("x",)),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    kept = load(tmp_path / "config.toml")
    assert (kept.theme, kept.live_filter) == (preferences.theme, preferences.live_filter) == ("nord", "x")


class _Overtaken:
    """A lock that another thread had a moment before."""

    def __init__(self, other: Callable[[], None]) -> None:
        self._other = other

    def __enter__(self) -> None:
        self._other()

    def __exit__(self, *_: object) -> None:
        pass


def test_what_another_thread_chose_a_moment_before_holds_too() -> None:
    preferences = Preferences.in_memory()
    lock = preferences._lock

    def other() -> None:
        preferences._lock = lock
        preferences.remember_theme("nord")

    preferences._lock = _Overtaken(other)  # type: ignore[assignment]
    preferences.remember_live_filter("x")
    assert (preferences.theme, preferences.live_filter) == ("nord", "x")


def test_where_the_settings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "~/mine.toml")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_location() == tmp_path / "mine.toml"
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert default_location().name == "config.toml"
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert default_location() == tmp_path / "xdg" / "estconsole" / "config.toml"


def test_in_memory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preferences = Preferences.in_memory(keys={"live.fix": "f"})
    preferences.remember_theme("nord")
    assert (preferences.theme, preferences.keys) == ("nord", {"live.fix": "f"})
    assert not list(tmp_path.iterdir())


def test_the_commands_options_come_to_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[dict[str, object]] = []
    monkeypatch.setattr(console, "run_console", lambda _directory, _options, **given: came.append(given))
    for command in ([], ["demo"]):
        for options in ([], ["--read-only", "--config", str(tmp_path / "mine.toml")]):
            arguments = [*command, "--data-dir", str(tmp_path), *options]
            assert CliRunner().invoke(cli.main, arguments).exit_code == 0
    said = [(given["demo"], given["read_only"], given["config"]) for given in came]
    mine = tmp_path / "mine.toml"
    assert said == [(False, False, None), (False, True, mine), (True, False, None), (True, True, mine)]
    for option in ("--read-only", "--config=x"):
        assert CliRunner().invoke(cli.main, ["serve", option]).exit_code == 2


def test_wrong_settings_end_the_command_before_a_lab_is_made(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[keys]\nlive.filtr = 'f'\n")
    result = CliRunner().invoke(cli.main, ["demo", "--data-dir", str(tmp_path / "lab"), "--config", str(path)])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"estconsole: {path}, line 2: 'live.filtr' is no binding.",
        "  The nearest one is 'live.filter'.",
    ]
    assert not (tmp_path / "lab").exists()


def test_a_command_prints_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "config.toml"))
    printed = CliRunner().invoke(cli.main, ["keys"]).output
    assert printed.startswith(f"# What you change here belongs into {tmp_path / 'config.toml'}.\n\n[keys]\n")
    assert '# "app.quit" = "ctrl+q"' in printed
    assert '# "live.filter" = "slash"  # filter: ' in printed
