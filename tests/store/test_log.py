"""The log: bounded by count and by size, with the newest rows kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estconsole.activity import Activity, Outcome
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.refusal import RefusalReason
from estconsole.record import ActivityRecord
from estconsole.store.log import Retention
from estconsole.store.store import Store


def record(number: int, text: str = "") -> ActivityRecord:
    activity = Activity(
        id=number,
        at=datetime(2026, 11, 24, tzinfo=UTC),
        outcome=Outcome.REFUSED,
        peer="127.0.0.1",
        reason=RefusalReason.WRONG_CODE,
    )
    trace = (Check("code", CheckState.FAILED, "the code", f"another {text}"),)
    return ActivityRecord(
        activity=activity, trace=trace, sealed_request=text, presented=b"\x00\xff", issued_sha256="ab"
    )


def _add_and_fail(store: Store) -> None:
    with store.transaction():
        store.log.add(record(2))
        raise LookupError("undone")


def test_the_oldest_rows_go_when_there_are_too_many(tmp_path: Path) -> None:
    """B-46."""
    store = Store(tmp_path / "lab.json", retention=Retention(records=3))
    for number in range(1, 8):
        store.log.add(record(number))
    assert [row.id for row in store.log.latest(10)] == [5, 6, 7]
    store.close()
    store = Store(tmp_path / "lab.json", retention=Retention(records=3))
    assert [row.id for row in store.log.latest(10)] == [5, 6, 7]
    assert store.log.next_number == 8
    store.close()


def test_the_oldest_rows_go_when_they_are_too_large(tmp_path: Path) -> None:
    """B-46."""
    store = Store(tmp_path / "lab.json", retention=Retention(size=10_000))
    for number in range(1, 20):
        store.log.add(record(number, "x" * 900))
    assert 3 <= len(store.log) <= 6
    assert store.log.latest(1)[0].id == 19
    store.close()


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "lab.json")
    store.log.add(record(1, "\ud800 control \x00 and ‮ right-to-left"))
    store.close()
    store = Store(tmp_path / "lab.json")
    assert store.log.get(1) == record(1, "\ud800 control \x00 and ‮ right-to-left")
    assert store.log.get(2) is None
    store.close()


def test_numbers_are_not_given_twice_after_a_rollback(tmp_path: Path) -> None:
    """B-24: a reference finds one row."""
    store = Store(tmp_path / "lab.json")
    store.log.add(record(1))
    with pytest.raises(LookupError):
        _add_and_fail(store)
    assert store.log.next_number == 3
    assert [kept.activity.id for kept in store.log] == [1]
    store.close()


def of_device(number: int) -> ActivityRecord:
    kept = record(number)
    return replace(kept, activity=replace(kept.activity, username=f"device-{number % 2}"))


def test_rows_are_looked_for_from_the_newest_on_without_making_anybody_wait(tmp_path: Path) -> None:
    store = Store(tmp_path / "lab.json", retention=Retention(records=8))
    for number in range(1, 9):
        store.log.add(of_device(number))

    def numbers(*, limit: int = 10, before: int | None = None) -> list[int]:
        odd = store.log.matching(lambda row: row.username == "device-1", limit=limit, before=before)
        return [row.id for row in odd]

    assert numbers() == [1, 3, 5, 7]
    assert numbers(limit=2) == [5, 7]
    assert numbers(limit=2, before=5) == [1, 3]
    assert numbers(before=1) == []
    assert [row.id for row in store.log.of_username("device-0", 3)] == [4, 6, 8]
    assert store.log.of_username("device", 3) == ()

    def adding(_: Activity) -> bool:
        """Meanwhile another thread adds rows, and the oldest go."""
        adds = threading.Thread(target=store.log.add, args=(of_device(store.log.next_number),))
        adds.start()
        adds.join(10)
        assert not adds.is_alive()
        return True

    assert [row.id for row in store.log.matching(adding, limit=10)] == list(range(1, 9))
    assert [row.id for row in store.log.latest(10)] == list(range(9, 17))
    seen: list[int] = []
    found = store.log.matching(lambda row: not seen.append(row.id), limit=10, stop=lambda: len(seen) == 3)
    assert [row.id for row in found] == sorted(seen) == [14, 15, 16]
    store.close()
