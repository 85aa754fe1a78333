"""The line of Live that says how much comes over the wire: sparklines of the last minutes, and counters."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from estconsole.activity import Activity, Outcome
from screens.activity_tally import MINUTES, ActivityTally, sparkline
from screens.lab_view import Clock
from screens.text import MUTED

LOOKS_EVERY = 5.0
"""Seconds after which the line is drawn again when nothing came: quiet minutes go by too."""

Part = tuple[str, str]


class Traffic(Static):
    """Counts what comes, whatever the filter shows and also while rows are held back."""

    def __init__(self, now: Clock) -> None:
        super().__init__(id="traffic")
        self._tally = ActivityTally(now)
        self._shown = Content("")

    def count(self, activities: Iterable[Activity], *, earlier: bool = False) -> None:
        """Take rows in; `earlier` ones came before the console was opened."""
        self._tally.add(activities, earlier=earlier)
        self._show()

    def on_mount(self) -> None:
        self.set_interval(LOOKS_EVERY, self._show)

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        shown = traffic_words(self._tally, self.app.size.width - 2)
        if shown != self._shown:
            self._shown = shown
            self.update(shown, layout=False)


def traffic_words(tally: ActivityTally, width: int) -> Content:
    """As much as fits into `width` cells: what came since the start is left out first, then words, then the lines."""
    label, minutes = f"last {MINUTES} min", f"{MINUTES} min"
    since = [(f"   since {tally.since.astimezone():%H:%M}", MUTED), *_totals(tally)]
    forms = (
        [(label, MUTED), *_lately(tally, " granted", " refused", " handshakes"), *since],
        [(minutes, MUTED), *_lately(tally, " granted", " refused", " handshakes"), *since],
        [(label, MUTED), *_lately(tally, " granted", " refused", " handshakes")],
        [(minutes, MUTED), *_lately(tally, " granted", " refused", " TLS")],
        [(minutes, MUTED), *_lately(tally, "", "", " TLS")],
        [(minutes, MUTED), *_lately(tally, "", "", " TLS", lines=False)],
    )
    contents = [Content.assemble(*form) for form in forms]
    return next((content for content in contents if content.cell_length <= width), contents[-1])


def _lately(tally: ActivityTally, granted: str, refused: str, failed: str, *, lines: bool = True) -> list[Part]:
    """The last minutes: each number with its sign and, where there is room, its word and its line."""
    parts: list[Part] = []
    for outcome, sign, tone, word in (
        (Outcome.GRANTED, "✓", "$success", granted),
        (Outcome.REFUSED, "✗", "$error", refused),
        (Outcome.HANDSHAKE, "✗", "$error", failed),
    ):
        counts = tally.lately(outcome)
        parts += [("  ", ""), (f"{sign} {sum(counts):,}{word}", tone)]
        if lines and outcome is not Outcome.HANDSHAKE:
            parts.append((f" {sparkline(counts)}", tone))
    return parts


def _totals(tally: ActivityTally) -> list[Part]:
    granted, refused, failed = (tally.totals[outcome] for outcome in Outcome)
    return [(f" ✓ {granted:,} ✗ {refused:,} TLS {failed:,}", MUTED)]
