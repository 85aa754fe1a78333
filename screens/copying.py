"""Copying: a menu of what can be copied, then the text itself, for a terminal that does not take it by OSC 52."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from textual.dom import DOMNode

from estconsole.domain.secret import Secret
from screens.background import in_thread
from screens.dialogs import Choice, Menu
from screens.key_order import ask
from screens.show_text import ShowText


@dataclass(frozen=True, slots=True)
class CopiedText:
    """A text that can be copied: the key that takes it, what it is, and whether it stays hidden on the screen.

    `load` is called in a thread, and only for what was chosen: a code is unsealed for nothing less (B-45).
    """

    key: str
    label: str
    text: str = field(default="", repr=False)
    secret: bool = False
    load: Callable[[], Secret | None] | None = None


async def copy_one(node: DOMNode, offered: Iterable[CopiedText]) -> None:
    """Ask which of these texts is wanted, copy it and show it. From a task that holds keys."""
    by_key = {each.key: each for each in offered}
    menu = Menu("Copy", [Choice(key, each.label, key) for key, each in by_key.items()])
    if (key := await ask(node, menu)) is None:
        return
    chosen = by_key[key]
    text = chosen.text
    if chosen.load is not None and (secret := await in_thread(chosen.load)) is not None:
        text = secret.reveal()
    if not text:
        node.app.notify(f"{chosen.label}: it is not there any more.", severity="warning", markup=False)
    else:
        await ask(node, ShowText(chosen.label, text, copied=True, hidden=chosen.secret))
