"""The store: typed collections over one TinyDB database, changed in transactions and announced after them."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, ItemsView, Iterable, Iterator, ValuesView
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    END_ENTITY_PROFILES,
    CertificateProfile,
    CertificationAuthority,
    EndEntity,
    EndEntityProfile,
    EstAlias,
    IssuedCertificate,
    IssuedCrl,
    VendorCa,
)
from estconsole.errors import DatabaseDamagedError
from estconsole.store import documents
from estconsole.store.documents import Document
from estconsole.store.log import ActivityLog, Retention
from estconsole.store.table import JournalDB, JournalTable
from estconsole.store.tables import EncodedChange
from estconsole.store.upgrades import SCHEMA, UPGRADES
from estconsole.subscription import Publisher

Value = TypeVar("Value")


class Collection(Generic[Value]):
    """One table of values, each under its natural key.

    With `remembered`, values once read are kept: rows are replaced and never changed, so a row that is still the same
    object is still the same value. A list of ten thousand then costs milliseconds, whatever has changed in it.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        key: Callable[[Value], str],
        document: Callable[[Value], dict[str, Any]],
        value: Callable[[str, Document], Value],
        *,
        remembered: bool = True,
    ) -> None:
        self._store = store
        self._table: JournalTable = store.table(name)
        self.name = name
        self._key = key
        self._document = document
        self._value = value
        self._remembered: dict[str, tuple[Document, Value]] | None = {} if remembered else None

    def get(self, key: str) -> Value | None:
        """The value under a key, in a time that does not grow with the table."""
        row = self._table.rows().get(key)
        return None if row is None else self._read(key, row)

    def values(self) -> tuple[Value, ...]:
        """Every value, in order of insertion."""
        return tuple(self._read(key, row) for key, row in self._table.rows().items())

    def keys(self) -> tuple[str, ...]:
        return tuple(self._table.rows())

    def rows(self) -> ValuesView[Document]:
        """Every row as it is now, not to be changed: taken under the lock in no time, and read without it."""
        return self._table.rows().values()

    def items(self) -> ItemsView[str, Document]:
        """The same with their keys."""
        return self._table.rows().items()

    def __len__(self) -> int:
        return len(self._table.rows())

    def matching(self, test: Callable[[str, Document], bool], newest: int | None = None) -> tuple[Value, ...]:
        """The values whose rows pass a test, in order of insertion, or the `newest` so many of them.

        Only those are made, so it is quick on many. The rows are those of one moment. They are tested without the
        lock: others need not wait for that.
        """
        found = deque(((key, row) for key, row in self._table.rows().items() if test(key, row)), maxlen=newest)
        return tuple(self._read(key, row) for key, row in found)

    def count(self, test: Callable[[str, Document], bool]) -> int:
        """How many rows pass a test: no value is made."""
        return sum(1 for key, row in self.items() if test(key, row))

    @property
    def version(self) -> int:
        """A number that grows with each change: what was derived from the table is good while it stays the same."""
        return self._store.version(self.name)

    def put(self, value: Value) -> None:
        """Insert or replace, inside the transaction that is open, or in one of its own."""
        with self._store.transaction():
            self._table.put(self._key(value), self._document(value))
            self._store.note_change(self.name)

    def encoded(self, value: Value) -> EncodedChange:
        """A value as `put_encoded` takes it. It takes no lock: encoding is most of what a `put` costs."""
        return self._table.encoded(self._key(value), self._document(value))

    def put_encoded(self, changes: Iterable[EncodedChange]) -> None:
        """Insert or replace many values that were encoded beforehand, so that others do not wait for long."""
        with self._store.transaction():
            self._table.put_encoded(changes)
            self._store.note_change(self.name)

    def remove(self, key: str) -> None:
        """Remove the value under a key, if there is one."""
        with self._store.transaction():
            self._table.remove(doc_ids=[key])
            self._store.note_change(self.name)
            if self._remembered is not None:
                self._remembered.pop(key, None)

    def _read(self, key: str, row: Document) -> Value:
        if self._remembered is None:
            return self._value(key, row)
        known = self._remembered.get(key)
        if known is not None and known[0] is row:
            return known[1]
        value = self._value(key, row)
        self._remembered[key] = (row, value)
        return value


