"""TinyDB's tables with natural keys over the journal: a write costs what it changes, a look-up by key costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, ValuesView
from contextlib import AbstractContextManager
from typing import Any

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document, Table

from estconsole.store.journal import JournalStorage
from estconsole.store.tables import EncodedChange, PendingTable, encode_change

Fields = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None]
"""What `update` takes: fields to set, or a function that changes the document it is given."""


class Row(Document):
    """A document and its key. It is a copy: what is stored changes by `put` and `update` only."""

    doc_id: str  # type: ignore[assignment]

    def __init__(self, value: Mapping[str, Any], doc_id: str) -> None:
        super().__init__({name: _copy(field) for name, field in value.items()}, doc_id)  # type: ignore[arg-type]


class RowsView(Mapping[str, Mapping[str, Any]]):
    """A table's rows as they are at each call, not copied and not to be changed; in order of insertion.

    Safe in any thread: a loop over it goes over the rows that were there when it began. A transaction's own thread sees
    its changes, every other waits for its end.
    """

    def __init__(self, storage: JournalStorage, table: str) -> None:
        self._storage = storage
        self._table = table

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        with self._storage.lock:
            return self._storage.rows(self._table)[key]

    def __contains__(self, key: object) -> bool:
        with self._storage.lock:
            return key in self._storage.rows(self._table)

    def __len__(self) -> int:
        with self._storage.lock:
            return len(self._storage.rows(self._table))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> KeysView[str]:
        return self._now().keys()

    def values(self) -> ValuesView[Mapping[str, Any]]:
        return self._now().values()

    def items(self) -> ItemsView[str, Mapping[str, Any]]:
        return self._now().items()

    def _now(self) -> dict[str, Mapping[str, Any]]:
        with self._storage.lock:
            rows = self._storage.rows(self._table)
            return rows.copy() if isinstance(rows, PendingTable) else dict(rows)


class JournalTable(Table):
    """A TinyDB table whose documents' ids are texts of the caller's choosing, and whose documents are copies.

    It keeps no query cache: a cached document would be shared by all who asked for it.
    """

    document_class: type[Document] = Row
    document_id_class = str  # type: ignore[assignment]
    _storage: JournalStorage

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """Insert or replace one document."""
        self._storage.put(self.name, key, document)

    def encoded(self, key: str, document: Mapping[str, Any]) -> EncodedChange:
        """A document as `put_encoded` takes it. Raises TypeError or ValueError for what JSON cannot hold."""
        return encode_change([self.name, key, dict(document)])

    def put_encoded(self, changes: Iterable[EncodedChange]) -> None:
        """Insert or replace documents that were encoded beforehand, in one transaction."""
        self._storage.put_encoded(changes)

    def rows(self) -> RowsView:
        """The rows, for reading without a copy."""
        return RowsView(self._storage, self.name)

    def insert(self, document: Mapping[str, Any]) -> str:  # type: ignore[override]
        """Insert a Row. Raises ValueError when its key is taken, or when it is no Row: it would have no key."""
        if not isinstance(document, Row):
            raise ValueError("a document needs a key here: insert Row(document, key)")  # noqa: TRY004 - as TinyDB does
        with self._storage.transaction():
            if document.doc_id in self._storage.rows(self.name):
                raise ValueError(f"Document with ID {document.doc_id} already exists")
            self.put(document.doc_id, document)
        return document.doc_id

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[str]:  # type: ignore[override]
        """Insert every Row, or none."""
        with self._storage.transaction():
            return [self.insert(document) for document in documents]

    def search(self, cond: QueryLike) -> list[Row]:  # type: ignore[override]
        return [Row(row, key) for key, row in self.rows().items() if cond(row)]

    def get(  # type: ignore[override]
        self, cond: QueryLike | None = None, doc_id: str | None = None, doc_ids: Iterable[str] | None = None
    ) -> Any:
        """The Row under a key, or the first that matches a query, or None; or the list of Rows under several keys."""
        if doc_id is not None:
            row = self.rows().get(doc_id)
            return None if row is None else Row(row, doc_id)
        if doc_ids is not None:
            with self._storage.lock:
                rows = self._storage.rows(self.name)
                return [Row(rows[key], key) for key in dict.fromkeys(doc_ids) if key in rows]
        if cond is not None:
            return next((Row(row, key) for key, row in self.rows().items() if cond(row)), None)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def contains(self, cond: QueryLike | None = None, doc_id: str | None = None) -> bool:  # type: ignore[override]
        if doc_id is not None:
            return doc_id in self.rows()
        if cond is not None:
            return any(cond(row) for row in self.rows().values())
        raise RuntimeError("You have to pass either cond or doc_id")

    def update(  # type: ignore[override]
        self, fields: Fields, cond: QueryLike | None = None, doc_ids: Iterable[str] | None = None
    ) -> list[str]:
        """Change every document under the keys that are there, or that matches, or all; the keys of those."""
        with self._storage.transaction():
            keys = self._matching(cond, doc_ids)
            for key in keys:
                document = Row(self._storage.rows(self.name)[key], key)
                if callable(fields):
                    fields(document)
                else:
                    document.update(fields)
                self.put(key, document)
        return keys

    def update_multiple(self, updates: Iterable[tuple[Fields, QueryLike]]) -> list[str]:  # type: ignore[override]
        """Carry out several updates, one after the other, in one transaction."""
        with self._storage.transaction():
            return [key for fields, cond in updates for key in self.update(fields, cond)]

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[str]:  # type: ignore[override]
        """Update the documents that match, or the one under a Row's key; insert the Row when there is none."""
        doc_ids = [document.doc_id] if isinstance(document, Row) else None
        if doc_ids is None and cond is None:
            raise ValueError("give a query, or a Row with its key")
        with self._storage.transaction():
            return self.update(document, cond, doc_ids) or [self.insert(document)]

    def remove(  # type: ignore[override]
        self, cond: QueryLike | None = None, doc_ids: Iterable[str] | None = None
    ) -> list[str]:
        """Remove every document that matches, or under the keys that are there; the keys of those."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._storage.transaction():
            keys = self._matching(cond, doc_ids)
            for key in keys:
                self._storage.remove(self.name, key)
        return keys

    def truncate(self) -> None:
        """Remove every document."""
        self._storage.truncate(self.name)

    def count(self, cond: QueryLike) -> int:
        return sum(1 for row in self.rows().values() if cond(row))

    def __len__(self) -> int:
        return len(self.rows())

    def __iter__(self) -> Iterator[Row]:
        return (Row(row, key) for key, row in self.rows().items())

    def _matching(self, cond: QueryLike | None, doc_ids: Iterable[str] | None) -> list[str]:
        rows = self._storage.rows(self.name)
        if doc_ids is not None:
            return [key for key in dict.fromkeys(doc_ids) if key in rows]
        return [key for key, row in rows.items() if cond is None or cond(row)]

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return dict(self.rows().items())

    def _update_table(self, updater: Callable[[dict[Any, Mapping[str, Any]]], None]) -> None:
        """TinyDB's way to write, for what of it is not overridden: the whole table."""
        with self._storage.transaction():
            rows: dict[Any, Mapping[str, Any]] = {key: Row(row, key) for key, row in self.rows().items()}
            updater(rows)
            self.truncate()
            for key, row in rows.items():
                self.put(key, row)


