"""Tables in memory: rows by natural key, the changes that a journal line tells, and what a transaction sees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Row = dict[str, Any]
"""One document as JSON gives it. Rows are replaced, never changed: a shallow copy of a table is a lasting view."""

Tables = dict[str, dict[str, Row]]

Change = list[Any]
"""[table, key, row] puts a row, [table, key] removes one, [table] empties a table, [table, null] drops it."""

EncodedChange = tuple[str, Change]
"""A change as JSON, and as reading that JSON would give it."""

encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
"""ASCII only, so that lone surrogates and control characters come back as they were; strict JSON, so no NaN."""

_SCALARS = frozenset((str, int, float, bool, type(None)))
_TEXT = frozenset((str,))


def encode_change(change: Change) -> EncodedChange:
    """A change that is ready to be taken up: the caller keeps no way into the row.

    Raises TypeError or ValueError for what JSON cannot hold.
    """
    text = encode(change)
    row = change[-1]
    if type(row) is dict and _is_flat(row) and "\\ud" not in text:  # two surrogates in a row come back as one sign
        return text, [*change[:-1], row.copy()]
    return text, json.loads(text)


def _is_flat(row: Row) -> bool:
    """Whether JSON gives a row back as it is, so that it need not be read to know."""
    return _TEXT.issuperset(map(type, row)) and _SCALARS.issuperset(map(type, row.values()))


def apply(tables: Tables, change: Change) -> None:
    """Carry out one change."""
    if len(change) == 3:
        table, key, row = change
        rows = tables.get(table)
        if rows is None:
            rows = tables[table] = {}
        rows[key] = row
    elif len(change) == 1:
        tables[change[0]] = {}
    elif change[1] is None:
        tables.pop(change[0], None)
    else:
        tables[change[0]].pop(change[1], None)


class PendingTable(Mapping[str, Row]):
    """A table as an unfinished transaction sees it; what is committed stays untouched below it, order included."""

    def __init__(self, committed: Mapping[str, Row] | None) -> None:
        self.exists = committed is not None
        self._committed: Mapping[str, Row] = committed or {}
        self._written: dict[str, Row] = {}
        self._removed: set[str] = set()  # keys of committed rows; one written again afterwards stands in both
        self._replaced = 0  # keys of committed rows that are written and not removed

    def put(self, key: str, row: Row) -> None:
        self.exists = True
        if key not in self._written and self._is_below(key):
            self._replaced += 1
        self._written[key] = row

    def remove(self, key: str) -> None:
        was_written = self._written.pop(key, None) is not None
        if self._is_below(key):
            self._removed.add(key)
            if was_written:
                self._replaced -= 1

    def copy(self) -> dict[str, Mapping[str, Any]]:
        """All rows in order: much quicker on many than to go through them."""
        rows: dict[str, Mapping[str, Any]] = dict(self._committed)
        for key in self._removed:
            del rows[key]
        rows.update(self._written)
        return rows

    def _is_below(self, key: str) -> bool:
        return key in self._committed and key not in self._removed

    def __getitem__(self, key: str) -> Row:
        if key in self._written:
            return self._written[key]
        if key in self._removed:
            raise KeyError(key)
        return self._committed[key]

    def __contains__(self, key: object) -> bool:
        return key in self._written or (key in self._committed and key not in self._removed)

    def __len__(self) -> int:
        return len(self._committed) - len(self._removed) + len(self._written) - self._replaced

    def __iter__(self) -> Iterator[str]:
        for key in self._committed:
            if key not in self._removed:
                yield key
        for key in self._written:
            if not self._is_below(key):
                yield key


class Transaction:
    """The changes of a transaction that has not ended, and the tables as it sees them."""

    def __init__(self, committed: Tables, *, sync: bool) -> None:
        self.sync = sync
        self.changes: list[Change] = []
        self._texts: list[str] = []
        self._committed = committed
        self._pending: dict[str, PendingTable] = {}

    def add(self, change: Change) -> None:
        """Take up one change. Raises TypeError or ValueError, and takes up nothing, for what JSON cannot hold."""
        self.add_encoded(encode_change(change))

    def add_encoded(self, encoded: EncodedChange) -> None:
        """Take up one change that was encoded beforehand."""
        text, change = encoded
        self._texts.append(text)
        self.changes.append(change)
        self._show(change)

    def withdraw(self, mark: int) -> None:
        """Forget every change from number `mark` on."""
        if mark == len(self.changes):
            return
        del self.changes[mark:], self._texts[mark:]
        self._pending.clear()
        for change in self.changes:
            self._show(change)

    def encoded(self) -> bytes:
        """All changes as one JSON array."""
        return f"[{','.join(self._texts)}]".encode()

    def rows(self, table: str) -> Mapping[str, Row]:
        pending = self._pending.get(table)
        return self._committed.get(table, {}) if pending is None else pending

    def names(self) -> set[str]:
        """The tables that there are."""
        names = set(self._committed) - set(self._pending)
        return names | {name for name, pending in self._pending.items() if pending.exists}

    def _show(self, change: Change) -> None:
        """Carry out one change on the tables as the transaction sees them."""
        table = change[0]
        if len(change) == 1:
            self._pending[table] = PendingTable({})
            return
        if table not in self._pending:
            self._pending[table] = PendingTable(self._committed.get(table))
        if len(change) == 3:
            self._pending[table].put(change[1], change[2])
        elif change[1] is None:
            self._pending[table] = PendingTable(None)
        else:
            self._pending[table].remove(change[1])
