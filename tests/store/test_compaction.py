from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from estconsole.errors import DataDirectoryUnusableError
from estconsole.store import disk, journal, journal_file, snapshot
from estconsole.store.table import JournalDB
from tests.store.files import contents, file_size_limit, states_during
from tests.store.test_recovery import abandon, opened, rows

ROW = {"v": "x" * 100}


def filled(path: Path, **options: Any) -> JournalDB:
    """A database with a snapshot of one row and a journal of two."""
    with JournalDB(path, **options) as db:
        db.table("a").put("old", ROW)
    db = JournalDB(path, **options)
    db.table("a").put("k", {"v": 1})
    db.table("b").put("l", {"v": 2})
    return db


FILLED = {"a": {"old": ROW, "k": {"v": 1}}, "b": {"l": {"v": 2}}}


def wait_for_compaction(db: JournalDB) -> None:
    compactor = db.storage._compactor
    assert compactor is not None
    compactor.join(30)
    assert not compactor.is_alive()


def test_compaction_leaves_one_snapshot_and_an_empty_journal(tmp_path: Path) -> None:
    db = filled(tmp_path / "db.json")
    db.storage.compact()
    assert {name: len(content) > 0 for name, content in contents(tmp_path).items()} == {
        "db.json": True,
        "db.json.journal.3": False,
    }
    assert rows(db) == FILLED
    assert db.storage._written == 0
    files = contents(tmp_path)
    db.storage.compact()
    db.close()
    assert contents(tmp_path) == files
    assert opened(tmp_path / "again", files) == FILLED


