"""The rows of a list of records: what a search and an order show of them."""

from __future__ import annotations

from screens.columns import Column
from screens.record_rows import Order, RecordColumn, RecordRows
from screens.table import Cell


def test_a_search_keeps_the_order_and_does_not_make_it_again() -> None:
    looked_at: list[int] = []

    def order(number: int) -> int:
        looked_at.append(number)
        return -number

    column: RecordColumn[int] = RecordColumn(
        column=Column(title="number", least=3), cell=lambda n: Cell(str(n)), order=order
    )
    rows: RecordRows[int] = RecordRows([column], key=lambda n: n, text=str, noun=("number", "numbers"))

    def shown() -> list[int]:
        return [rows.record(index) for index in range(len(rows))]

    rows.take(rows.prepare([11, 2, 1]))
    rows.set_search("1")
    rows.set_order(Order(0, descending=True))
    assert shown() == [11, 1], "until it is prepared, in a thread"
    rows.take(rows.prepare([11, 2, 1]))
    assert shown() == [1, 11]
    looked_at.clear()
    rows.set_search("")
    assert (shown(), looked_at) == ([1, 2, 11], [])
    rows.take(rows.prepare([12, 2, 1]))
    assert shown() == [1, 2, 12]
    rows.set_order(Order(descending=True))
    rows.take(rows.prepare([12, 2, 1]))
    assert shown() == [1, 2, 12]
    rows.set_order(Order())
    rows.take(rows.prepare([12, 2, 1]))
    assert shown() == [12, 2, 1]
