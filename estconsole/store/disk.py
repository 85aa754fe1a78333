"""The files of a database and the system calls that make them durable."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from estconsole.errors import DatabaseDamagedError, DataDirectoryUnusableError

FILE_MODE = 0o600
"""Only the owner: rows hold names, and sealed secrets."""

# macOS has no fdatasync.
sync_content = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a database's files are: the snapshot, its successor while that is written, and the journals by generation.

    A snapshot of generation n holds everything that journals before n say; journals from n on continue it.
    """

    snapshot: Path

    @property
    def directory(self) -> Path:
        return self.snapshot.parent

    @property
    def unfinished_snapshot(self) -> Path:
        return self.snapshot.with_name(f"{self.snapshot.name}.tmp")

    def journal(self, generation: int) -> Path:
        return self.snapshot.with_name(f"{self.snapshot.name}.journal.{generation}")

    def generations(self) -> list[int]:
        """The generations of the journals that are there, ascending."""
        pattern = re.compile(re.escape(self.snapshot.name) + r"\.journal\.([1-9][0-9]{0,17})")
        matches = map(pattern.fullmatch, os.listdir(self.directory))
        return sorted(int(match[1]) for match in matches if match)


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte: a single `os.write` may take fewer (a signal, a quota, a nearly full disk)."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_directory(directory: Path) -> None:
    """Make names that were created, renamed or removed in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unusable(directory: Path, error: OSError) -> DataDirectoryUnusableError:
    """What to tell the operator of a failed system call on a database's files."""
    return DataDirectoryUnusableError(
        f"The data directory {directory} cannot be used: {error.strerror or error}.",
        "What was stored before is safe, and nothing is half written. Check that the directory is there, that this "
        "user may write in it and that its disk has room, then try again.",
    )


def damaged(path: Path, finding: str) -> DatabaseDamagedError:
    """What to tell the operator of a file that is not as it was written. `finding` continues "The database file … "."""
    return DatabaseDamagedError(
        f"The database file {path} {finding}.",
        f"Nothing has been changed. Restore {path.parent} as a whole from a backup, or move it away to start afresh; "
        "keep the damaged file for a look at what can be saved.",
    )
