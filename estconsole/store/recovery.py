"""Opening a database: the snapshot, then each journal that continues it, all verified before the disk is touched."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from estconsole.store.disk import Layout, damaged, sync_directory
from estconsole.store.journal_file import JournalFile
from estconsole.store.lines import CHECKSUM_DIGITS, DamagedLineError, Lines, read_lines
from estconsole.store.snapshot import read_snapshot, write_snapshot
from estconsole.store.tables import Tables, apply

FIRST_GENERATION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a database holds, the journal that goes on, and what compaction has to know.

    `generation` and `snapshot_size` are the snapshot's; `written` is the size of all journals since.
    """

    tables: Tables
    journal: JournalFile
    generation: int
    snapshot_size: int
    written: int


def recover(layout: Layout) -> Recovered:
    """Open or create a database. Raises DatabaseDamagedError with the disk as it was, and OSError."""
    if not layout.snapshot.exists():
        if layout.generations():
            raise damaged(layout.snapshot, "is missing, though a journal is there that continues it")
        write_snapshot(layout, {}, FIRST_GENERATION, secrets.token_hex(CHECKSUM_DIGITS // 2))
    snapshot = read_snapshot(layout)
    every = layout.generations()
    generations = [generation for generation in every if generation >= snapshot.generation] or [snapshot.generation]
    ends: list[int] = []
    checksum = snapshot.continues
    unfinished: tuple[Path, str] | None = None  # only the last journal that has anything in it may end so
    for expected, generation in enumerate(generations, snapshot.generation):
        if generation != expected:
            raise damaged(layout.journal(expected), f"is missing, though {layout.journal(generation).name} is there")
        lines = _replay(layout, generation, checksum, snapshot.tables)
        if unfinished is not None and (lines.end or lines.unfinished):
            raise damaged(*unfinished)
        if lines.unfinished:
            unfinished = layout.journal(generation), f"is damaged at byte {lines.end}"
        checksum = lines.checksum
        ends.append(lines.end)
    return Recovered(
        tables=snapshot.tables,
        journal=_continue(layout, generations, ends, checksum, every),
        generation=snapshot.generation,
        snapshot_size=snapshot.size,
        written=sum(ends),
    )


def _replay(layout: Layout, generation: int, checksum: str, tables: Tables) -> Lines:
    path = layout.journal(generation)
    content = path.read_bytes() if path.exists() else b""
    try:
        lines = read_lines(content, checksum)
        for offset, changes in zip(lines.offsets, lines.changes, strict=True):
            try:
                for change in json.loads(changes):
                    apply(tables, change)
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                raise DamagedLineError(offset) from error
    except DamagedLineError as error:
        raise damaged(path, f"is damaged at byte {error.offset}") from error
    return lines


def _continue(layout: Layout, generations: list[int], ends: list[int], checksum: str, every: list[int]) -> JournalFile:
    """Cut unfinished lines off, remove what the snapshot has made superfluous, and open the last journal."""
    for generation, end in zip(generations[:-1], ends[:-1], strict=True):
        JournalFile(layout.journal(generation), generation, size=end, checksum="").close()
    with suppress(FileNotFoundError):
        layout.unfinished_snapshot.unlink()
    for generation in every:
        if generation < generations[0]:
            layout.journal(generation).unlink()
    journal = JournalFile(layout.journal(generations[-1]), generations[-1], size=ends[-1], checksum=checksum)
    try:
        sync_directory(layout.directory)
    except BaseException:
        journal.close()
        raise
    return journal
