"""The operator's own settings: the theme, the keys and the saved filter, in a TOML file that keeps its comments."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import tempfile
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomlkit
from platformdirs import user_config_path
from tomlkit.exceptions import ParseError, TOMLKitError

from estconsole.errors import SettingsError
from estconsole.preference_rules import Bindings, Choices, choices_of, line_of, problems_of

ENVIRONMENT_VARIABLE = "ESTCONSOLE_CONFIG"

_HEADING = (
    "# The settings of estconsole. 'estconsole keys' prints a section of every key, to be changed and put here.\n\n"
)

_logger = logging.getLogger(__name__)


def default_location() -> Path:
    """Where the settings are when no option names a file: the variable, else what the platform's conventions say.

    Raises SettingsError where neither names one.
    """
    try:
        if named := os.environ.get(ENVIRONMENT_VARIABLE):
            return Path(named).expanduser()
        return user_config_path("estconsole", appauthor=False) / "config.toml"
    except RuntimeError as error:
        raise SettingsError(
            "No home directory is known for this user, so there is no default place for the settings.",
            f"Name a file with --config or {ENVIRONMENT_VARIABLE}.",
        ) from error


class Preferences:
    """What the operator chose, and remembers it. Its methods block on the disk, and any thread may call them."""

    def __init__(self, choices: Choices, path: Path | None, bindings: Bindings | None, themes: Collection[str]) -> None:
        self._choices = choices
        self._path = path
        self._bindings = bindings
        self._themes = themes
        self._lock = threading.Lock()

    @classmethod
    def load(cls, path: Path, *, bindings: Bindings, themes: Collection[str]) -> Preferences:
        """The settings in a file, or those that hold where there is none.

        Raises SettingsError with the file, the line and the nearest right word, and all that is wrong at once.
        """
        choices = choices_of(_checked(path, _read(path), bindings, themes))
        return cls(choices, path, bindings, themes)

    @classmethod
    def in_memory(cls, *, keys: Mapping[str, str] | None = None) -> Preferences:
        """Settings that are forgotten at the end."""
        return cls(Choices(keys=dict(keys or {})), None, None, ())

    @property
    def theme(self) -> str:
        return self._choices.theme

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys of those bindings that the operator gave others: `{"live.filter": "slash,f"}`."""
        return self._choices.keys

    @property
    def live_filter(self) -> str:
        return self._choices.live_filter

    def remember_theme(self, name: str) -> None:
        """Keep a theme for the next time."""
        with self._lock:
            self._remember(("theme",), name, replace(self._choices, theme=name))

    def remember_live_filter(self, text: str) -> None:
        """Keep the filter of the log of requests for the next time."""
        with self._lock:
            self._remember(("live", "filter"), text, replace(self._choices, live_filter=text))

    def _remember(self, name: tuple[str, ...], value: str, choices: Choices) -> None:
        """Put a value into the file as it is now, with the lock held.

        What cannot be written is a line in the log, and holds for now.
        """
        changed, self._choices = choices != self._choices, choices
        if not changed or self._path is None or self._bindings is None:
            return
        try:
            text = _read(self._path)
            document = _checked(self._path, text, self._bindings, self._themes)
            _put(document, name, value)
            _write(self._path, ("" if text else _HEADING) + tomlkit.dumps(document))
        except (SettingsError, TOMLKitError, OSError, RuntimeError, UnicodeError) as error:
            _logger.warning("The setting %s was not kept: %s", ".".join(name), error)


def _read(path: Path) -> str:
    """The file's text, empty where there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")  # some editors put a byte order mark before it
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no text in UTF-8.", "Save it in that encoding, or remove it.") from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a link that leads to itself"
        raise SettingsError(
            f"The settings in {path} cannot be read: {reason}.",
            f"Name another file with --config or {ENVIRONMENT_VARIABLE}.",
        ) from error


def _checked(path: Path, text: str, bindings: Bindings, themes: Collection[str]) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(text)
        plain: dict[str, Any] = document.unwrap()
    except ParseError as error:
        place = f"{path}, line {error.line}, column {error.col + 1}"
        raise SettingsError(f"{place}: {_printable(str(error).partition(' at line ')[0])}.", "Put it right.") from error
    except TOMLKitError as error:
        raise SettingsError(f"{path}: {_printable(str(error))}.", "Put it right.") from error
    problems = problems_of(plain, bindings, themes)
    if problems:
        first, *others = problems
        also = [f"Also {other.sentence(line_of(text, other.name))} {other.hint}" for other in others]
        first_line = line_of(text, first.name)
        place = f"{path}, " if first_line else f"{path}: "
        raise SettingsError(place + first.sentence(first_line), " ".join([first.hint, *also]))
    return document


def _printable(words: str) -> str:
    """The parser's words without their full stop; it quotes names of the file as they are."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in words.rstrip("."))


def _put(document: tomlkit.TOMLDocument, name: tuple[str, ...], value: str) -> None:
    *sections, key = name
    place: Any = document
    for section in sections:
        if section not in place:
            place[section] = tomlkit.table()
        place = place[section]
    place[key] = value


def _write(path: Path, text: str) -> None:
    """Replace the file at once, with the mode that it has; a link stays one, and what it leads to is replaced."""
    target = path.resolve()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