class Store:
    """All that a lab keeps. One process owns it; any thread may use it."""

    def __init__(self, path: Path, *, retention: Retention | None = None) -> None:
        self._database = JournalDB(path)
        self._owner: int | None = None
        self._changed: set[str] = set()
        self._versions: Counter[str] = Counter()
        self._alias_uids: dict[str, str] = {}
        self._alias_uids_version = -1
        self.changes: Publisher[frozenset[str]] = Publisher()
        self.end_entities: Collection[EndEntity] = Collection(
            self, "end_entities", lambda entity: entity.username, documents.end_entity_document, documents.end_entity_of
        )
        self.aliases: Collection[EstAlias] = Collection(
            self, "aliases", lambda alias: alias.uid, documents.alias_document, documents.alias_of
        )
        self.authorities: Collection[CertificationAuthority] = Collection(
            self, "authorities", lambda ca: ca.name, documents.authority_document, documents.authority_of
        )
        self.vendor_cas: Collection[VendorCa] = Collection(
            self, "vendor_cas", lambda vendor: vendor.name, documents.vendor_ca_document, documents.vendor_ca_of
        )
        self.crls: Collection[IssuedCrl] = Collection(
            self, "crls", lambda crl: crl.ca, documents.crl_document, documents.crl_of
        )
        self.certificate_profiles: Collection[CertificateProfile] = Collection(
            self,
            "certificate_profiles",
            lambda profile: profile.name,
            documents.certificate_profile_document,
            documents.certificate_profile_of,
        )
        self.end_entity_profiles: Collection[EndEntityProfile] = Collection(
            self,
            "end_entity_profiles",
            lambda profile: profile.name,
            documents.end_entity_profile_document,
            documents.end_entity_profile_of,
        )
        self.certificates: Collection[IssuedCertificate] = Collection(
            self,
            "certificates",
            lambda issued: issued.sha256,
            documents.issued_document,
            documents.issued_of,
            remembered=False,
        )
        self.log = ActivityLog(self.table("activities"), retention or Retention())
        self._settings = self.table("settings")
        self._check_schema(path)

    @property
    def lock(self) -> threading.RLock:
        """Held through a transaction; take it to publish in the order of commits."""
        return self._database.storage.lock

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open: it must not wait then for one that may need the store."""
        return self._owner == threading.get_ident()

    def table(self, name: str) -> JournalTable:
        return self._database.table(name)

    @contextmanager
    def transaction(self, *, sync: bool = True) -> Iterator[None]:
        """Everything inside is on disk when it ends, or nothing is: then memory is rolled back as well.

        With `sync` off, the line is written but not forced to disk (B-46's handshake rows). Changes are announced
        after the outermost transaction, and never one that was rolled back.
        """
        with self.lock:
            outermost = self._owner is None
            self._owner = threading.get_ident()
            try:
                with self._database.transaction(sync=sync):
                    yield
            except BaseException:
                self.log.roll_back()
                self._versions.update(self._changed)
                if outermost:
                    self._changed.clear()
                raise
            finally:
                if outermost:
                    self._owner = None
            if outermost:
                self.log.commit()
            changed, self._changed = (frozenset(self._changed), set()) if outermost else (frozenset(), self._changed)
        if changed:
            self.changes.publish(changed)

    def note_change(self, name: str) -> None:
        """Have a table's name announced when the transaction that is open has ended."""
        self._changed.add(name)
        self._versions[name] += 1

    def version(self, name: str) -> int:
        """A number that grows with each change of a table, and with each one that is rolled back."""
        return self._versions[name]

    def alias_named(self, name: str) -> EstAlias | None:
        """The alias of a name (B-2)."""
        with self.lock:
            if self._alias_uids_version != self.aliases.version:
                self._alias_uids = {alias.name: alias.uid for alias in self.aliases.values()}
                self._alias_uids_version = self.aliases.version
            uid = self._alias_uids.get(name)
            return None if uid is None else self.aliases.get(uid)

    def certificate_profile(self, name: str) -> CertificateProfile | None:
        """A certificate profile by name: a built-in one, which is not stored, or one of the operator's (B-15)."""
        return CERTIFICATE_PROFILES.get(name) or self.certificate_profiles.get(name)

    def end_entity_profile(self, name: str) -> EndEntityProfile | None:
        """An end entity profile by name, as above."""
        return END_ENTITY_PROFILES.get(name) or self.end_entity_profiles.get(name)

    def setting(self, key: str) -> str | None:
        """A single text that the lab keeps, such as its server certificate's sealed key."""
        row = self._settings.rows().get(key)
        return None if row is None else str(row["value"])

    def put_setting(self, key: str, value: str) -> None:
        with self.transaction():
            self._settings.put(key, {"value": value})
            self.note_change("settings")

    def close(self) -> None:
        self._database.close()

    def _check_schema(self, path: Path) -> None:
        found = self.setting("schema")
        if found is None:
            self.put_setting("schema", str(SCHEMA))
            return
        if not found.isdecimal() or int(found) > SCHEMA:
            self._database.close()
            raise DatabaseDamagedError(
                f"{path} is of version {found}; this program knows version {SCHEMA}.",
                "Open it with the program that wrote it, or update this one.",
            )
        with self.transaction():
            for version in range(int(found), SCHEMA):
                UPGRADES[version](self.table)
                self.put_setting("schema", str(version + 1))
