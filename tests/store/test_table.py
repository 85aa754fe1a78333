from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB, where
from tinydb.operations import increment
from tinydb.queries import QueryLike
from tinydb.storages import MemoryStorage
from tinydb.table import Document, Table

from estconsole.store.table import JournalDB, JournalTable, Row


class StockTable(Table):
    """TinyDB's own table, but for its ids."""

    document_id_class = str  # type: ignore[assignment]

    def _get_next_id(self) -> int:
        raise ValueError("no natural key")


class StockDB(TinyDB):
    table_class = StockTable


@pytest.fixture
def db(tmp_path: Path) -> Iterator[JournalDB]:
    with JournalDB(tmp_path / "db.json") as database:
        yield database


@pytest.fixture
def table(db: JournalDB) -> JournalTable:
    return db.table("t")


KEYS = st.sampled_from("abcde")
DOCUMENTS = st.fixed_dictionaries({"n": st.integers(0, 3)}, optional={"text": st.text(max_size=3)})
QUERIES = st.sampled_from([where("n") == 1, where("n") > 1, where("text").exists(), where("n") < 0])
FIELDS = st.one_of(DOCUMENTS, st.just(increment("n")))

Use = Callable[[Any, type[Document]], Any]


@st.composite
def uses(draw: st.DrawFn) -> Use:
    """One use of a table, as any of TinyDB's users might write it; `kind` makes a document with a key."""
    key, keys, document, query, fields = (
        draw(strategy) for strategy in (KEYS, st.lists(KEYS, unique=True), DOCUMENTS, QUERIES, FIELDS)
    )
    several: list[tuple[str, dict[str, Any]]] = draw(st.lists(st.tuples(KEYS, DOCUMENTS), max_size=3))
    return draw(
        st.sampled_from(
            [
                lambda table, kind: table.insert(kind(document, key)),
                lambda table, kind: table.insert_multiple([kind(one, its) for its, one in several]),
                lambda table, kind: table.upsert(kind(document, key)),
                lambda table, _: table.upsert(document, query),
                lambda table, _: table.update(fields, query),
                lambda table, _: table.update(fields),
                lambda table, _: table.update(fields, doc_ids=[one for one in keys if table.contains(doc_id=one)]),
                lambda table, _: sorted(set(table.update_multiple([(fields, query), (document, where("n") == 0)]))),
                lambda table, _: table.remove(query),
                lambda table, _: table.remove(doc_ids=[one for one in keys if table.contains(doc_id=one)]),
                lambda table, _: table.truncate(),
                lambda table, _: table.search(query),
                lambda table, _: table.count(query),
                lambda table, _: table.get(query),
                lambda table, _: table.get(doc_id=key),
                lambda table, _: sorted((one.doc_id, one) for one in table.get(doc_ids=keys)),
                lambda table, _: (table.contains(query), table.contains(doc_id=key)),
                lambda table, _: [(one.doc_id, dict(one)) for one in table],
                lambda table, _: (len(table), table.all()),
                lambda table, _: table.get(),
                lambda table, _: table.contains(),
                lambda table, _: table.remove(),
            ]
        )
    )


def outcome(use: Use, table: Any, kind: type[Document]) -> Any:
    try:
        return use(table, kind)
    except (ValueError, RuntimeError, KeyError) as error:
        return type(error)


@given(st.lists(uses(), max_size=20))
@settings(max_examples=50)
def test_it_does_what_stock_tinydb_does(tmp_path_factory: pytest.TempPathFactory, steps: list[Use]) -> None:
    stock = StockDB(storage=MemoryStorage).table("t")
    path = tmp_path_factory.mktemp("table") / "db.json"
    with JournalDB(path) as db:
        table = db.table("t")
        for use in steps:
            before = stock.all()
            expected = outcome(use, stock, Document)
            if isinstance(expected, type):
                assert isinstance(outcome(use, table, Row), type)
                if stock.all() != before:  # stock TinyDB changes memory before it fails; this table does not
                    stock.truncate()
                    stock.insert_multiple(before)
            else:
                assert outcome(use, table, Row) == expected
            assert [(row.doc_id, row) for row in table] == [(row.doc_id, row) for row in stock]
    with JournalDB(path) as again:
        assert [(row.doc_id, row) for row in again.table("t")] == [(row.doc_id, row) for row in stock]


