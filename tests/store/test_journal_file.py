from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from estconsole.store import disk, journal_file
from estconsole.store.journal_file import JournalFile
from estconsole.store.lines import read_lines
from tests.store.files import file_size_limit

SEED = "0123456789abcdef"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalFile]:
    file = JournalFile(tmp_path / "journal", 1, size=0, checksum=SEED)
    yield file
    file.close()


def lines(path: Path) -> tuple[bytes, ...]:
    return read_lines(path.read_bytes(), SEED).changes


def test_lines_follow_each_other(journal: JournalFile, tmp_path: Path) -> None:
    journal.append(b"[1]", sync=True)
    journal.append(b"[2]", sync=False)
    journal.sync()
    assert lines(tmp_path / "journal") == (b"[1]", b"[2]")
    assert journal.size == (tmp_path / "journal").stat().st_size
    assert stat.S_IMODE((tmp_path / "journal").stat().st_mode) == 0o600


def test_opening_cuts_off_what_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"0123456789")
    JournalFile(tmp_path / "journal", 1, size=4, checksum=SEED).close()
    assert (tmp_path / "journal").read_bytes() == b"0123"


def test_only_a_synced_append_forces_the_disk(journal: JournalFile, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def spy(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        disk.sync_content(descriptor)

    monkeypatch.setattr(journal_file, "sync_content", spy)
    journal.append(b"[1]", sync=False)
    assert synced == []
    journal.append(b"[2]", sync=True)
    assert synced == [journal.size]
    journal.sync()
    assert len(synced) == 1


def test_a_disk_that_is_full_takes_nothing_of_the_line_and_later_lines_again(
    journal: JournalFile, tmp_path: Path
) -> None:
    journal.append(b"[1]", sync=True)
    size = journal.size
    with file_size_limit(size + 100), pytest.raises(OSError, match="File too large"):
        journal.append(b"[%s]" % (b"2" * 200), sync=True)  # 100 bytes are written, then the limit is met
    assert (tmp_path / "journal").stat().st_size == journal.size == size
    journal.append(b"[3]", sync=True)
    assert lines(tmp_path / "journal") == (b"[1]", b"[3]")


def test_a_write_that_takes_a_part_is_continued(
    journal: JournalFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))
    journal.append(b"[1,2,3]", sync=True)
    monkeypatch.undo()
    assert lines(tmp_path / "journal") == (b"[1,2,3]",)


@pytest.mark.parametrize(("device", "refusal"), [("/dev/full", errno.ENOSPC), ("/dev/null", errno.EINVAL)])
def test_a_file_that_cannot_be_brought_back_takes_nothing_more(device: str, refusal: int) -> None:
    """/dev/full refuses the write, /dev/null the sync, and neither can be truncated."""
    file = JournalFile(Path(device), 1, size=0, checksum=SEED)
    with pytest.raises(OSError, match=re.escape(os.strerror(refusal))):
        file.append(b"[1]", sync=True)
    with pytest.raises(OSError, match="open the database anew"):
        file.append(b"[2]", sync=True)
    with pytest.raises(OSError, match="open the database anew"):
        file.sync()
    assert file.size == 0
    file.close()


@pytest.mark.parametrize("unsynced", [False, True])
def test_a_failed_sync_puts_earlier_unsynced_lines_in_doubt(
    journal: JournalFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unsynced: bool
) -> None:
    """The failure is injected: no file at hand fails its first sync and then recovers."""
    failures = [OSError(errno.EIO, "Input/output error")]

    def fail_once(descriptor: int) -> None:
        if failures:
            raise failures.pop()
        disk.sync_content(descriptor)

    journal.append(b"[1]", sync=not unsynced)
    monkeypatch.setattr(journal_file, "sync_content", fail_once)
    with pytest.raises(OSError, match="Input/output"):
        journal.append(b"[2]", sync=True)
    assert lines(tmp_path / "journal") == (b"[1]",)
    if unsynced:
        with pytest.raises(OSError, match="open the database anew"):
            journal.append(b"[3]", sync=True)
    else:
        journal.append(b"[3]", sync=True)
        assert lines(tmp_path / "journal") == (b"[1]", b"[3]")


def test_an_interruption_takes_the_line_back(
    journal: JournalFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_descriptor: int) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(journal_file, "sync_content", interrupt)
    with pytest.raises(KeyboardInterrupt):
        journal.append(b"[1]", sync=True)
    journal.append(b"[2]", sync=True)
    assert lines(tmp_path / "journal") == (b"[2]",)
