"""The rows behind Live's table."""

from __future__ import annotations

from datetime import timedelta

from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
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
