"""The journal's line: a JSON array of a checksum and one transaction's changes, chained to the line before it.

    ["<checksum: 16 hex digits><size of the changes in bytes: 8 hex digits>",<changes>]

The checksum covers the previous line's checksum too, so that a line which is lost, doubled, moved or from another
journal is found like a changed one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CHECKSUM_DIGITS = 16
_SIZE_DIGITS = 8
_HEADER = len('["') + CHECKSUM_DIGITS + _SIZE_DIGITS
_CHANGES_START = _HEADER + len('",')
_CHANGES_END = -len("]\n")


class DamagedLineError(ValueError):
    """A line is not as it was written, or does not continue the one before it."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"damaged line at byte {offset}")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Lines:
    """What a journal says. `offsets` are the lines' starts, `end` is where the last complete line ends.

    `unfinished` says that bytes follow: a line that was never finished, hence never acknowledged.
    """

    changes: tuple[bytes, ...]
    offsets: tuple[int, ...]
    end: int
    unfinished: bool
    checksum: str


def encode_line(changes: bytes, previous: str) -> tuple[bytes, str]:
    """The line for one transaction's changes (ASCII JSON) after the line with checksum `previous`, and its checksum."""
    size = f"{len(changes):0{_SIZE_DIGITS}x}"
    checksum = hashlib.sha256(f"{previous}{size}".encode() + changes).hexdigest()[:CHECKSUM_DIGITS]
    return b'["%s%s",%s]\n' % (checksum.encode(), size.encode(), changes), checksum


def read_lines(content: bytes, previous: str) -> Lines:
    """Read a journal that continues the checksum `previous`. Raises DamagedLineError, but not for an unfinished end."""
    changes: list[bytes] = []
    offsets: list[int] = []
    start = 0
    while newline := content.find(b"\n", start) + 1:
        line = content[start:newline]
        said = line[_CHANGES_START:_CHANGES_END]
        expected, previous = encode_line(said, previous)
        if line != expected:
            raise DamagedLineError(start)
        changes.append(said)
        offsets.append(start)
        start = newline
    if not _is_unfinished(content[start:]):
        raise DamagedLineError(start)
    return Lines(tuple(changes), tuple(offsets), start, start < len(content), previous)


def _is_unfinished(tail: bytes) -> bool:
    """Whether bytes without a newline are the beginning of a line, rather than a finished line that lost its newline.

    After a power failure some file systems fill what was not written with zeros, which no line contains.
    """
    beginning = tail.rstrip(b"\0")
    if len(beginning) < _HEADER:
        return True
    try:
        size = int(beginning[_HEADER - _SIZE_DIGITS : _HEADER], 16)
    except ValueError:
        return False
    without_newline = _CHANGES_START + size + len("]")
    return len(beginning) < without_newline or len(tail) == without_newline