def test_lines_that_were_not_synced_are_on_disk_before_a_later_journal_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def spy(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        disk.sync_content(descriptor)

    db = filled(tmp_path / "db.json")
    with db.transaction(sync=False):
        db.table("a").put("unsynced", {})
    size = (tmp_path / "db.json.journal.2").stat().st_size
    monkeypatch.setattr(journal_file, "sync_content", spy)
    db.storage.compact()
    assert synced == [size]
    db.close()


@pytest.mark.parametrize("closing", [False, True])
def test_compaction_can_be_cut_short_anywhere(tmp_path: Path, closing: bool) -> None:
    (tmp_path / "db").mkdir()
    db = filled(tmp_path / "db" / "db.json")
    states = states_during(tmp_path / "db", db.close if closing else db.storage.compact)
    db.close()
    names = {frozenset(state) for state in states}
    assert {"db.json", "db.json.journal.2"} in names
    assert {"db.json", "db.json.journal.2", "db.json.journal.3"} in names
    assert {"db.json", "db.json.journal.2", "db.json.journal.3", "db.json.tmp"} in names
    assert {"db.json", "db.json.journal.3"} in names
    for state in states:
        assert opened(tmp_path / "again", state) == FILLED


def test_changes_during_compaction_can_be_cut_short_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread commits, and an earlier compaction has failed, while the snapshot is written."""
    (tmp_path / "db").mkdir()
    db = filled(tmp_path / "db" / "db.json")
    (tmp_path / "db" / "db.json.tmp").mkdir()
    with pytest.raises(DataDirectoryUnusableError, match="Is a directory"):
        db.storage.compact()
    (tmp_path / "db" / "db.json.tmp").rmdir()
    db.table("a").put("m", {"v": 3})
    parts = snapshot._parts
    committed = []

    def meanwhile(*arguments: Any) -> Any:
        for part in parts(*arguments):
            yield part
            key = f"meanwhile {len(committed)}"
            committed.append(key)
            writer = threading.Thread(target=db.table("a").put, args=(key, {"v": 4}))
            writer.start()
            writer.join(10)
            assert not writer.is_alive()

    monkeypatch.setattr(snapshot, "_parts", meanwhile)
    states = states_during(tmp_path / "db", db.storage.compact)
    monkeypatch.undo()
    complete = FILLED["a"] | {"m": {"v": 3}} | {key: {"v": 4} for key in committed}
    assert rows(db)["a"] == complete
    abandon(db)
    assert len(committed) > 3
    known = 0
    for state in states:
        found = opened(tmp_path / "again", state)["a"]
        assert list(found.items()) == list(complete.items())[: len(found)]
        assert len(found) >= known
        known = len(found)
    assert known == len(complete)


def test_a_compaction_that_fails_leaves_the_store_working(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    db = filled(tmp_path / "db" / "db.json")
    size = (tmp_path / "db" / "db.json").stat().st_size
    for attempt in range(3):
        with file_size_limit(size - 10), pytest.raises(DataDirectoryUnusableError, match="File too large"):
            db.storage.compact()
        db.table("a").put(f"after {attempt}", {"v": attempt})
    complete = FILLED["a"] | {f"after {attempt}": {"v": attempt} for attempt in range(3)}
    files = contents(tmp_path / "db")
    assert sorted(files) == ["db.json", *(f"db.json.journal.{generation}" for generation in (2, 3, 4, 5))]
    assert opened(tmp_path / "again", files)["a"] == complete
    db.storage.compact()
    assert len(contents(tmp_path / "db")) == 2
    assert rows(db)["a"] == complete
    abandon(db)


def test_closing_on_a_full_disk_keeps_the_journal(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "db").mkdir()
    db = filled(tmp_path / "db" / "db.json")
    with file_size_limit(50):
        db.close()
    assert "not compacted" in caplog.text
    assert opened(tmp_path / "again", contents(tmp_path / "db")) == FILLED


def test_a_journal_that_outgrows_the_bound_is_compacted_in_the_background(tmp_path: Path) -> None:
    with JournalDB(tmp_path / "db.json", compact_after=2000) as db:
        for number in range(100):
            db.table("a").put(str(number), ROW)
        wait_for_compaction(db)
        files = contents(tmp_path)
        assert len(files["db.json"]) > 2000
        assert sum(len(content) for name, content in files.items() if name != "db.json") < 10_000


def test_a_background_compaction_that_fails_is_told_and_not_tried_again_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    db = JournalDB(tmp_path / "db.json", compact_after=2000)
    (tmp_path / "db.json.tmp").mkdir()
    for number in range(10):
        db.table("a").put(str(number), {"v": "x" * 300})
    wait_for_compaction(db)
    failures = caplog.text.count("was not compacted")
    db.table("a").put("soon after", {})
    assert caplog.text.count("was not compacted") == failures == 1
    (tmp_path / "db.json.tmp").rmdir()
    for number in range(10):
        db.table("a").put(str(number), {"v": "y" * 600})
    wait_for_compaction(db)
    assert caplog.text.count("was not compacted") == failures
    complete = rows(db)
    db.close()
    assert len(contents(tmp_path)) == 2
    assert opened(tmp_path / "again", contents(tmp_path)) == complete


def test_the_lock_is_free_while_the_snapshot_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer of the snapshot is held up on purpose: others read and commit meanwhile."""
    db = filled(tmp_path / "db.json")
    begun, go_on = threading.Event(), threading.Event()
    write = journal.write_snapshot

    def held_up(*arguments: Any) -> int:
        begun.set()
        assert go_on.wait(30)
        return write(*arguments)

    monkeypatch.setattr(journal, "write_snapshot", held_up)
    with ThreadPoolExecutor(1) as pool:
        compaction = pool.submit(db.storage.compact)
        assert begun.wait(30)
        db.table("a").put("m", {"v": 3})
        assert db.table("a").get(doc_id="m") == {"v": 3}
        assert not compaction.done()
        go_on.set()
        compaction.result(30)
    db.close()
    with JournalDB(tmp_path / "db.json") as again:
        assert rows(again) == {"a": FILLED["a"] | {"m": {"v": 3}}, "b": FILLED["b"]}


def test_threads_write_and_read_while_compactions_run(tmp_path: Path) -> None:
    """Four writers on rows of their own and one that all share; a reader must see both halves of every change."""
    db = JournalDB(tmp_path / "db.json", compact_after=4000)
    done = threading.Event()
    shared, copies = db.table("shared"), db.table("copies")
    shared.put("count", {"n": 0})

    def write(writer: int) -> None:
        for number in range(100):
            with db.transaction(sync=number % 10 == 0):
                count = shared.rows()["count"]["n"] + 1
                shared.put("count", {"n": count})
                copies.put("count", {"n": count})
                db.table(f"own {writer}").put(str(number), {"n": number, "text": "x" * 50})

    def read() -> int:
        seen = 0
        while not done.is_set():
            with db.lock:
                assert shared.get(doc_id="count") == (copies.get(doc_id="count") or {"n": 0})
            for row in db.table("own 0"):
                assert len(row["text"]) == 50
            seen += 1
        return seen

    def compact() -> int:
        compacted = 0
        while not done.is_set():
            db.storage.compact()
            compacted += 1
        return compacted

    with ThreadPoolExecutor(6) as pool:
        others = [pool.submit(read), pool.submit(compact)]
        try:
            for writing in [pool.submit(write, writer) for writer in range(4)]:
                writing.result(60)
        finally:
            done.set()
        assert all(other.result(60) > 0 for other in others)
    complete = rows(db)
    assert complete["shared"] == {"count": {"n": 400}}
    assert all(len(complete[f"own {writer}"]) == 100 for writer in range(4))
    abandon(db)
    with JournalDB(tmp_path / "db.json") as again:
        assert rows(again) == complete
