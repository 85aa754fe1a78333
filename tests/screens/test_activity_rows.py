"""The rows behind Live's table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from screens import activity_rows
from screens.activity_filter import read_filter
from screens.activity_rows import ActivityRows
from screens.columns import place
from server.wire import answer_code
from tests.screens.feeding import NOON, granted, handshake, refused


def rows_of(size: int = 100) -> ActivityRows:
    return ActivityRows(answer_code, lambda: NOON, size)


def numbers(rows: ActivityRows) -> list[int]:
    return [rows.key(index) for index in range(len(rows))]


def test_rows_stand_by_id_whatever_order_they_come_in() -> None:
    rows = rows_of()
    assert rows.merge([granted(2), granted(5), granted(3)]) == 3
    assert numbers(rows) == [2, 3, 5]
    assert rows.position(3) == 1
    assert rows.position(4) == 2


def test_a_row_that_comes_again_takes_its_place() -> None:
    rows = rows_of()
    rows.merge([handshake(1, HandshakeFailure.SILENCE), granted(2)])
    assert rows.merge([handshake(1, HandshakeFailure.SILENCE, count=3)]) == 0
    assert [cell.text for cell in rows.cells(0)][5] == "✗ silence ×3"


def test_the_oldest_rows_go_past_the_bound_also_from_what_a_filter_shows() -> None:
    rows = rows_of(size=3)
    rows.set_filter(read_filter("outcome:granted"))
    rows.merge([granted(1), refused(2, RefusalReason.WRONG_CODE), granted(3), granted(4), granted(5)])
    assert (rows.total, numbers(rows)) == (3, [3, 4, 5])


def test_cells_say_how_it_ended_with_a_sign_and_a_word() -> None:
    rows = rows_of()
    rows.merge([granted(1), refused(2, RefusalReason.WRONG_CODE), handshake(3, HandshakeFailure.PLAIN_HTTP)])
    texts = [[cell.text for cell in rows.cells(index)] for index in range(3)]
    assert texts[0] == ["12:00:01", "127.0.0.1", "est", "enroll", "123456789", "✓ granted", "200", "6"]
    assert texts[1][5:7] == ["✗ wrong code", "400"]
    assert texts[2][2:] == ["–", "handshake", "–", "✗ plain HTTP", "–", "–"]


def test_less_than_a_millisecond_is_said_so() -> None:
    rows = rows_of()
    rows.merge([granted(1, milliseconds=0.3)])
    assert rows.cells(0)[7].text == "<1"


def test_all_columns_fit_into_eighty_cells_in_a_usual_lab() -> None:
    rows = rows_of()
    rows.merge([granted(1, "registered_client"), refused(2, RefusalReason.ENTITY_NOT_OPEN)])
    assert [placed.column.title for placed in place(rows.columns(), 78)][-2:] == ["code", "ms"]


def test_a_row_of_another_day_widens_the_time_by_its_date() -> None:
    rows = rows_of()
    rows.merge([granted(1, at=NOON - timedelta(days=1)), granted(2)])
    assert rows.columns()[0].least == len(rows.cells(0)[0].text)


def test_older_rows_stand_above_and_no_gap_comes_as_the_oldest_go() -> None:
    rows = rows_of(size=2)
    rows.merge([granted(11), granted(12)])
    assert (rows.oldest, rows.older) == (11, 0)
    rows.put_older([granted(8), granted(9)])
    assert rows.merge([granted(13), granted(14)]) == 2
    assert (numbers(rows), rows.older, rows.total, rows.oldest) == ([8, 9, 11, 12, 13, 14], 4, 2, 13)
    rows.set_filter(read_filter("granted"))
    assert (numbers(rows), rows.older) == ([13, 14], 0)


def test_no_more_older_rows_are_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_rows, "MOST_OLDER", 3)
    rows = rows_of(size=2)
    rows.merge([granted(11), granted(12)])
    rows.put_older([granted(7), granted(8), granted(9)])
    rows.merge([granted(13)])
    assert numbers(rows) == [8, 9, 11, 12, 13]


def test_cleared_rows_stay_away_and_count_as_older() -> None:
    rows = rows_of()
    rows.merge([handshake(1, HandshakeFailure.SILENCE), granted(2)])
    rows.clear()
    assert (len(rows), rows.total, rows.oldest) == (0, 0, 3)
    assert rows.merge([handshake(1, HandshakeFailure.SILENCE, count=2)]) == 0
    rows.merge([granted(3)])
    rows.put_older([granted(2)])
    assert numbers(rows) == [2, 3]


def test_the_rows_on_disk_are_matched_as_those_on_the_screen_are() -> None:
    rows = rows_of()
    found = [granted(1, "printer"), refused(2, RefusalReason.WRONG_CODE, "printer"), granted(3, "camera")]
    for typed, matching in (("", [1, 2, 3]), ("printer outcome:granted", [1]), ("outcome:granted", [1, 3])):
        rows.set_filter(read_filter(typed))
        assert [each.id for each in found if rows.matcher()(each)] == matching
