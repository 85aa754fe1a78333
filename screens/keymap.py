"""Every key of the console, found by itself: what the settings may say of it, and all of them in print."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys, key_to_character
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

import screens
from screens.keys import declared, is_ours, keys_in, owners

_MODIFIERS = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
_NAMED = frozenset(key.value for key in Keys if not key.value.startswith("<") and "+" not in key.value)


class ConsoleKeys:
    """The bindings of these classes, by their ids, and the rules for giving them other keys."""

    def __init__(self, kinds: Sequence[type[DOMNode]]) -> None:
        self._kinds = kinds
        self.bindings: dict[str, Binding] = {}
        for kind in kinds:
            for name, binding in declared(kind).items():
                self.bindings.setdefault(name, binding)

    @property
    def ids(self) -> Collection[str]:
        return self.bindings.keys()

    def key_problem(self, key: str) -> tuple[str, str] | None:
        """What is wrong with a text as the name of a key, and what would be right; none if it is one."""
        *modifiers, name = key.split("+")
        if not key:
            return "nothing stands there", "Name a key; the space bar is 'space', the comma 'comma'."
        if key.endswith("+"):
            return f"{key!r}", f"The nearest one is '{key[:-1]}plus'."
        if wrong := [each for each in modifiers if each not in _MODIFIERS]:
            return f"{key!r}", f"{wrong[0]!r} is no modifier. There are: {', '.join(sorted(_MODIFIERS))}."
        if modifiers == ["shift"] and len(name) == 1:
            return f"{key!r}", f"A terminal sends the character: write '{name.upper()}'."
        if not _is_key(name):
            return f"{key!r}", _nearest(modifiers, name)
        if (sent := _as_sent(modifiers, name)) != key:
            return f"{key!r}", f"The nearest one is '{sent}'."
        return None

    def clashes(self, keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """With these keys: each binding whose key is another's on some screen, or would be typed; and that in words.

        What shares a key by itself may go on sharing it: only one of them is offered at a time.
        """
        for name in keys:
            binding = self.with_keys(keys, name)
            if binding.priority and (typed := [key for key in keys_in(binding) if _character(key)]):
                yield name, f"{name} works while text is typed, where {typed[0]!r} is a character."
        seen: set[tuple[str, str]] = set()
        for screen in self._screens():
            for first, second in combinations(sorted(self.reach(screen)), 2):
                if (first, second) in seen or not (first in keys or second in keys):
                    continue
                seen.add((first, second))
                before = {*keys_in(self.bindings[first])} & {*keys_in(self.bindings[second])}
                both = {*keys_in(self.with_keys(keys, first))} & {*keys_in(self.with_keys(keys, second))}
                if both and not before:
                    changed = first if first in keys else second
                    yield changed, f"{first} and {second} are both on {min(both)!r}."

    def keymap(self, keys: Mapping[str, str]) -> dict[str, str]:
        """These keys as Textual's keymap, and with them whatever shared a key with one of them.

        Textual takes every binding off a key that one of them leaves.
        """
        result = dict(keys)
        for kind in self._kinds:
            bindings = declared(kind)
            left = {key for name in keys if name in bindings for key in keys_in(bindings[name])}
            for name, binding in bindings.items():
                if name not in keys and left & {*keys_in(binding)}:
                    result[name] = binding.key
        return result

    def as_toml(self) -> str:
        """The section of the settings file with every binding as it is by itself, commented out."""
        lines = ["[keys]"]
        printed: set[str] = set()
        for kind in sorted(self._kinds, key=lambda kind: (not issubclass(kind, App), kind.__name__)):
            own = {name: binding for name, binding in declared(kind).items() if name in vars_of(kind) - printed}
            if own:
                printed |= own.keys()
                lines += ["", f"# {kind.__name__}: {_first_line(kind)}"]
                lines += [_entry(name, binding) for name, binding in own.items()]
        return "\n".join(lines)

    def with_keys(self, keys: Mapping[str, str], name: str) -> Binding:
        """A binding as it is with these keys."""
        binding = self.bindings[name]
        return binding.with_key(keys[name]) if name in keys else binding

    def _screens(self) -> Iterator[type[Screen[object]]]:
        return (kind for kind in self._kinds if issubclass(kind, Screen))

    def reach(self, screen: type[Screen[object]]) -> set[str]:
        """The bindings that may act while a screen is in front; a modal one leaves the app those with priority."""
        reach = set(declared(screen))
        for kind in self._kinds:
            if kind in _composed_on(screen):
                reach |= declared(kind).keys()
            elif issubclass(kind, App):
                app = declared(kind)
                modal = issubclass(screen, ModalScreen)
                reach |= {name for name, binding in app.items() if binding.priority or not modal}
        return reach


@cache
def console_keys() -> ConsoleKeys:
    """The keys of all screens that there are, and of the app once that is loaded; no screen can be forgotten."""
    for module in pkgutil.iter_modules(screens.__path__, "screens."):
        importlib.import_module(module.name)
    return ConsoleKeys(tuple(owners()))


def vars_of(kind: type) -> set[str]:
    """The ids of the bindings that a class itself declares."""
    return {binding.id for binding in vars(kind).get("BINDINGS", ()) if isinstance(binding, Binding) and binding.id}


@cache
def _composed_on(screen: type[Screen[object]]) -> frozenset[type[Widget]]:
    """The widgets that may stand on a screen: those that its module names, itself or by way of what it names."""
    found: set[type[Widget]] = set()
    seen: set[str] = set()
    waiting = [kind.__module__ for kind in screen.__mro__ if is_ours(kind)]
    while waiting:
        if (module := waiting.pop()) in seen:
            continue
        seen.add(module)
        for value in vars(sys.modules[module]).values():
            if not (inspect.isclass(value) or inspect.isfunction(value)) or not value.__module__.startswith("screens."):
                continue
            if inspect.isclass(value) and issubclass(value, Screen):
                continue
            if inspect.isclass(value) and issubclass(value, Widget):
                found.add(value)
            waiting.append(value.__module__)
    return frozenset(found)


def _is_key(name: str) -> bool:
    """Whether Textual has a key of this name: a character, a character's name, or a key with no character."""
    if name in _NAMED or len(name) == 1:
        return True
    character = _character(name)
    return character is not None and not character.isalnum() and name.islower() and name not in KEY_NAME_REPLACEMENTS


def _as_sent(modifiers: Sequence[str], name: str) -> str:
    """A key as Textual calls what a terminal sends: modifiers in their order, letters small, signs by their names."""
    if not modifiers:
        return name
    shift = ["shift"] if name.isupper() else []
    (key,) = keys_in(Binding(name.lower(), ""))
    return "+".join([*sorted({*modifiers, *shift}), key])


def _character(key: str) -> str | None:
    """What a key types, if anything: Textual reads `escape` as the name of a control character."""
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character if character is not None and character.isprintable() else None


def _nearest(modifiers: Sequence[str], name: str) -> str:
    near = KEY_NAME_REPLACEMENTS.get(name) or _character(name)
    if near is None:
        names = _NAMED.union(REPLACED_KEYS, KEY_TO_UNICODE_NAME.keys() - KEY_NAME_REPLACEMENTS.keys())
        near = next(iter(difflib.get_close_matches(name.lower(), sorted(names), n=1)), None)
    if near is None:
        return "Keys are characters, and names such as 'f2', 'ctrl+s', 'pagedown' and 'question_mark'."
    return f"The nearest one is '{'+'.join([*modifiers, near])}'."


def _entry(name: str, binding: Binding) -> str:
    return f'# "{name}" = "{binding.key}"  # {binding.description}: {binding.tooltip}'


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]
