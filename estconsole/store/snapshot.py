"""The snapshot: a plain TinyDB JSON file whose last table says its format, generation and checksum.

    {<tables>,"_snapshot":{"1":{"format":1,"generation":7,"continues":"<16 hex>","sha256":"<64 hex>"}}}

The SHA-256 is that of all bytes before its own digits; what follows them is fixed. `continues` is the checksum that the
first line of journal 7 is chained to.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from estconsole.errors import DatabaseDamagedError
from estconsole.store.disk import FILE_MODE, Layout, damaged, sync_content, sync_directory, write_all
from estconsole.store.tables import Tables, encode

SNAPSHOT_TABLE = "_snapshot"
FORMAT = 1

_END = b'"}}}\n'
_DIGEST_DIGITS = 64
_SYNC_EVERY = 8 * 1024 * 1024  # bytes; syncing all of it at the end would hold the journal's syncs up for longer
_CHUNK = 128  # rows encoded in one call, during which no other thread runs: about 0.5 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot's content, and where the journals continue. `size` is the file's, in bytes."""

    tables: Tables
    generation: int
    continues: str
    size: int


def write_snapshot(layout: Layout, tables: Mapping[str, Mapping[str, Any]], generation: int, continues: str) -> int:
    """Replace the snapshot in one step and durably; its size in bytes. An OSError leaves the one that was there."""
    unfinished = layout.unfinished_snapshot
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        try:
            size = _write(descriptor, tables, generation, continues)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(unfinished, layout.snapshot)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    sync_directory(layout.directory)
    return size


def _write(descriptor: int, tables: Mapping[str, Mapping[str, Any]], generation: int, continues: str) -> int:
    digest = hashlib.sha256()
    size = 0
    synced = 0
    for part in _parts(tables, generation, continues):
        write_all(descriptor, part)
        digest.update(part)
        size += len(part)
        if size - synced > _SYNC_EVERY:
            sync_content(descriptor)
            synced = size
        time.sleep(0)  # lets a thread that waits for the interpreter go on
    end = digest.hexdigest().encode() + _END
    write_all(descriptor, end)
    return size + len(end)


def _parts(tables: Mapping[str, Mapping[str, Any]], generation: int, continues: str) -> Iterator[bytes]:
    yield b"{"
    for name, rows in tables.items():
        yield f"{encode(name)}:{{".encode()
        remaining = iter(rows.items())
        separator = b""
        while chunk := dict(islice(remaining, _CHUNK)):
            yield separator + encode(chunk)[1:-1].encode()
            separator = b","
        yield b"},"
    yield (
        f'"{SNAPSHOT_TABLE}":{{"1":{{"format":{FORMAT},"generation":{generation},"continues":"{continues}","sha256":"'
    ).encode()


def read_snapshot(layout: Layout) -> Snapshot:
    """Read and verify the snapshot. Raises DatabaseDamagedError, and OSError when it cannot be read."""
    content = layout.snapshot.read_bytes()
    body, digits, end = (
        content[: -_DIGEST_DIGITS - len(_END)],
        content[-_DIGEST_DIGITS - len(_END) :],
        content[-len(_END) :],
    )
    if end != _END or digits[:_DIGEST_DIGITS] != hashlib.sha256(body).hexdigest().encode():
        raise damaged(layout.snapshot, _finding(content))
    tables: Tables = json.loads(content)
    head = tables.pop(SNAPSHOT_TABLE)["1"]
    if head["format"] != FORMAT:
        raise DatabaseDamagedError(
            f"The database file {layout.snapshot} is of format {head['format']}, which this version does not know.",
            "Nothing has been changed. Open it with the version that wrote it, or a newer one.",
        )
    return Snapshot(tables=tables, generation=head["generation"], continues=head["continues"], size=len(content))


def _finding(content: bytes) -> str:
    """Where a snapshot is damaged, as far as its syntax shows it."""
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return f"is damaged at byte {error.pos}"
    except UnicodeDecodeError as error:
        return f"is damaged at byte {error.start}"
    return f"is damaged between bytes 0 and {len(content)}: they do not match their checksum"
