from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from estconsole.errors import DatabaseDamagedError, DataDirectoryUnusableError
from estconsole.store.disk import Layout
from estconsole.store.lines import encode_line
from estconsole.store.snapshot import read_snapshot, write_snapshot
from estconsole.store.table import JournalDB
from tests.store.files import Contents, contents, journal, restore, states_during

Rows = dict[str, Any]


def abandon(db: JournalDB) -> None:
    """Let a database go as a killed process does."""
    db.storage._journal.close()


def rows(db: JournalDB) -> dict[str, Rows]:
    return {name: dict(db.table(name).rows()) for name in sorted(db.tables())}


def opened(directory: Path, files: Contents) -> dict[str, Rows]:
    """What a directory's database holds; also that it takes a change and gives it back, from journal and snapshot."""
    path = restore(directory, files)
    db = JournalDB(path)
    before = rows(db)
    db.table("probe").put("k", {"v": 1})
    abandon(db)
    with JournalDB(path) as db:
        assert rows(db) == before | {"probe": {"k": {"v": 1}}}
    with JournalDB(path) as db:
        assert rows(db) == before | {"probe": {"k": {"v": 1}}}
        assert len(list(directory.iterdir())) == 2
    return before


def refused(directory: Path, files: Contents) -> DatabaseDamagedError:
    """The error that opening a directory's database raises, with nothing changed on disk."""
    path = restore(directory, files)
    with pytest.raises(DatabaseDamagedError) as caught:
        JournalDB(path)
    assert contents(directory) == files
    assert "Nothing has been changed" in caught.value.hint
    return caught.value


@pytest.fixture
def files(tmp_path: Path) -> Contents:
    """A snapshot with one row, and a journal of three lines after it."""
    with JournalDB(tmp_path / "db.json") as db:
        db.table("a").put("old", {"v": 0})
    db = JournalDB(tmp_path / "db.json")
    db.table("a").put("k", {"v": 1})
    with db.transaction():
        db.table("a").put("l", {"v": 2})
        db.table("b").put("m", {"v": 3})
    db.table("a").remove(doc_ids=["k"])
    abandon(db)
    return contents(tmp_path)


HISTORY: list[dict[str, Rows]] = [
    {"a": {"old": {"v": 0}}},
    {"a": {"old": {"v": 0}, "k": {"v": 1}}},
    {"a": {"old": {"v": 0}, "k": {"v": 1}, "l": {"v": 2}}, "b": {"m": {"v": 3}}},
    {"a": {"old": {"v": 0}, "l": {"v": 2}}, "b": {"m": {"v": 3}}},
]


def ends(content: bytes) -> list[int]:
    return [0, *(position + 1 for position, byte in enumerate(content) if byte == 0x0A)]


def test_a_last_line_torn_at_any_byte_is_dropped_and_cut_off(tmp_path: Path, files: Contents) -> None:
    name = journal(files)
    starts = ends(files[name])
    for size in range(len(files[name]) + 1):
        whole = max(end for end in starts if end <= size)
        path = restore(tmp_path, files | {name: files[name][:size]})
        db = JournalDB(path)
        assert rows(db) == HISTORY[starts.index(whole)]
        assert (tmp_path / name).stat().st_size == whole
        abandon(db)
    assert opened(tmp_path, files | {name: files[name][:-1]}) == HISTORY[2]


def test_every_flipped_byte_of_the_journal_is_told_with_file_and_offset(tmp_path: Path, files: Contents) -> None:
    name = journal(files)
    starts = ends(files[name])
    for start, end in pairwise(starts):
        for position in range(start, end):
            for flip in (1, 32, 255):
                changed = bytearray(files[name])
                changed[position] ^= flip
                error = refused(tmp_path, files | {name: bytes(changed)})
                assert error.title == f"The database file {tmp_path / name} is damaged at byte {start}."


def test_every_flipped_byte_of_the_snapshot_is_told(tmp_path: Path, files: Contents) -> None:
    for position in range(len(files["db.json"])):
        changed = bytearray(files["db.json"])
        changed[position] ^= 1
        assert str(tmp_path / "db.json") in refused(tmp_path, files | {"db.json": bytes(changed)}).title


def test_a_missing_file_is_told(tmp_path: Path, files: Contents) -> None:
    name = journal(files)
    assert "db.json is missing" in refused(tmp_path, {name: files[name]}).title
    later = {"db.json": files["db.json"], "db.json.journal.3": files[name]}
    assert f"{name} is missing" in refused(tmp_path, later).title
    assert opened(tmp_path, {"db.json": files["db.json"]}) == HISTORY[0]


