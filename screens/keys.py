"""The keys as they are: what the classes declare, and what the operator gave other keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Protocol, cast

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import format_key

_OURS = ("screens", "estconsole")
_WORDS = frozenset({"backspace", "enter"})
"""Keys that a sentence names by their word; Textual's own signs for them are for the footer."""

_NAMED = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")


class HasKeymap(Protocol):
    """What knows the keys of those bindings that the operator gave others: the app."""

    keymap: Mapping[str, str]


def is_ours(kind: type) -> bool:
    """Whether a class is this console's own, and neither Textual's nor a test's."""
    return kind.__module__.partition(".")[0] in _OURS


def owners() -> Iterator[type[DOMNode]]:
    """The classes of this console that may have keys, as far as their modules are loaded."""
    waiting: list[type[DOMNode]] = [DOMNode]
    seen: set[type[DOMNode]] = set()
    while waiting:
        kind = waiting.pop()
        if kind not in seen:
            seen.add(kind)
            waiting += kind.__subclasses__()
            if is_ours(kind):
                yield kind


def declared(kind: type) -> dict[str, Binding]:
    """The bindings with an id that a class and those above it declare, by their ids: this console's own."""
    found: dict[str, Binding] = {}
    for each in kind.__mro__:
        for binding in each.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                found.setdefault(binding.id, binding)
    return found


def keys_in(binding: Binding) -> list[str]:
    """The keys of a binding by their names, each once: `question_mark` for `?`."""
    return list(dict.fromkeys(each.key for each in Binding.make_bindings([binding])))


def actual(node: DOMNode, binding: Binding) -> Binding:
    """A binding with the keys that the operator gave it, if any."""
    keys = cast("HasKeymap", node.app).keymap.get(binding.id or "")
    return binding.with_key(keys) if keys else binding


def shown_keys(node: DOMNode, binding: Binding) -> list[str]:
    """The keys that a binding has now, as the footer writes them."""
    now = actual(node, binding)
    if now.key_display:
        return [now.key_display]
    shown = [node.app.get_key_display(each) for each in Binding.make_bindings([now])]
    return list(dict.fromkeys(shown))


def key_of(node: DOMNode, binding: str) -> str:
    """The key that a binding has now, the first if it has several, as a sentence names it: `u`, `ctrl+s`, `esc`."""
    *modifiers, key = keys_in(actual(node, _binding(binding)))[0].split("+")
    return "+".join([*modifiers, key if key in _WORDS else format_key(key)])


def with_keys(node: DOMNode, text: str) -> str:
    """A sentence with the keys that the bindings have now which it names, as in `{list.back} clears it`."""
    return _NAMED.sub(lambda named: key_of(node, named[1]), text)


@cache
def _binding(name: str) -> Binding:
    for kind in owners():
        if binding := declared(kind).get(name):
            return binding
    raise LookupError(f"no class declares the binding {name}")
