from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB

from estconsole.errors import DatabaseDamagedError
from estconsole.store.disk import Layout
from estconsole.store.snapshot import SNAPSHOT_TABLE, read_snapshot, write_snapshot
from tests.store.files import file_size_limit

TABLES: dict[str, dict[str, dict[str, Any]]] = {
    "end_entities": {"dev\x00\ud800": {"dn": 'CN="ü"\n', "count": 1}, "b": {"nested": [{"x": None}]}},
    "empty": {},
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "db.json")


def test_what_was_written_is_read_in_the_same_order(layout: Layout) -> None:
    tables = {**TABLES, "many": {str(number): {"n": number} for number in range(300)}}
    size = write_snapshot(layout, tables, 7, "0123456789abcdef")
    snapshot = read_snapshot(layout)
    assert repr(snapshot.tables) == repr(tables)
    assert (snapshot.generation, snapshot.continues, snapshot.size) == (7, "0123456789abcdef", size)
    assert size == layout.snapshot.stat().st_size


table_names = st.text().filter(lambda name: name != SNAPSHOT_TABLE)  # the journal refuses it at its door


@given(st.dictionaries(table_names, st.dictionaries(st.text(), st.dictionaries(st.text(), st.text(st.characters())))))
@settings(max_examples=25)
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, dict[str, dict[str, str]]]
) -> None:
    layout = Layout(tmp_path_factory.mktemp("any") / "db.json")
    first = Layout(layout.directory / "first.json")
    write_snapshot(first, tables, 1, "")
    once = read_snapshot(first).tables  # two halves of a surrogate pair have become one sign
    write_snapshot(layout, once, 1, "")
    assert read_snapshot(layout).tables == once
    assert layout.snapshot.read_bytes() == first.snapshot.read_bytes()


def test_stock_tinydb_reads_it(layout: Layout) -> None:
    write_snapshot(layout, TABLES, 7, "0123456789abcdef")
    with TinyDB(layout.snapshot) as database:
        assert database.tables() == {"end_entities", "empty", "_snapshot"}
        table = database.table("end_entities")
        assert table.get(doc_id="b") == TABLES["end_entities"]["b"]
        assert len(table) == 2


def test_it_is_the_owners_only_and_leaves_no_other_file(layout: Layout) -> None:
    write_snapshot(layout, TABLES, 1, "")
    assert stat.S_IMODE(layout.snapshot.stat().st_mode) == 0o600
    assert list(layout.directory.iterdir()) == [layout.snapshot]


def test_every_flipped_bit_and_byte_is_damage(layout: Layout) -> None:
    write_snapshot(layout, {"t": {"key": {"v": "wörd"}}}, 1, "0123456789abcdef")
    content = layout.snapshot.read_bytes()
    for position in range(len(content)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            changed = bytearray(content)
            changed[position] ^= flip
            layout.snapshot.write_bytes(changed)
            with pytest.raises(DatabaseDamagedError, match=r"at byte|between bytes") as caught:
                read_snapshot(layout)
            assert str(layout.snapshot) in caught.value.title
            assert layout.snapshot.read_bytes() == changed


def test_every_cut_is_damage(layout: Layout) -> None:
    write_snapshot(layout, TABLES, 1, "")
    content = layout.snapshot.read_bytes()
    for changed in (*(content[:size] for size in range(len(content))), content + b"\n", b"{}"):
        layout.snapshot.write_bytes(changed)
        with pytest.raises(DatabaseDamagedError):
            read_snapshot(layout)


def test_a_format_of_the_future_is_refused_as_such(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as future:
        future.setattr("estconsole.store.snapshot.FORMAT", 2)
        write_snapshot(layout, TABLES, 1, "")
    with pytest.raises(DatabaseDamagedError, match="format 2"):
        read_snapshot(layout)


def test_a_disk_that_is_full_leaves_the_former_snapshot(layout: Layout) -> None:
    write_snapshot(layout, TABLES, 1, "")
    content = layout.snapshot.read_bytes()
    with file_size_limit(4000), pytest.raises(OSError, match="File too large") as caught:
        write_snapshot(layout, {"t": {"k": {"v": "x" * 5000}}}, 2, "")
    assert caught.value.errno == errno.EFBIG
    assert layout.snapshot.read_bytes() == content
    assert list(layout.directory.iterdir()) == [layout.snapshot]
