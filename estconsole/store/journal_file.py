"""One journal file that lines are appended to, each wholly or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from estconsole.store.disk import FILE_MODE, sync_content, write_all
from estconsole.store.lines import encode_line


class JournalFile:
    """Appends to one generation's journal. Not thread-safe: the storage's lock guards it.

    `size` and `checksum` are those of the last line that counts. Opening cuts off what is behind `size`.
    """

    def __init__(self, path: Path, generation: int, *, size: int, checksum: str) -> None:
        self.generation = generation
        self.size = size
        self.checksum = checksum
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
        self._synced = size
        self._agrees = True  # the file ends where `size` says
        try:
            if os.fstat(self._descriptor).st_size != size:
                os.ftruncate(self._descriptor, size)
                os.fsync(self._descriptor)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, changes: bytes, *, sync: bool) -> None:
        """Write one transaction's changes as a line; with `sync` it is on disk afterwards, and every earlier line too.

        An OSError means that the line is not there. When the file could not be brought back to its former end, or
        earlier lines may be lost with this one, every later append fails too: what the disk holds is not known then.
        """
        self._require_agreement()
        line, checksum = encode_line(changes, self.checksum)
        self._agrees = False
        written = False
        try:
            write_all(self._descriptor, line)
            written = True
            if sync:
                sync_content(self._descriptor)
        except BaseException:
            self._withdraw(sync_failed=written)
            raise
        self.size += len(line)
        self.checksum = checksum
        if sync:
            self._synced = self.size
        self._agrees = True

    def sync(self) -> None:
        """Make the lines durable that were appended without `sync`. After a failure every append fails."""
        self._require_agreement()
        if self._synced != self.size:
            self._agrees = False
            sync_content(self._descriptor)
            self._synced, self._agrees = self.size, True

    def close(self) -> None:
        self._agrees = False
        os.close(self._descriptor)

    def _require_agreement(self) -> None:
        if not self._agrees:
            raise OSError(f"{self._path.name} is not what it should be after a failed write; open the database anew")

    def _withdraw(self, *, sync_failed: bool) -> None:
        """Bring the file back to its last good line.

        A failed sync may have dropped any line that was not on disk yet, and is told only once: those stay in doubt.
        """
        try:
            os.ftruncate(self._descriptor, self.size)
            sync_content(self._descriptor)
        except OSError:
            return
        if not sync_failed:
            self._synced = self.size
        self._agrees = self._synced == self.size
