"""How a certificate reads as a page: who, by whom, from and to, key, usages, identifiers, extensions, and its PEM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from textual.content import Content

from estconsole.domain.certificate import grouped
from estconsole.domain.certificate_words import CertificateWords, ExtensionWords
from estconsole.domain.names import format_sans
from screens.table import Cell
from screens.text import MUTED, hanging, local_moment, plain, shortened

EXPIRES_SOON = timedelta(days=30)
"""What ends within it is marked: a CA needs so long to be renewed everywhere."""

_STYLES = {"": "", "good": "$success", "attention": "$warning", "bad": "$error", "faint": MUTED}

_LABEL = 19
_YEAR = 365
_GROUPS = re.compile("-?[0-9A-F]{2}(:[0-9A-F]{2})*")
_MOST_PEM_LINES = 200


def certificate_text(words: CertificateWords, issuer: str, now: datetime, width: int) -> Content:
    """The page of a certificate in lines of at most `width` cells; `issuer` is what its CA is called here, if it is."""
    facts = words.facts
    named = {
        "subject": shortened(str(facts.subject)) if facts.subject else "none",
        "alternative names": shortened(format_sans(facts.subject_alt_names)),
        "issuer": "itself (a root)" if facts.is_root else shortened(str(facts.issuer)),
        "": "" if facts.is_root else f"which is {issuer} here" if issuer else "which is not in this lab",
        "valid from": local_moment(facts.not_before),
    }
    rest = {
        "key": str(facts.key),
        "usages": shortened(words.usages),
        "serial": serial_groups(facts.serial),
        "SHA-256": grouped(facts.sha256),
        "signature": words.signature,
    }
    left = toned(time_left(facts.not_before, facts.not_after, now))
    expiry = Content.assemble(local_moment(facts.not_after), " · ", left)
    return Content("\n").join(
        [
            *_rows(named, width),
            hanging(label_of("valid to"), expiry, width),
            *_rows(rest, width),
            *_extensions(words.extensions, width),
            Content(""),
            *_pem(words.pem),
        ]
    )


def label_of(text: str, width: int = _LABEL) -> Content:
    """What stands before a value, as wide as all the others."""
    return Content.styled(text.ljust(width), MUTED)


def time_left(not_before: datetime, not_after: datetime, now: datetime) -> Cell:
    """How long a certificate still holds, or since when it does not: a sign, words, and their tone."""
    if now < not_before:
        return Cell("▲ not valid yet", "attention")
    if now > not_after:
        return Cell(f"✗ expired {_ago(now - not_after)}", "bad")
    left = f"{in_words(not_after - now)} left"
    return Cell(f"▲ {left}", "attention") if not_after - now < EXPIRES_SOON else Cell(left)


def toned(cell: Cell) -> Content:
    """A cell's text in a pane or on a page, in the colour that it has in a table."""
    return Content.styled(cell.text, _STYLES[cell.tone])


def in_words(period: timedelta) -> str:
    """A period as one says it: years to the nearest one, or days; what is shorter than a day is called so."""
    if period.days >= 2 * _YEAR:
        return f"{round(period.days / _YEAR)} years"
    if period.days >= 1:
        return f"{period.days} day{'' if period.days == 1 else 's'}"
    return "less than a day"


def serial_groups(serial: int) -> str:
    """A serial number in groups, as openssl prints it; one that is negative, which RFC 5280 forbids, is seen too."""
    digits = shortened(abs(serial).to_bytes(max(1, (serial.bit_length() + 7) // 8)).hex(":").upper())
    return f"-{digits}" if serial < 0 else digits


def between_bytes(text: str, width: int) -> Content:
    """A text that breaks between bytes where it is `4A:11:…` and longer than a line, so that it can be compared."""
    if len(text) <= width or not _GROUPS.fullmatch(text):
        return Content(text)
    size = next(size for size in (96, 48, 24, 12, 6) if size <= max(width, 6))
    return Content("\n".join(text[start : start + size] for start in range(0, len(text), size)))


def _ago(period: timedelta) -> str:
    return "today" if period < timedelta(days=1) else f"{in_words(period)} ago"


def _rows(rows: dict[str, str], width: int) -> Iterator[Content]:
    for label, value in rows.items():
        if value:
            yield hanging(label_of(label), between_bytes(plain(value), width - _LABEL), width)


def _extensions(extensions: Iterable[ExtensionWords], width: int) -> Iterator[Content]:
    for each in extensions:
        yield Content("")
        yield Content.styled(plain(each.title), "bold")
        yield from (hanging(Content("    "), between_bytes(plain(line), width - 4), width) for line in each.lines)


def _pem(pem: str) -> Iterator[Content]:
    lines = pem.splitlines()
    yield from (Content.styled(plain(line), MUTED) for line in lines[:_MOST_PEM_LINES])
    if (more := len(lines) - _MOST_PEM_LINES) > 0:
        yield Content(f"… and {more:,} more lines")
