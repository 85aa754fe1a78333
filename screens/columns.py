"""Columns of a table, and the rule by which they share a line: the rightmost give way first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column is shown in `least` cells or more, likes to have `kept`, and never has more than `most`.

    An `optional` one is left out where the others could not have what they like.
    """

    title: str
    least: int
    kept: int = 0
    most: int = 0
    right: bool = False
    optional: bool = False


class Placed(NamedTuple):
    """A column that is shown, and its width in cells."""

    column: Column
    width: int


@lru_cache(maxsize=32)
def place(columns: tuple[Column, ...], width: int) -> tuple[Placed, ...]:
    """The columns that fit into `width` cells with one cell between them, hidden from the right (screens.md).

    Spare cells go to the columns that would have more, those that lack least first: they are then whole.
    """
    shown = list(columns)
    while shown[-1].optional and sum(max(each.least, each.kept) for each in shown) + len(shown) - 1 > width:
        shown.pop()
    while len(shown) > 1 and sum(each.least for each in shown) + len(shown) - 1 > width:
        shown.pop()
    widths = [each.least for each in shown]
    spare = width - sum(widths) - len(shown) + 1
    for wanted in ([each.kept for each in shown], [each.most for each in shown]):
        for lacking, index in sorted(
            (most - has, index) for index, (most, has) in enumerate(zip(wanted, widths, strict=True))
        ):
            given = max(0, min(spare, lacking))
            widths[index] += given
            spare -= given
    if spare < 0:
        widths[0] += spare
    return tuple(Placed(column, max(0, cells)) for column, cells in zip(shown, widths, strict=True))