@pytest.mark.parametrize(
    "give",
    [
        lambda table: table.get(doc_id="k"),
        lambda table: table.get(where("n") == 1),
        lambda table: table.get(doc_ids=["k"])[0],
        lambda table: table.search(where("n") == 1)[0],
        lambda table: table.all()[0],
        lambda table: next(iter(table)),
    ],
)
def test_a_document_is_a_copy_to_the_bottom(table: JournalTable, give: Callable[[JournalTable], Row]) -> None:
    table.put("k", {"n": 1, "inner": [{"deep": 1}]})
    document = give(table)
    assert document.doc_id == "k"
    document["n"] = 2
    document["inner"][0]["deep"] = 2
    assert table.rows()["k"] == {"n": 1, "inner": [{"deep": 1}]}
    assert give(table) == {"n": 1, "inner": [{"deep": 1}]}


def test_put_inserts_and_replaces(table: JournalTable) -> None:
    document = {"n": 1}
    table.put("k", document)
    table.put("l", {"n": 2})
    document["n"] = 9
    table.put("k", {"other": 3})
    assert list(table.rows().items()) == [("k", {"other": 3}), ("l", {"n": 2})]


def test_what_was_encoded_beforehand_is_put_as_it_was_then_all_or_nothing(table: JournalTable) -> None:
    document: dict[str, Any] = {"n": 1, "list": [1]}
    encoded = [table.encoded(key, document) for key in "kl"]
    document["list"].append(2)
    table.put_encoded(encoded)
    assert dict(table.rows()) == {"k": {"n": 1, "list": [1]}, "l": {"n": 1, "list": [1]}}
    with pytest.raises(ZeroDivisionError):
        table.put_encoded(table.encoded(key, {"n": 1 // (key != "m")}) for key in "km")
    assert dict(table.rows()) == {"k": {"n": 1, "list": [1]}, "l": {"n": 1, "list": [1]}}
    with pytest.raises(TypeError):
        table.encoded("k", {"n": object()})


def test_a_document_needs_a_key(table: JournalTable) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        table.insert({"n": 1})
    with pytest.raises(ValueError, match="query"):
        table.upsert({"n": 1})


def test_an_insertion_of_several_is_all_or_nothing(table: JournalTable) -> None:
    table.put("b", {"n": 0})
    with pytest.raises(ValueError, match="already exists"):
        table.insert_multiple([Row({"n": 1}, "a"), Row({"n": 1}, "b")])
    assert dict(table.rows()) == {"b": {"n": 0}}


def test_an_update_that_fails_changes_nothing(table: JournalTable) -> None:
    table.put("a", {"n": 1, "list": []})
    table.put("b", {"n": "text"})

    def grow(document: Any) -> None:
        document.get("list", []).append(1)
        document["n"] += 1

    with pytest.raises(TypeError):
        table.update(grow)
    assert dict(table.rows()) == {"a": {"n": 1, "list": []}, "b": {"n": "text"}}
    assert table.update(grow, doc_ids=["a", "missing"]) == ["a"]
    assert table.rows()["a"] == {"n": 2, "list": [1]}


def test_rows_are_a_live_view_and_a_loop_over_them_a_still_one(table: JournalTable) -> None:
    rows = table.rows()
    assert (len(rows), "a" in rows, rows.get("a")) == (0, False, None)
    for key in "abc":
        table.put(key, {"n": key})
    assert rows["a"] is rows["a"]
    for key in rows:
        table.remove(doc_ids=[key])
    assert len(rows) == 0
    table.put("d", {"n": 1})
    assert (list(rows), list(rows.values()), list(rows.items())) == (["d"], [{"n": 1}], [("d", {"n": 1})])
    with pytest.raises(KeyError):
        rows["a"]


def test_tables_come_with_their_first_document_and_go_when_dropped(db: JournalDB) -> None:
    first = db.table("one")
    assert db.tables() == set()
    first.put("k", {})
    db.table("two", persist_empty=True)
    assert db.tables() == {"one", "two"}
    assert db.table("one") is first
    db.drop_table("one")
    db.drop_table("missing")
    assert (db.tables(), len(first)) == ({"two"}, 0)
    db.drop_tables()
    assert db.tables() == set()


def test_what_tinydb_adds_to_its_tables_in_time_works_too(table: JournalTable) -> None:
    """Its own way to change a table is the one that new methods would take."""
    table.put("k", {"n": 1})

    def change(rows: dict[Any, Any]) -> None:
        rows["k"]["n"] = 2
        rows["l"] = {"n": 3}

    table._update_table(change)
    assert table._read_table() == {"k": {"n": 2}, "l": {"n": 3}}


def test_a_search_sees_every_change_at_once(table: JournalTable) -> None:
    query: QueryLike = where("n") == 1
    assert table.search(query) == []
    table.put("k", {"n": 1})
    assert table.search(query) == [{"n": 1}]
    table.update({"n": 2})
    assert table.search(query) == []
