from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tinydb import TinyDB, where
from tinydb.table import Document

from estconsole.errors import DataDirectoryUnusableError
from estconsole.store import journal_file
from estconsole.store.journal import JournalStorage
from estconsole.store.table import JournalDB, JournalTable
from tests.store.files import contents, file_size_limit, journal


@pytest.fixture
def db(tmp_path: Path) -> Iterator[JournalDB]:
    database = JournalDB(tmp_path / "db.json")
    yield database
    database.close()


def lines(tmp_path: Path) -> list[object]:
    files = contents(tmp_path)
    return [json.loads(line)[1] for line in files[journal(files)].splitlines()]


def test_a_transaction_over_several_tables_is_one_line(db: JournalDB, tmp_path: Path) -> None:
    with db.transaction():
        db.table("a").put("k", {"v": 1})
        with db.transaction():
            db.table("b").put("l", {"v": 2})
        db.table("a").remove(doc_ids=["k"])
        assert lines(tmp_path) == []
    assert lines(tmp_path) == [[["a", "k", {"v": 1}], ["b", "l", {"v": 2}], ["a", "k"]]]
    assert db.table("a").get(doc_id="k") is None
    assert db.table("b").get(doc_id="l") == {"v": 2}


def test_a_transaction_without_changes_writes_nothing(db: JournalDB, tmp_path: Path) -> None:
    with db.transaction():
        assert db.table("a").remove(doc_ids=["k"]) == []
    assert lines(tmp_path) == []


def test_an_exception_takes_everything_back_in_memory_and_on_disk(db: JournalDB, tmp_path: Path) -> None:
    table = db.table("a")
    for key in "klm":
        table.put(key, {"v": key})
    files = contents(tmp_path)
    assert table.search(where("v") == "k") == [{"v": "k"}]

    def fail() -> None:
        with db.transaction():
            table.remove(doc_ids=["k"])
            table.put("l", {"v": "other"})
            table.put("n", {"v": "new"})
            db.table("b").put("x", {})
            assert table.search(where("v") == "k") == []
            assert db.tables() == {"a", "b"}
            db.drop_table("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(table.rows().items()) == [(key, {"v": key}) for key in "klm"]
    assert table.search(where("v") == "k") == [{"v": "k"}]
    assert db.tables() == {"a"}
    assert contents(tmp_path) == files


def test_an_inner_transaction_that_fails_leaves_nothing_in_an_outer_that_goes_on(db: JournalDB, tmp_path: Path) -> None:
    table = db.table("a")
    with db.transaction():
        table.put("k", {"v": 1})
        with suppress(ZeroDivisionError), db.transaction():
            table.put("k", {"v": 2})
            table.put("l", {"v": 2})
            raise ZeroDivisionError
        assert dict(table.rows()) == {"k": {"v": 1}}
    assert lines(tmp_path) == [[["a", "k", {"v": 1}]]]


@pytest.mark.parametrize(("outer", "inner", "forced"), [(False, True, 0), (True, False, 1)])
def test_the_outermost_transaction_decides_whether_it_is_synced(
    db: JournalDB, monkeypatch: pytest.MonkeyPatch, outer: bool, inner: bool, forced: int
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(journal_file, "sync_content", synced.append)
    with db.transaction(sync=outer), db.transaction(sync=inner):
        db.table("a").put("k", {})
    assert len(synced) == forced


def test_what_was_not_synced_is_in_the_file_all_the_same(db: JournalDB, tmp_path: Path) -> None:
    with db.transaction(sync=False):
        db.table("a").put("k", {})
    assert lines(tmp_path) == [[["a", "k", {}]]]


@pytest.mark.parametrize(
    ("read", "committed"),
    [
        (lambda table: len(table), 1),
        (lambda table: table.get(doc_id="k"), None),
        (lambda table: table.get(doc_ids=["old", "k"]), [{"v": 0}]),
        (lambda table: table.contains(doc_id="k"), False),
        (lambda table: "k" in table.rows(), False),
        (lambda table: table.rows().get("old"), {"v": 0}),
        (lambda table: list(table.rows()), ["old"]),
        (lambda table: table.all(), [{"v": 0}]),
        (lambda table: table.storage.names(), {"a"}),
        (lambda table: table.storage.read(), {"a": {"old": {"v": 0}}}),
    ],
)
def test_other_threads_never_see_what_is_not_committed(
    db: JournalDB, read: Callable[[JournalTable], object], committed: object
) -> None:
    table = db.table("a")
    table.put("old", {"v": 0})
    begun, seen = threading.Event(), []

    def look() -> None:
        begun.set()
        seen.append(read(table))

    reader = threading.Thread(target=look)

    def fail() -> None:
        with db.transaction():
            table.put("k", {"v": 1})
            table.put("old", {"v": 2})
            db.table("b").put("l", {})
            assert read(table) != committed
            reader.start()
            assert begun.wait(10)
            reader.join(0.02)  # long enough for a reading that does not wait
            assert seen == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    reader.join(10)
    assert seen == [committed]


def test_a_disk_that_is_full_is_said_and_loses_nothing(db: JournalDB, tmp_path: Path) -> None:
    table = db.table("a")
    table.put("k", {"v": 1})
    files = contents(tmp_path)
    with file_size_limit(len(files[journal(files)]) + 50), pytest.raises(DataDirectoryUnusableError) as caught:
        table.put("l", {"v": "x" * 100})
    assert str(tmp_path) in caught.value.title
    assert "room" in caught.value.hint
    assert dict(table.rows()) == {"k": {"v": 1}}
    assert contents(tmp_path) == files
    table.put("m", {"v": 3})
    db.close()
    with JournalDB(tmp_path / "db.json") as again:
        assert dict(again.table("a").rows()) == {"k": {"v": 1}, "m": {"v": 3}}


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryUnusableError, match="No such file"):
        JournalDB(tmp_path / "missing" / "db.json")


def test_what_the_storage_keeps_for_itself_is_refused(db: JournalDB) -> None:
    with pytest.raises(ValueError, match="own"):
        db.table("_snapshot").put("1", {})
    with pytest.raises(TypeError, match="str"):
        db.table("a").put(1, {})  # type: ignore[arg-type]


def test_a_closed_database_takes_nothing_and_closes_again(db: JournalDB) -> None:
    table = db.table("a")
    table.put("k", {"v": 1})
    db.close()
    with pytest.raises(RuntimeError, match="closed"):
        table.put("l", {})
    assert dict(table.rows()) == {"k": {"v": 1}}
    db.close()


def test_closing_and_compacting_wait_for_the_transactions_end(db: JournalDB) -> None:
    with db.transaction():
        with pytest.raises(RuntimeError, match="transaction"):
            db.storage.compact()
        with pytest.raises(RuntimeError, match="transaction"):
            db.close()


def test_stock_tinydb_works_on_the_storage(tmp_path: Path) -> None:
    with TinyDB(tmp_path / "db.json", storage=JournalStorage) as stock:
        assert stock.insert({"v": 1}) == 1
        stock.table("t").insert_multiple([{"v": 2}, Document({"v": 3}, 7)])
        stock.table("gone").insert({})
        stock.drop_table("gone")
        stock.update({"w": 1}, where("v") == 1)
        files = contents(tmp_path)
    with TinyDB(tmp_path / "db.json", storage=JournalStorage) as again:
        assert again.all() == [{"v": 1, "w": 1}]
        assert {row.doc_id: row["v"] for row in again.table("t")} == {1: 2, 7: 3}
        assert again.tables() == {"_default", "t"}
    assert len(files[journal(files)].splitlines()) == 5
