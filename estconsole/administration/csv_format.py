"""End entities as CSV (RFC 4180): how the columns are called, and how a file is read within bounds, and written.

Every field that is written is quoted and left as it is. A spreadsheet may take one that begins with `=`, `+`, `-` or
`@` for a formula; a sign put before it would make another username or code of it for everybody else, this console
included. Nothing of it comes from the wire: operators have typed or imported it.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from estconsole.administration.dependents import counted

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
"""As many as one transaction writes in a few seconds (tests/benchmarks)."""
MAX_FIELD = 4096
"""Longer than any name that a certificate carries in practice."""
MAX_LINE = 64 * 1024
MAX_RECORD_LINES = 100
"""A field may have line breaks in it; one that goes on for so long has a quote that nobody closed."""
MAX_NAME = 40
MAX_TOLD = 5
_DELIMITERS = ",;\t"

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "username": (),
        "subject": ("subjectdn", "dn"),
        "subject_alt_names": ("subjectaltname", "altname", "altnames", "san"),
        "issuing_ca": ("ca", "caname"),
        "end_entity_profile": ("eeprofile",),
        "certificate_profile": ("certprofile",),
        "code": ("password",),
        "allowed_requests": (),
        "max_failed_logins": (),
        "aliases": ("alias",),
    }
)
"""What a draft takes, and what else a column of it may be called: EJBCA's words where they are others."""

STATE_COLUMNS = ("status", "remaining_requests", "created", "enrolled")
"""What an export says beside it. A new registration has its own."""


class CsvError(ValueError):
    """A file that cannot be read as end entities; the message says what would be right, and quotes no cell of it."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row's cells by column, with the line on which it begins (from 1); `problem` says why they cannot be trusted."""

    line: int
    cells: Mapping[str, str]
    problem: str = ""


def read_rows(data: bytes) -> Iterator[CsvRow]:
    """Every row of a file that is not empty: UTF-8 or, with a byte order mark, UTF-16. Raises CsvError, late too."""
    records = _records(_text(data))
    header = next((cells for _, cells in records), [])
    names, count = _columns(header), 0
    for line, cells in records:
        count += 1
        if count > MAX_ROWS:
            raise CsvError(f"it has more than {MAX_ROWS:,} rows; split it")
        yield _row(line, cells, names, len(header))
    if not count:
        raise CsvError("there is no row below the names of the columns")


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file in UTF-8, without a byte order mark, as RFC 4180 has it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode()


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise CsvError(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB; split it")
    if not data.strip():
        raise CsvError("it is empty; its first row names the columns, as in username,subject,code")
    if data.startswith(b"PK\x03\x04"):
        raise CsvError("it is a spreadsheet or another archive; save it as CSV in UTF-8")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CsvError(
            f"line {line} is not in {'UTF-16' if wide else 'UTF-8'}; save the file as CSV in UTF-8"
        ) from None


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not empty, with the line on which it begins; the delimiter is the header's."""
    begins = 1

    def lines() -> Iterator[str]:
        for number, line in enumerate(io.StringIO(text, newline=""), 1):
            if len(line) > MAX_LINE:
                raise CsvError(f"line {number} is longer than {MAX_LINE:,} characters: is this a CSV file?")
            if number - begins > MAX_RECORD_LINES:
                raise CsvError(f"the row on line {begins} does not end: a quote is not closed there")
            yield line

    reader = csv.reader(lines(), delimiter=_delimiter(text), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CsvError(
                f"line {begins} cannot be read: a field with quotes begins and ends with one, and doubles those inside"
            ) from None
        if any(cells):
            yield begins, cells
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The sign by which most of the header's fields are columns; a comma where that does not tell."""
    header = re.match(r"\s*([^\r\n]*)", text[:MAX_LINE])
    names, known = header[1] if header else "", _spellings()
    return max(_DELIMITERS, key=lambda sign: sum(_plain(name.strip('" ')) in known for name in names.split(sign)))


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """The columns that a header names, empty ones at its end left out. Raises CsvError."""
    spellings = _spellings()
    while header and not header[-1].strip():
        header = header[:-1]
    names = tuple(spellings.get(_plain(cell), "") for cell in header)
    is_header = "username" in names
    unknown = [cell.strip() for cell, name in zip(header, names, strict=True) if not name]
    if told := [words for cell in unknown if (words := _unknown(cell, spellings, is_header=is_header))]:
        raise CsvError("; ".join(told[:MAX_TOLD]))
    if not is_header:
        raise CsvError(f"its first row names no column username; name there what the columns hold, of {_every()}")
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise CsvError(f"more than one column is {doubled[0]}; keep one of them")
    return names


def _unknown(cell: str, spellings: Mapping[str, str], *, is_header: bool) -> str:
    """What to say of a column that is none. In a file without a header it may be a code, which is not repeated."""
    if near := difflib.get_close_matches(_plain(cell), spellings, n=1):
        return f"no column is named {cell[:MAX_NAME]!r}: did you mean {spellings[near[0]]}?"
    return f"no column is named {cell[:MAX_NAME]!r}; there is {_every()}" if is_header else ""


def _every() -> str:
    return ", ".join(COLUMNS)


def _row(line: int, cells: Sequence[str], names: Sequence[str], width: int) -> CsvRow:
    """A row below a header that is `width` fields wide, of which those at its end may have no name."""
    row = dict(zip(names, cells, strict=False))
    if len(cells) > width or any(cells[len(names) :]):
        have = counted(len(cells), "field", "fields")
        problem = f"{have} for {counted(len(names), 'column', 'columns')}; quote a field that holds the separator"
    elif any(len(cell) > MAX_FIELD for cell in cells):
        problem = f"a field is longer than {MAX_FIELD} characters"
    else:
        return CsvRow(line, row)
    return CsvRow(line, {"username": row.get("username", "")[:MAX_FIELD]}, problem)


def _spellings() -> dict[str, str]:
    """Every spelling of a column, as `_plain` makes it, and the column's name."""
    every = {name: (name, *others) for name, others in COLUMNS.items()} | {name: (name,) for name in STATE_COLUMNS}
    return {_plain(spelling): name for name, spellings in every.items() for spelling in spellings}


def _plain(name: str) -> str:
    """A column's name without regard to case, and to how its words are put together."""
    return re.sub(r"[\s_-]+", "", name).lower()
