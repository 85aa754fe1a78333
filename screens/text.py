"""How values become text on a screen: visible escapes, times, groups, and cells that are cut with an ellipsis."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from textual.content import Content

MUTED = "$foreground 60%"
"""The style of what matters less, in any theme."""

NONE = "–"
"""What stands where there is nothing."""

# Control, format (zero width, right-to-left overrides), surrogate, and line and paragraph separator: none may act.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Marks that stand on the character before them. No script stacks more than a few; a heap would cover its neighbours.
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 4

# What is shown of a text that should be a name or a value; more would only push the rest out of view.
_LONGEST = 300
_BRIEF = 40

# What is shown of a paragraph: to break a text of ten thousand characters into lines takes a second by itself.
_PARAGRAPH = 2_000

# A cell is at most one character and its marks: what is longer is cut before it is measured.
_CHARACTERS_A_CELL = 1 + _MOST_MARKS


def plain(text: str) -> str:
    """Text from outside as one line in which nothing acts: control and format characters stand as escapes."""
    if text.isascii() and text.isprintable():
        return text
    shown, marks = [], 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        shown.append(_escape(char) if category in _ESCAPED or marks > _MOST_MARKS else char)
    return "".join(shown)


def plain_lines(text: str) -> str:
    """The same for a text of several lines, which stay lines."""
    return "\n".join(plain(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n"))


def shortened(text: str, most: int = _LONGEST) -> str:
    """A text as one line that does not fill the screen by itself, and says how much of it is left out."""
    shown, surplus = plain(text[:most])[:most], len(text) - most
    return f"{shown}… and {surplus:,} more characters" if surplus > 0 else shown


def brief(text: str) -> str:
    """A name in a sentence: short enough that the sentence stays in view."""
    return plain(text[:_BRIEF]) + ("…" if len(text) > _BRIEF else "")


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Text in exactly `width` cells: padded, or cut with an ellipsis; wide characters count as two."""
    shown = text[: width * _CHARACTERS_A_CELL]
    if len(shown) < len(text) or cell_len(shown) > width:
        shown = set_cell_size(shown, max(width - 1, 0)).rstrip() + "…" if width else ""
    padding = " " * (width - cell_len(shown))
    return padding + shown if right else shown + padding


def hanging(label: Content, text: Content | str, width: int) -> Content:
    """A text after its label, whose further lines stand under its first one; `width` is that of the whole, in cells."""
    indent = label.cell_length
    body = Content(shortened(text, _PARAGRAPH)) if isinstance(text, str) else text
    first, *others = body.wrap(max(width - indent, 16)) or [Content("")]
    return Content("\n").join([label + first.rstrip(), *(Content(" " * indent) + line.rstrip() for line in others)])


def local_time(at: datetime, now: datetime) -> str:
    """A time of the local zone to the second, with the date when it is not today's."""
    local = at.astimezone()
    today = now.astimezone().date()
    if local.date() == today:
        return f"{local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M:%S}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M:%S}"


def local(at: datetime) -> datetime:
    """A time in the local zone; in its own where the calendar ends: 9999-12-31 is for ever (RFC 5280 4.1.2.5)."""
    try:
        return at.astimezone()
    except OverflowError:
        return at


def local_moment(at: datetime) -> str:
    """A time of the local zone with its date and zone."""
    here = local(at)
    return f"{here:%Y-%m-%d %H:%M:%S} {here.tzname() or ''}".rstrip()


def days_left(until: datetime, now: datetime) -> str:
    """How long something still holds, in words."""
    days = (until - now).days
    if days < 0:
        return "expired"
    return f"{days} day{'' if days == 1 else 's'} left" if days else "less than a day left"


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 row`, `1,204 rows`; `several` is the plural of a noun that takes more than an s."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def bullets(texts: Sequence[str], most: int) -> list[str]:
    """The first of several texts, a line each, and how many more there are: a dialog has room for a few."""
    more = len(texts) - most
    return [*(f"· {brief(text)}" for text in texts[:most]), *([f"· and {more:,} more"] if more > 0 else [])]


def _escape(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
