from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from estconsole.store.table import JournalDB

TABLES = st.sampled_from(["one", "two"])
KEYS = st.sampled_from(["a", "b", "c", "d", "\x00\n", "\ud800", "é😀"])
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
ROWS = st.dictionaries(st.sampled_from("vwxyz"), VALUES | st.lists(VALUES, max_size=2), max_size=4)

Model = dict[str, dict[str, dict[str, Any]]]


class Abandoned(Exception):  # noqa: N818 - not an error
    """Ends a transaction that is to leave nothing."""


class AgainstADict(RuleBasedStateMachine):
    """Whatever is done to a database, with its process killed or its files compacted in between, it holds what a dict
    would, in the same order; and a copy of its files taken at any time opens to what was last committed."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.model: Model = {}
        self.marks: list[str] = []  # the model at the beginning of each transaction that is open
        self.transactions: list[Any] = []

    @initialize()
    def open(self) -> None:
        self.db = JournalDB(self.directory / "db.json", compact_after=600)

    @rule(table=TABLES, key=KEYS, row=ROWS)
    def put(self, table: str, key: str, row: dict[str, Any]) -> None:
        self.db.table(table).put(key, row)
        self.model.setdefault(table, {})[key] = json.loads(json.dumps(row))

    @rule(table=TABLES, rows=st.dictionaries(KEYS, ROWS, max_size=3))
    def put_encoded(self, table: str, rows: dict[str, dict[str, Any]]) -> None:
        there = self.db.table(table)
        there.put_encoded([there.encoded(key, row) for key, row in rows.items()])
        for key, row in rows.items():
            self.model.setdefault(table, {})[key] = json.loads(json.dumps(row))

    @rule(table=TABLES, keys=st.lists(KEYS, max_size=3))
    def remove(self, table: str, keys: list[str]) -> None:
        there = [key for key in dict.fromkeys(keys) if self.model.get(table, {}).pop(key, None) is not None]
        assert self.db.table(table).remove(doc_ids=keys) == there

    @rule(table=TABLES, keys=st.lists(KEYS, max_size=3), fields=ROWS)
    def update(self, table: str, keys: list[str], fields: dict[str, Any]) -> None:
        rows = self.model.get(table, {})
        there = [key for key in dict.fromkeys(keys) if key in rows]
        for key in there:
            rows[key] = rows[key] | json.loads(json.dumps(fields))
        assert self.db.table(table).update(fields, doc_ids=keys) == there

    @rule(table=TABLES)
    def truncate(self, table: str) -> None:
        self.db.table(table).truncate()
        self.model[table] = {}

    @rule(table=TABLES)
    def drop(self, table: str) -> None:
        self.db.drop_table(table)
        self.model.pop(table, None)

    @rule(sync=st.booleans())
    def begin(self, sync: bool) -> None:
        transaction = self.db.transaction(sync=sync)
        transaction.__enter__()
        self.transactions.append(transaction)
        self.marks.append(json.dumps(self.model))

    @precondition(lambda self: self.transactions)
    @rule()
    def commit(self) -> None:
        self.marks.pop()
        self.transactions.pop().__exit__(None, None, None)

    @precondition(lambda self: self.transactions)
    @rule()
    def roll_back(self) -> None:
        self.model = json.loads(self.marks.pop())
        abandoned = Abandoned()
        assert not self.transactions.pop().__exit__(Abandoned, abandoned, None)

    @precondition(lambda self: not self.transactions)
    @rule()
    def compact(self) -> None:
        self.db.storage.compact()

    @precondition(lambda self: not self.transactions)
    @rule()
    def close_and_open(self) -> None:
        self.db.close()
        self.open()

    @precondition(lambda self: not self.transactions)
    @rule()
    def open_what_a_killed_process_leaves(self) -> None:
        if self.db.storage._compactor is not None:
            self.db.storage._compactor.join()
        self.db.storage._journal.close()
        self.open()

    @precondition(lambda self: self.transactions)
    @rule()
    def open_a_copy_in_the_middle_of_a_transaction(self) -> None:
        committed = json.loads(self.marks[0])
        if self.db.storage._compactor is not None and self.db.storage._compactor.is_alive():
            return  # it waits for this transaction's end, or moves files while they are copied
        copy = self.directory / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in self.directory.glob("db.json*"):
            shutil.copy(path, copy)
        db = JournalDB(copy / "db.json")
        assert held(db) == ordered(committed)
        db.storage._journal.close()

    @invariant()
    def it_holds_what_the_dict_holds(self) -> None:
        if hasattr(self, "db"):
            assert held(self.db) == ordered(self.model)
            for name in ("one", "two"):
                assert len(self.db.table(name)) == len(self.model.get(name, {}))

    def teardown(self) -> None:
        while self.transactions:
            self.roll_back()
        if hasattr(self, "db"):
            self.db.close()
        shutil.rmtree(self.directory)


def ordered(model: Model) -> str:
    return json.dumps({name: list(model[name].items()) for name in sorted(model)})


def held(db: JournalDB) -> str:
    assert all(
        db.table(name).get(doc_id=key) == row for name in db.tables() for key, row in db.table(name).rows().items()
    )
    return json.dumps({name: list(db.table(name).rows().items()) for name in sorted(db.tables())})


AgainstADict.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestAgainstADict = AgainstADict.TestCase
