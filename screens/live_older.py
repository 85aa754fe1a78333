"""The line of Live above its rows that brings older ones from disk, and says how far back they reach."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from estconsole.activity import Activity
from estconsole.administration import Administration
from screens.activity_rows import MOST_OLDER, ActivityRows
from screens.background import in_thread
from screens.keys import key_of
from screens.lab_view import Clock
from screens.text import MUTED, counted, local_time

BLOCK = 1_000
"""So many older rows come at a time."""


@dataclass(slots=True)
class _Search:
    """A look through the log, from the newest row on: how far back it is, and whether it ended."""

    before: int | None
    reached: Activity | None = None
    is_at_end: bool = False

    def reach(self, activity: Activity) -> None:
        """Note that this row was looked at: whoever goes on goes on before it."""
        self.before, self.reached = activity.id, activity


class OlderRows(Static):
    """Reads older rows into `rows`, a block at a time from where the last one ended, until the log has no more."""

    def __init__(self, administration: Administration, rows: ActivityRows, now: Clock) -> None:
        super().__init__(id="older")
        self._administration = administration
        self._rows = rows
        self._now = now
        self._search: _Search | None = None
        self._stop: threading.Event | None = None

    @property
    def is_reading(self) -> bool:
        return self._stop is not None

    def start_over(self) -> None:
        """Forget how far back it is: the rows that match are others now."""
        self.stop()
        self._stop = self._search = None
        self.show()

    def stop(self) -> None:
        """Have the reading end with what it has."""
        if self._stop is not None:
            self._stop.set()

    async def read(self) -> bool:
        """Put the next rows from disk that match above the others; False where nothing is to be put there.

        Whoever awaits it must have the table drawn again before anything else happens: the rows are in other places.
        """
        search = self._search = self._search or _Search(self._rows.oldest)
        limit = min(BLOCK, MOST_OLDER - self._rows.older)
        if self.is_reading or search.is_at_end or limit <= 0:
            return False
        stop = self._stop = threading.Event()
        self._rows.keep_older()
        self.show()
        matches = self._rows.matcher()

        def test(activity: Activity) -> bool:
            search.reach(activity)
            return matches(activity)

        try:
            found = await in_thread(
                self._administration.activities.search, test, before=search.before, limit=limit, stop=stop.is_set
            )
            was_stopped = stop.is_set()
        finally:
            stop.set()  # also for the thread of a console that was left
        if self._stop is not stop:
            return False  # what matches is another question by now
        self._stop = None
        search.is_at_end = len(found) < limit and not was_stopped
        self._rows.put_older(found)
        return True

    def show(self) -> None:
        """Say how far back the rows reach, if any were asked for."""
        self.display = self._search is not None
        if self._search is not None:
            self.update(Content.styled(self._words(self._search), MUTED))

    def _words(self, search: _Search) -> str:
        if self.is_reading:
            return f"reading older rows… {key_of(self, 'live.stop')} stops"
        older, matching = self._rows.older, " match" if self._rows.is_filtered else ""
        if search.is_at_end:
            return f"{counted(older, 'older row')}, and no more on disk{matching}" if older else _none(matching)
        if older >= MOST_OLDER:
            return f"{older:,} older rows, and no more at once: filter for what you look for"
        back = f", back to {local_time(search.reached.at, self._now())}" if search.reached else ""
        return f"{counted(older, 'older row')}{back} · {key_of(self, 'live.older')} reads on"


def _none(matching: str) -> str:
    return f"no older rows on disk{matching}"