def test_the_snapshot_of_another_database_does_not_take_the_journal(tmp_path: Path, files: Contents) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with JournalDB(other / "db.json") as db:
        db.table("a").put("other", {})
    foreign = {"db.json": contents(other)["db.json"], journal(files): files[journal(files)]}
    assert read_snapshot(Layout(other / "db.json")).generation == 2
    assert "damaged at byte 0" in refused(other, foreign).title


def test_an_unfinished_line_is_damage_where_a_later_journal_goes_on(tmp_path: Path, files: Contents) -> None:
    name = journal(files)
    checksum = json.loads(files[name].splitlines()[-1])[0][:16]
    line, _ = encode_line(b'[["a","z",{}]]', checksum)
    following = files | {"db.json.journal.3": line}
    assert opened(tmp_path, following)["a"]["z"] == {}
    torn = {name: files[name] + line[:-3]}
    assert opened(tmp_path, files | torn | {"db.json.journal.3": b""}) == HISTORY[3]
    for later in ({"db.json.journal.3": line}, {"db.json.journal.3": b"", "db.json.journal.4": line}):
        error = refused(tmp_path, files | torn | later)
        assert error.title.endswith(f"{name} is damaged at byte {len(files[name])}.")


def test_a_line_that_is_no_change_is_damage(tmp_path: Path, files: Contents) -> None:
    seed = read_snapshot(Layout(restore(tmp_path, files))).continues
    for changes in (b"nothing", b"[1]", b"[[]]", b'[["missing","k"]]', b"\xff"):
        line, _ = encode_line(changes, seed)
        assert "damaged at byte 0" in refused(tmp_path, files | {journal(files): line}).title


def test_journals_that_the_snapshot_holds_already_are_not_read_again(tmp_path: Path, files: Contents) -> None:
    earlier = {"db.json.journal.1": b"was compacted\n", "db.json.tmp": b"was not finished"}
    assert opened(tmp_path, files | earlier) == HISTORY[3]


def test_files_of_others_stay(tmp_path: Path, files: Contents) -> None:
    others = {"db.json.journal.0": b"1", "db.json.journal.x": b"2", "other.json.journal.1": b"3", "db.json.bak": b"4"}
    path = restore(tmp_path, files | others)
    with JournalDB(path) as db:
        assert rows(db) == HISTORY[3]
    assert others.items() <= contents(tmp_path).items()


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path, files: Contents) -> None:
    path = restore(tmp_path, {journal(files): files[journal(files)]})
    path.mkdir()
    with pytest.raises(DataDirectoryUnusableError, match="Is a directory"):
        JournalDB(path)


def test_making_a_database_can_be_cut_short_anywhere(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    states = states_during(made, lambda: abandon(JournalDB(made / "db.json")))
    assert len(states) > 3
    for state in states:
        assert opened(tmp_path / "again", state) == {}


def test_opening_can_be_cut_short_anywhere(tmp_path: Path, files: Contents) -> None:
    name = journal(files)
    torn = {name: files[name][:-4], "db.json.journal.1": b"", "db.json.journal.3": b"", "db.json.tmp": b"x"}
    path = restore(tmp_path / "torn", files | torn)
    states = states_during(path.parent, lambda: abandon(JournalDB(path)))
    assert len(states) > 3
    for state in states:
        assert opened(tmp_path / "again", state) == HISTORY[2]


def test_a_commit_can_be_cut_short_anywhere(tmp_path: Path, files: Contents) -> None:
    path = restore(tmp_path / "commit", files)
    db = JournalDB(path)

    def commit() -> None:
        with db.transaction():
            db.table("a").put("n", {"v": 4})
            db.table("b").truncate()

    states = states_during(path.parent, commit)
    abandon(db)
    after = {"a": HISTORY[3]["a"] | {"n": {"v": 4}}, "b": {}}
    found = [opened(tmp_path / "again", state) for state in states]
    assert found[0] == HISTORY[3]
    assert found[-1] == after
    assert all(one in (HISTORY[3], after) for one in found)


def test_a_snapshot_of_an_earlier_place_in_the_history_is_told(tmp_path: Path, files: Contents) -> None:
    """An operator restores the snapshot alone, of a backup made long ago."""
    old = Layout(tmp_path / "old.json")
    write_snapshot(old, {"a": {}}, 1, "0" * 16)
    assert "journal.1 is missing" in refused(tmp_path, files | {"db.json": old.snapshot.read_bytes()}).title
