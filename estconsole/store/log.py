"""The log of activities: records under ascending numbers, bounded by count and size (B-46)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from estconsole.activity import Activity
from estconsole.record import ActivityRecord
from estconsole.store.documents import Document
from estconsole.store.records import activity_of, record_document, record_of
from estconsole.store.table import JournalTable


@dataclass(frozen=True, slots=True)
class Retention:
    """How much the log keeps: a count of records, and their size in bytes, roughly as JSON."""

    records: int = 100_000
    size: int = 256 * 1024 * 1024


def never() -> bool:
    """Who looks for rows and does not stop."""
    return False


class ActivityLog:
    """Records in order of time. The caller holds a transaction around `add`; the oldest go as new ones come."""

    def __init__(self, table: JournalTable, retention: Retention) -> None:
        self._table = table
        self._retention = retention
        self._sizes: deque[tuple[str, int]] = deque()
        self._size = 0
        self._last = 0
        self._is_touched = False
        self._count()

    def commit(self) -> None:
        """A transaction ended well: what was added is there."""
        self._is_touched = False

    def roll_back(self) -> None:
        """A transaction was undone: count anew what the table holds, if it had touched it."""
        if self._is_touched:  # and it stays so: a transaction around this one may be undone too
            self._count()

    def _count(self) -> None:
        """Count what the table holds.

        A number that was given out stays given out, even if its record was rolled back: a client may have been told it.
        """
        self._sizes = deque((key, _size_of(row)) for key, row in self._table.rows().items())
        self._size = sum(size for _, size in self._sizes)
        self._last = max(self._last, int(self._sizes[-1][0]) if self._sizes else 0)

    @property
    def next_number(self) -> int:
        """The number of the record to come."""
        return self._last + 1

    def skip_number(self) -> int:
        """A number for a row that cannot be recorded; no record will have it."""
        self._last += 1
        return self._last

    def add(self, record: ActivityRecord) -> None:
        """Append a record under its activity's number, which is `next_number`."""
        key, row = str(record.activity.id), record_document(record)
        self._is_touched = True
        self._table.put(key, row)
        self._last = record.activity.id
        size = _size_of(row)
        self._sizes.append((key, size))
        self._size += size
        self._forget_the_oldest()

    def replace(self, record: ActivityRecord) -> None:
        """Write a record again that is still there, such as a handshake row whose count grew."""
        key = str(record.activity.id)
        if key in self._table.rows():
            self._table.put(key, record_document(record))

    def get(self, number: int) -> ActivityRecord | None:
        row = self._table.rows().get(str(number))
        return None if row is None else record_of(str(number), row)

    def latest(self, count: int) -> tuple[Activity, ...]:
        """The last rows, oldest first."""
        rows = self._table.rows()
        skipped = max(len(rows) - count, 0)
        return tuple(activity_of(key, row) for key, row in itertools.islice(rows.items(), skipped, None))

    def matching(
        self,
        test: Callable[[Activity], bool],
        *,
        limit: int,
        before: int | None = None,
        stop: Callable[[], bool] = never,
    ) -> tuple[Activity, ...]:
        """The newest rows that pass a test, oldest first: at most `limit`, and only those of numbers below `before`.

        The rows are those of one moment, read without the lock. Asked between rows, `stop` ends it with what it has.
        """
        rows = itertools.takewhile(lambda _: not stop(), self._newest_first(before))
        found = (activity for activity in itertools.starmap(activity_of, rows) if test(activity))
        return tuple(itertools.islice(found, limit))[::-1]

    def of_username(self, username: str, limit: int) -> tuple[Activity, ...]:
        """The newest rows of a username, oldest first: only those are made, so it is quick on many."""
        rows = ((key, row) for key, row in self._newest_first() if row["username"] == username)
        return tuple(itertools.starmap(activity_of, itertools.islice(rows, limit)))[::-1]

    def _newest_first(self, before: int | None = None) -> Iterator[tuple[str, Document]]:
        rows = reversed(tuple(self._table.rows().items()))
        return rows if before is None else itertools.dropwhile(lambda row: int(row[0]) >= before, rows)

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[ActivityRecord]:
        return (record_of(key, row) for key, row in tuple(self._table.rows().items()))

    def _forget_the_oldest(self) -> None:
        surplus = []
        while len(self._sizes) > self._retention.records or (
            self._size > self._retention.size and len(self._sizes) > 1
        ):
            key, size = self._sizes.popleft()
            self._size -= size
            surplus.append(key)
        if surplus:
            self._table.remove(doc_ids=surplus)


def _size_of(row: Document) -> int:
    return sum(len(value) for value in row.values() if isinstance(value, str))
