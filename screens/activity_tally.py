"""How much comes over the wire, and how it ends: counted as it comes, by the minute lately and in all."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

from estconsole.activity import FEED_SIZE, Activity, Outcome
from screens.lab_view import Clock

MINUTES = 15
"""The minutes that are told apart."""

_BARS = "▁▂▃▄▅▆▇█"


class ActivityTally:
    """Counts rows by their outcome. What is asked of it costs the same whatever was counted."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self.since = now()
        self.totals: Counter[Outcome] = Counter()
        """What came since `since`: a handshake row counts as often as it was repeated."""
        self._minutes: dict[int, Counter[Outcome]] = {}
        self._counted: OrderedDict[int, int] = OrderedDict()

    def add(self, activities: Iterable[Activity], *, earlier: bool = False) -> None:
        """Count rows; what was counted of one already, only as far as it grew. `earlier` ones are not in the totals."""
        first = self._first_minute
        for old in [minute for minute in self._minutes if minute < first]:
            del self._minutes[old]
        for activity in activities:
            more = self._growth(activity)
            if not earlier:
                self.totals[activity.outcome] += more
            if (minute := _minute(activity.at.timestamp())) >= first:
                self._minutes.setdefault(minute, Counter())[activity.outcome] += more

    def lately(self, outcome: Outcome) -> tuple[int, ...]:
        """How many ended so in each of the last minutes; this one is the last."""
        first = self._first_minute
        return tuple(
            self._minutes[minute][outcome] if minute in self._minutes else 0 for minute in range(first, first + MINUTES)
        )

    @property
    def _first_minute(self) -> int:
        return _minute(self._now().timestamp()) - MINUTES + 1

    def _growth(self, activity: Activity) -> int:
        """By how much a row grew since it was counted. The console is told of some rows twice as it opens."""
        more = max(0, activity.count - self._counted.pop(activity.id, 0))
        self._counted[activity.id] = activity.count
        if len(self._counted) > FEED_SIZE:
            self._counted.popitem(last=False)
        return more


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, the highest as high as a line: what is not zero is higher than what is."""
    most = max(counts, default=0)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] if count else _BARS[0] for count in counts)


def _minute(seconds: float) -> int:
    return int(seconds // 60)