class JournalDB(TinyDB):
    """A TinyDB database over the journal."""

    table_class: type[Table] = JournalTable
    default_storage_class: type[Storage] = JournalStorage  # type: ignore[assignment]
    _storage: JournalStorage

    @property
    def storage(self) -> JournalStorage:
        return self._storage

    @property
    def lock(self) -> threading.RLock:
        """Held through a transaction, and for a moment by every reading."""
        return self._storage.lock

    def transaction(self, *, sync: bool = True) -> AbstractContextManager[object]:
        """Changes of several tables as one: see JournalStorage.transaction."""
        return self._storage.transaction(sync=sync)

    def table(self, name: str, **options: Any) -> JournalTable:
        """The table of that name; it is made with its first document."""
        with self._storage.lock:
            return super().table(name, **options)  # type: ignore[return-value]

    def tables(self) -> set[str]:
        return self._storage.names()

    def drop_tables(self) -> None:
        """Remove every table, in one transaction."""
        with self._storage.transaction():
            for name in self._storage.names():
                self.drop_table(name)

    def drop_table(self, name: str) -> None:
        """Remove a table when it is there."""
        with self._storage.transaction():
            if name in self._storage.names():
                self._storage.drop(name)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(field) for name, field in value.items()}
    if isinstance(value, list):
        return [_copy(element) for element in value]
    return value
