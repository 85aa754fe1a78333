"""What may stand in the operator's settings file: each problem with its line, and the nearest right word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

THEME = "estconsole"
"""The theme of a console that nobody chose another for."""

KEYS_COMMAND = "'estconsole keys' prints them all."

_SETTINGS = ("theme", "keys", "live")
_LIVE = ("filter",)
_HEADER = re.compile(r"\s*\[+\s*(?P<name>[^\]]*?)\s*\]")
_ENTRY = re.compile(r"\s*(?P<name>[\w\".'\s-]+?)\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one entry: its name with its sections, what is wrong, and what would be right."""

    name: str
    words: str
    hint: str

    def sentence(self, line: int | None) -> str:
        """The problem after the line that it is on, where that is known."""
        return f"{f'line {line}: ' if line else ''}{self.words}"


class Bindings(Protocol):
    """What the screens say of keys: which bindings there are, what is a key, and which bindings may not share one."""

    @property
    def ids(self) -> Collection[str]: ...

    def key_problem(self, key: str) -> tuple[str, str] | None:
        """What is wrong with a text as the name of a key, and what would be right."""

    def clashes(self, keys: Mapping[str, str]) -> Iterable[tuple[str, str]]:
        """With these keys: each binding whose key is another's too, and that in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the settings file says, as far as it says anything."""

    theme: str = THEME
    keys: Mapping[str, str] = field(default_factory=dict)
    live_filter: str = ""


def choices_of(document: Mapping[str, Any]) -> Choices:
    """The choices in a document that has no problem."""
    return Choices(
        theme=str(document.get("theme", THEME)),
        keys={name: str(value) for name, value in _leaves(document.get("keys", {}))},
        live_filter=str(document.get("live", {}).get("filter", "")),
    )


def problems_of(document: Mapping[str, Any], bindings: Bindings, themes: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a document, in the order of its entries."""
    problems: list[Problem] = []
    for name, value in document.items():
        match name, value:
            case "theme", str():
                problems += [] if value in themes else [_unknown(name, "theme", value, themes)]
            case "keys", Mapping():
                problems += _problems_of_keys(value, bindings)
            case "live", Mapping():
                problems += _problems_of_live(value)
            case "theme", _:
                problems.append(_of_type(name, "a text"))
            case (("keys" | "live"), _):
                problems.append(_of_type(name, f"a section: [{name}]"))
            case _:
                problems.append(_unknown(name, "setting", name, _SETTINGS))
    return problems


def line_of(text: str, name: str) -> int | None:
    """The line, from 1, that an entry such as `keys.live.filter` begins on; none if it is written too oddly to tell."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _bare(header["name"])
            if section == name:
                return number
        elif (entry := _ENTRY.match(line)) and ".".join(filter(None, (section, _bare(entry["name"])))) == name:
            return number
    return None


def _problems_of_live(section: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in section.items():
        if name not in _LIVE:
            yield _unknown(f"live.{name}", "setting", f"live.{name}", [f"live.{known}" for known in _LIVE])
        elif not isinstance(value, str):
            yield _of_type(f"live.{name}", "a text")


def _problems_of_keys(section: Mapping[str, Any], bindings: Bindings) -> list[Problem]:
    problems, right = [], {}
    for binding, value in _leaves(section):
        found = list(_problems_of_key(binding, value, bindings))
        if not found:
            right[binding] = str(value)
        problems += found
    for binding, words in bindings.clashes(right):
        problems.append(Problem(name=f"keys.{binding}", words=words, hint="Give one of them another key."))
    return problems


def _problems_of_key(binding: str, value: object, bindings: Bindings) -> Iterator[Problem]:
    name = f"keys.{binding}"
    if binding not in bindings.ids:
        yield _unknown(name, "binding", binding, bindings.ids, KEYS_COMMAND)
    elif not isinstance(value, str):
        yield _of_type(name, "a text, such as 'f' or 'slash,ctrl+f'")
    else:
        for key in value.split(","):
            if problem := bindings.key_problem(key.strip()):
                words, hint = problem
                yield Problem(name=name, words=f"{binding} is given a key that there is not: {words}", hint=hint)


def _leaves(section: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a section by their dotted names: TOML reads `live.filter` without quotes as a section in it."""
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _unknown(name: str, what: str, text: str, known: Iterable[str], otherwise: str = "") -> Problem:
    near = difflib.get_close_matches(text, list(known), n=1)
    hint = f"The nearest one is '{near[0]}'." if near else otherwise or f"There are: {', '.join(sorted(known))}."
    return Problem(name=name, words=f"{text!r} is no {what}.", hint=hint)


def _of_type(name: str, wanted: str) -> Problem:
    return Problem(name=name, words=f"{name} is of the wrong type.", hint=f"It has to be {wanted}.")


def _bare(name: str) -> str:
    """A name as TOML reads it, without its quotes and blanks."""
    return re.sub(r"[\"'\s]", "", name)
