"""The rows of a list of records: searched, put in order by a column, and as the cells of a table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from screens.columns import Column
from screens.table import Cell

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordColumn(Generic[Record]):
    """A column of a list: its cell for a record, and what it is put in order by (None: it cannot be)."""

    column: Column
    cell: Callable[[Record], Cell]
    order: Callable[[Record], Any] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Which column a list is in order of; None is the order in which its records come."""

    column: int | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class _Row(Generic[Record]):
    """A record, and what a search looks at, casefolded."""

    record: Record
    text: str


@dataclass(frozen=True, slots=True)
class _Shown(Generic[Record]):
    """What is shown of the records by a search and an order, and where each stands; `ordered` are all of them."""

    words: tuple[str, ...] = ()
    order: Order = Order()
    ordered: list[_Row[Record]] = field(default_factory=list)
    rows: list[_Row[Record]] = field(default_factory=list)
    positions: dict[Hashable, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Record]):
    """Records that were read, ready to be shown."""

    rows: dict[Hashable, _Row[Record]]
    shown: _Shown[Record]


class RecordRows(Generic[Record]):
    """The records that a list holds, and those of them that its search shows, in its order.

    `key` identifies a record, and `text` is what its search looks at. `prepare` does what takes time and may run in a
    thread; `take` shows what it made. A record that is the same object as before is not read again.
    """

    def __init__(
        self,
        columns: Sequence[RecordColumn[Record]],
        *,
        key: Callable[[Record], Hashable],
        text: Callable[[Record], str],
        noun: tuple[str, str],
    ) -> None:
        self.columns = tuple(columns)
        self._key_of = key
        self._text_of = text
        self._noun = noun
        self._all: dict[Hashable, _Row[Record]] = {}
        self._shown: _Shown[Record] = _Shown()
        self._before: dict[Hashable, int] = {}
        self._words: tuple[str, ...] = ()
        self._order = Order()

    def __len__(self) -> int:
        return len(self._shown.rows)

    @property
    def total(self) -> int:
        """The number of records, shown or not."""
        return len(self._all)

    @property
    def table_columns(self) -> tuple[Column, ...]:
        return tuple(each.column for each in self.columns)

    @property
    def summary(self) -> str:
        """How many there are, and how many of them are shown."""
        shown, total = len(self), self.total
        return f"{shown:,} of {total:,} shown" if shown != total else f"{total:,} {self._noun[total != 1]}"

    def record(self, index: int) -> Record:
        return self._shown.rows[index].record

    def key(self, index: int) -> Hashable:
        return self._key_of(self._shown.rows[index].record)

    def position(self, key: Hashable) -> int:
        """Where a record stands, or where one that is gone stood last."""
        return self._shown.positions.get(key, self._before.get(key, 0))

    def cells(self, index: int) -> Sequence[Cell]:
        record = self._shown.rows[index].record
        return tuple(each.cell(record) for each in self.columns)

    def shows(self, key: Hashable) -> bool:
        """Whether the search shows the record with this key."""
        return key in self._shown.positions

    @property
    def order(self) -> Order:
        return self._order

    def prepare(self, records: Iterable[Record]) -> Prepared[Record]:
        """Records as `take` wants them, by the search and the order of now."""
        known = self._all
        rows: dict[Hashable, _Row[Record]] = {}
        for record in records:
            key = self._key_of(record)
            row = known.get(key)
            rows[key] = row if row is not None and row.record is record else self._row(record)
        return Prepared(rows, self._arranged(rows, self._words, self._order))

    def take(self, prepared: Prepared[Record]) -> None:
        """Hold these records in place of those before."""
        self._all = prepared.rows
        self._show(prepared.shown)
        if (prepared.shown.words, prepared.shown.order) != (self._words, self._order):
            self._arrange()

    def set_search(self, typed: str) -> None:
        """Show the records that hold every word."""
        self._words = tuple(typed.casefold().split())
        self._arrange()

    def set_order(self, order: Order) -> None:
        """Have the records in the order of a column from the next `prepare` on: many take a second."""
        self._order = order

    def _row(self, record: Record) -> _Row[Record]:
        return _Row(record, self._text_of(record).casefold())

    def _arrange(self) -> None:
        self._show(self._arranged(self._all, self._words, self._order))

    def _show(self, shown: _Shown[Record]) -> None:
        self._before = self._shown.positions
        self._shown = shown

    def _arranged(self, every: dict[Hashable, _Row[Record]], words: tuple[str, ...], order: Order) -> _Shown[Record]:
        shown = self._shown
        # Putting many in order takes longer than searching them: it is not done again at each key of a search.
        is_in_order = every is self._all and order == shown.order
        ordered = shown.ordered if is_in_order else self._ordered(every, order)
        rows = [row for row in ordered if all(word in row.text for word in words)]
        return _Shown(words, order, ordered, rows, {self._key_of(row.record): index for index, row in enumerate(rows)})

    def _ordered(self, every: dict[Hashable, _Row[Record]], order: Order) -> list[_Row[Record]]:
        rows = list(every.values())
        value = self.columns[order.column].order if order.column is not None else None
        if value is not None:
            by = value
            rows.sort(key=lambda row: by(row.record), reverse=order.descending)
        elif order.descending:
            rows.reverse()
        return rows
