"""TinyDB's storage over an append-only journal: transactions, durable in one line each, and compaction beside them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from estconsole.errors import DataDirectoryUnusableError
from estconsole.store.disk import Layout, sync_directory, unusable
from estconsole.store.journal_file import JournalFile
from estconsole.store.recovery import recover
from estconsole.store.snapshot import SNAPSHOT_TABLE, write_snapshot
from estconsole.store.tables import EncodedChange, Row, Transaction, apply

COMPACT_AFTER = 4 * 1024 * 1024
"""Journal bytes below which compaction is not worth a thread; replaying them takes a tenth of a second."""

_log = logging.getLogger(__name__)


class JournalStorage(Storage):
    """Tables in memory, every change of them in the journal. One process may have it open; any thread may use it.

    `path` is the snapshot; the journals lie beside it. It is compacted when the journals outgrow both `compact_after`
    (bytes) and the snapshot, and when it is closed. Raises DatabaseDamagedError, with the disk as it was, and
    DataDirectoryUnusableError.
    """

    def __init__(self, path: Path, *, compact_after: int = COMPACT_AFTER) -> None:
        self.lock = threading.RLock()
        self._layout = Layout(Path(path))
        self._compact_after = compact_after
        try:
            recovered = recover(self._layout)
        except OSError as error:
            raise unusable(self._layout.directory, error) from error
        self._tables = recovered.tables
        self._journal = recovered.journal
        self._written = recovered.written
        self._snapshot_generation = recovered.generation
        self._compact_at = max(compact_after, recovered.snapshot_size)
        self._transaction: Transaction | None = None
        self._compacting = threading.Lock()  # taken before `lock`, never while holding it
        self._compactor: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def transaction(self, *, sync: bool = True) -> Iterator[Transaction]:
        """All changes inside become one line of the journal, on disk when this ends; after an exception there are none.

        Other threads wait. A transaction inside another joins it; when it fails and the outer one goes on, only its own
        changes are gone. Without `sync` the line is written, and reaches the disk with the next one that is synced;
        the outermost transaction decides.
        Raises DataDirectoryUnusableError, with nothing changed, when it cannot be written.
        """
        with self.lock:
            outer = self._transaction
            if outer is not None:
                mark = len(outer.changes)
                try:
                    yield outer
                except BaseException:
                    outer.withdraw(mark)
                    raise
                return
            self._transaction = transaction = Transaction(self._tables, sync=sync)
            try:
                yield transaction
                self._commit(transaction)
            finally:
                self._transaction = None
            self._compact_when_due()

    def put(self, table: str, key: str, document: Mapping[str, Any]) -> None:
        """Insert or replace a row. Raises TypeError or ValueError for what JSON cannot hold."""
        if not isinstance(key, str):
            raise TypeError(f"a document's id must be a str here, not {type(key).__name__}")
        self._change([table, key, dict(document)])

    def put_encoded(self, changes: Iterable[EncodedChange]) -> None:
        """Insert or replace rows that were encoded without the lock: so many do not keep others waiting."""
        with self.transaction() as transaction:
            for change in changes:
                transaction.add_encoded(change)

    def remove(self, table: str, key: str) -> None:
        """Remove a row that is there."""
        self._change([table, key])

    def truncate(self, table: str) -> None:
        """Remove every row; the table stays."""
        self._change([table])

    def drop(self, table: str) -> None:
        """Remove a table that is there."""
        self._change([table, None])

    def rows(self, table: str) -> Mapping[str, Row]:
        """A table's rows without a copy, as this thread's transaction sees them. Hold the lock, and change nothing."""
        if self._transaction is None:
            return self._tables.get(table, {})
        return self._transaction.rows(table)

    def names(self) -> set[str]:
        """The tables that there are."""
        with self.lock:
            return set(self._tables) if self._transaction is None else self._transaction.names()

    def read(self) -> dict[str, dict[str, Any]]:
        """All tables, as TinyDB asks for them: a view that lasts, of rows that must not be changed."""
        with self.lock:
            return {name: dict(self.rows(name)) for name in self.names()}

    def write(self, data: Mapping[str, Mapping[Any, Mapping[str, Any]]]) -> None:
        """Replace all tables, as stock TinyDB does: for its own table class, at its cost."""
        with self.transaction():
            for name in self.names() - set(data):
                self.drop(name)
            for name, rows in data.items():
                self.truncate(name)
                for key, row in rows.items():
                    self.put(name, str(key), row)

    def compact(self) -> None:
        """Write the snapshot anew and begin an empty journal; other threads go on meanwhile.

        Not to be called with the lock held. Raises DataDirectoryUnusableError; the database then goes on as before.
        """
        self._refuse_inside_a_transaction()
        with self._compacting:
            try:
                self._compact()
            except OSError as error:
                with self.lock:
                    self._compact_at = self._written + self._compact_after
                raise unusable(self._layout.directory, error) from error

    def close(self) -> None:
        """Compact and close. When the disk is full the journals stay as they are, and nothing is lost."""
        self._refuse_inside_a_transaction()
        with self.lock:
            if self._closed:
                return
            self._closed = True
            compactor = self._compactor
        if compactor is not None:
            compactor.join()
        self._compact_or_warn()
        with self.lock:
            with suppress(OSError):
                self._journal.sync()
            self._journal.close()

    def _change(self, change: list[Any]) -> None:
        if change[0] == SNAPSHOT_TABLE:
            raise ValueError(f"the table {SNAPSHOT_TABLE} is the storage's own")
        with self.transaction() as transaction:
            transaction.add(change)

    def _commit(self, transaction: Transaction) -> None:
        if not transaction.changes:
            return
        if self._closed:
            raise RuntimeError("the database is closed")
        size = self._journal.size
        try:
            self._journal.append(transaction.encoded(), sync=transaction.sync)
        except OSError as error:
            raise unusable(self._layout.directory, error) from error
        for change in transaction.changes:
            apply(self._tables, change)
        self._written += self._journal.size - size

    def _refuse_inside_a_transaction(self) -> None:
        with self.lock:
            if self._transaction is not None:
                raise RuntimeError("not inside a transaction")

    def _compact_when_due(self) -> None:
        if self._written < self._compact_at or self._closed or (self._compactor and self._compactor.is_alive()):
            return
        self._compactor = threading.Thread(target=self._compact_or_warn, name="compaction")
        try:
            self._compactor.start()
        except RuntimeError:  # the interpreter is ending
            self._compactor = None

    def _compact_or_warn(self) -> None:
        try:
            self.compact()
        except DataDirectoryUnusableError as error:
            _log.warning("The database was not compacted: %s", error.title)

    def _compact(self) -> None:
        with self.lock:
            rotate = self._journal.size > 0
            if not rotate and self._journal.generation == self._snapshot_generation:
                return
        successor = self._successor() if rotate else None
        with self.lock:
            if successor is not None:
                self._rotate(successor)
            generation, continues = self._journal.generation, self._journal.checksum
            tables = {name: rows.copy() for name, rows in self._tables.items()}
            written = self._written
        size = write_snapshot(self._layout, tables, generation, continues)
        with self.lock:
            superfluous = range(self._snapshot_generation, generation)
            self._snapshot_generation = generation
            self._written -= written
            self._compact_at = max(self._compact_after, size)
        for earlier in superfluous:
            with suppress(OSError):
                self._layout.journal(earlier).unlink()

    def _successor(self) -> JournalFile:
        """The next generation's journal, empty and durable, before the lock is taken."""
        generation = self._journal.generation + 1
        successor = JournalFile(self._layout.journal(generation), generation, size=0, checksum="")
        sync_directory(self._layout.directory)
        return successor

    def _rotate(self, successor: JournalFile) -> None:
        """Go on in the next journal. The former one must be whole on disk before anything follows on it."""
        former = self._journal
        try:
            former.sync()
        except OSError:
            successor.close()
            raise
        successor.checksum = former.checksum
        self._journal = successor
        former.close()
