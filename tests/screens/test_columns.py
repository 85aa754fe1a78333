"""How columns share a line."""

from __future__ import annotations

from screens.columns import Column, place

TIME = Column(title="time", least=8)
ALIAS = Column(title="alias", least=5, most=9)
ENTITY = Column(title="entity", least=9, kept=12, most=40)
MILLISECONDS = Column(title="ms", least=3, optional=True)
COLUMNS = (TIME, ALIAS, ENTITY, MILLISECONDS)


def widths(width: int) -> dict[str, int]:
    return {placed.column.title: placed.width for placed in place(COLUMNS, width)}


def test_the_rightmost_column_is_hidden_first() -> None:
    assert widths(31) == {"time": 8, "alias": 5, "entity": 12, "ms": 3}
    assert list(widths(30)) == ["time", "alias", "entity"]
    assert widths(24) == {"time": 8, "alias": 5, "entity": 9}
    assert list(widths(23)) == ["time", "alias"]


def test_spare_cells_make_the_column_whole_that_lacks_least() -> None:
    assert widths(36) == {"time": 8, "alias": 9, "entity": 13, "ms": 3}


def test_no_column_has_more_than_it_would() -> None:
    assert widths(200) == {"time": 8, "alias": 9, "entity": 40, "ms": 3}


def test_a_line_that_is_too_short_for_one_column_cuts_it() -> None:
    assert widths(5) == {"time": 5}
    assert widths(0) == {"time": 0}
