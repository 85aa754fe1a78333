"""What stands beside the filter of Live: whether new rows are followed, held back or waiting, and how many match."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from estconsole.activity import FEED_SIZE, Activity
from screens.activity_rows import ActivityRows
from screens.keys import key_of
from screens.text import MUTED, counted


class Following(Static):
    """Holds rows back during a pause, bounded, and says what there is that is not in view."""

    def __init__(self) -> None:
        super().__init__(id="follow-state", classes="bar-state")
        self.waiting = 0
        """The rows that came below those in view."""
        self._held: OrderedDict[int, Activity] | None = None

    @property
    def is_paused(self) -> bool:
        return self._held is not None

    def pause(self) -> None:
        self._held = OrderedDict()

    def hold(self, activities: Iterable[Activity]) -> None:
        """Keep rows that come during the pause, the newest of them if they are very many."""
        if self._held is None:
            raise ValueError("there is no pause")
        for activity in activities:
            self._held[activity.id] = activity
            if len(self._held) > FEED_SIZE:
                self._held.popitem(last=False)

    def go_on(self) -> tuple[Activity, ...]:
        """End the pause: the rows that it held back."""
        held, self._held = self._held or OrderedDict(), None
        return tuple(held.values())

    def show(self, rows: ActivityRows, *, follows: bool) -> None:
        """Say how it is."""
        shown, total = len(rows) - rows.older, rows.total
        if self._held is not None:
            goes_on = f" · {len(self._held):,} waiting · {key_of(self, 'live.pause')} goes on"
            state = Content.assemble(("‖ paused", "$warning"), goes_on)
        elif not total:
            state = Content("")
        elif follows:
            state = Content.assemble(("●", "$success"), " following")
        else:
            waiting = f"{self.waiting:,} waiting" if self.waiting else "not following"
            state = Content.assemble(("▲", "$warning"), f" {waiting} · {key_of(self, 'live.follow')} follows")
        if shown != total:
            state = Content.assemble((f"{shown:,} of {counted(total, 'row')} shown · ", MUTED), state)
        self.update(state)
