"""The rows of Live: what came over the wire, sorted by id, filtered, and as the cells of a table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from estconsole.activity import FEED_SIZE, Activity, Outcome
from screens.activity_filter import ActivityFilter
from screens.activity_words import code_text, operation_name, result_text
from screens.columns import Column
from screens.lab_view import AnswerCode, Clock
from screens.table import Cell
from screens.text import NONE, local_moment, local_time, plain, shortened

# What a line holds of the two kinds of time: 14:02:07, and 11-24 14:02:07 once a row is not of today.
_TIME_OF_DAY, _TIME_WITH_DATE = 8, 14

# The columns that grow with what was seen in them: what they have at least, what they like
# to have, and what they have at most.
_GROWING = {"peer": (7, 9, 39), "alias": (5, 9, 16), "entity": (9, 17, 40), "result": (12, 19, 28)}


MOST_OLDER = 10_000
"""Rows from disk that stand above those of the feed at once."""


@dataclass(frozen=True, slots=True)
class Row:
    """An activity, and all that its columns say, casefolded, for the filter."""

    activity: Activity
    text: str


class ActivityRows:
    """The rows that a Live screen holds, bounded, and those of them that its filter shows.

    Above them may stand older ones, which were found on disk and match the filter that was set then.
    """

    def __init__(self, answer_code: AnswerCode, now: Clock, size: int = FEED_SIZE) -> None:
        self._answer_code = answer_code
        self._now = now
        self._size = size
        self._all: list[Row] = []
        self._shown: list[Row] = self._all
        self._filter = ActivityFilter()
        self._has_older = False
        self._cleared: int | None = None
        self._widest = dict.fromkeys(_GROWING, 0)

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def total(self) -> int:
        """The number of rows, shown or not; older ones from disk are not among them."""
        return len(self._all)

    @property
    def older(self) -> int:
        """The number of older rows that stand above the others."""
        if not self._has_older:
            return 0
        return _index(self._shown, self._all[0].activity.id) if self._all else len(self._shown)

    @property
    def oldest(self) -> int | None:
        """The id below which every row is older than these; None where any row is."""
        return self._all[0].activity.id if self._all else self._cleared

    @property
    def is_filtered(self) -> bool:
        return bool(self._filter)

    @property
    def filter_problem(self) -> str:
        """What is wrong with a term of the filter; empty where nothing is."""
        return self._filter.problem

    @property
    def dated(self) -> bool:
        """Whether a row is not of today: the oldest one tells."""
        oldest = self._shown if self._has_older and self._shown else self._all
        return bool(oldest) and oldest[0].activity.at.astimezone().date() != self._now().astimezone().date()

    def columns(self) -> tuple[Column, ...]:
        """The columns of Live, as wide as what was seen in them; 80 cells hold all of them in a usual lab."""
        peer, alias, entity, result = (
            Column(title=name, least=least, kept=min(kept, self._widest[name]), most=self._widest[name])
            for name, (least, kept, _) in _GROWING.items()
        )
        return (
            Column(title="time", least=_TIME_WITH_DATE if self.dated else _TIME_OF_DAY),
            peer,
            alias,
            Column(title="operation", least=9),
            entity,
            result,
            Column(title="code", least=4, right=True, optional=True),
            Column(title="ms", least=3, most=5, right=True, optional=True),
        )

    def activity(self, index: int) -> Activity:
        return self._shown[index].activity

    def key(self, index: int) -> int:
        return self._shown[index].activity.id

    def position(self, key: Hashable) -> int:
        return _index(self._shown, key)

    def cells(self, index: int) -> Sequence[Cell]:
        return _cells(self._shown[index].activity, self._now(), self._answer_code)

    def merge(self, activities: Iterable[Activity]) -> int:
        """Take in a batch: new rows by id, repeated ones in their place. Returns how many new ones are shown."""
        added = 0
        for activity in activities:
            if self._cleared is not None and activity.id < self._cleared:
                continue  # its count grew after it was cleared
            row = Row(activity, self._text(activity))
            self._measure(activity)
            new = _put(self._all, row)
            if self._shown is self._all:
                added += new
            elif self._filter.matches(activity, row.text):
                added += _put(self._shown, row)
        self._trim()
        return added

    def set_filter(self, wanted: ActivityFilter) -> None:
        """Show the rows that match."""
        self._filter = wanted
        self._has_older = False
        self._shown = [row for row in self._all if wanted.matches(row.activity, row.text)] if wanted else self._all

    def clear(self) -> None:
        """Take every row off; they stay on disk."""
        if self._all:
            self._cleared = self._all[-1].activity.id + 1
        self._all.clear()
        self.set_filter(self._filter)

    def matcher(self) -> Callable[[Activity], bool]:
        """Whether the filter as it is now shows a row, for another thread."""
        wanted = self._filter
        return lambda activity: wanted.matches(activity, self._text(activity) if wanted.words else "")

    def keep_older(self) -> None:
        """From now on the rows that the bound takes away stay above the others, as older ones: there comes no gap."""
        if self._shown is self._all:
            self._shown = self._all.copy()
        self._has_older = True

    def put_older(self, activities: Iterable[Activity]) -> None:
        """Put rows that are older than all that are shown above them, in their order."""
        self.keep_older()
        rows = [Row(activity, self._text(activity)) for activity in activities]
        for row in rows:
            self._measure(row.activity)
        self._shown[:0] = rows

    def _trim(self) -> None:
        """Drop the oldest rows past the bound, from both lists; older ones have a bound of their own."""
        if (surplus := len(self._all) - self._size) > 0:
            oldest = self._all[surplus].activity.id
            del self._all[:surplus]
            if self._shown is not self._all and not self._has_older:
                del self._shown[: _index(self._shown, oldest)]
        if (surplus := self.older - MOST_OLDER) > 0:
            del self._shown[:surplus]

    def _measure(self, activity: Activity) -> None:
        """Note how wide the columns would like to be."""
        seen = (activity.peer, activity.alias, activity.username, result_text(activity))
        for (name, (_, _, bound)), text in zip(_GROWING.items(), seen, strict=True):
            if self._widest[name] < bound:
                self._widest[name] = max(self._widest[name], min(bound, cell_len(plain(text[:bound]))))

    def _text(self, activity: Activity) -> str:
        texts = (
            local_moment(activity.at),
            activity.peer,
            activity.alias,
            operation_name(activity),
            activity.operation,
            activity.username,
            result_text(activity),
            code_text(activity, self._answer_code),
            activity.reference,
        )
        return "\n".join(texts).casefold()


def _index(rows: list[Row], number: Hashable) -> int:
    """Where a row of this id stands, or would stand."""
    return bisect_left(rows, number, key=lambda row: row.activity.id) if isinstance(number, int) else 0


def _put(rows: list[Row], row: Row) -> bool:
    """Put a row where its id belongs; True when no row had it."""
    number = row.activity.id
    if not rows or rows[-1].activity.id < number:
        rows.append(row)
        return True
    index = _index(rows, number)
    if rows[index].activity.id == number:
        rows[index] = row
        return False
    rows.insert(index, row)
    return True


def _cells(activity: Activity, now: datetime, answer_code: AnswerCode) -> tuple[Cell, ...]:
    granted = activity.outcome is Outcome.GRANTED
    handshake = activity.outcome is Outcome.HANDSHAKE
    took = NONE if handshake else f"{activity.milliseconds:.0f}" if activity.milliseconds >= 1 else "<1"
    return (
        Cell(local_time(activity.at, now), "faint"),
        _cell(activity.peer),
        _cell(activity.alias),
        _cell(operation_name(activity)),
        _cell(activity.username),
        Cell(plain(result_text(activity)), "good" if granted else "bad"),
        Cell(code_text(activity, answer_code), "faint"),
        Cell(took, "faint"),
    )


def _cell(text: str) -> Cell:
    return Cell(shortened(text)) if text else Cell(NONE, "faint")
