"""The rows of End entities: the registrations, sorted by username, searched, and as the cells of a table."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from estconsole.domain.model import OPEN_STATUSES, EndEntity, EntityStatus
from screens.columns import Column
from screens.frame import Clock
from screens.table import Cell
from screens.text import NONE, local_time, plain

COLUMNS = (
    Column(title="username", least=18, most=32),
    Column(title="subject", least=20, most=64),
    Column(title="status", least=11, most=12),
    Column(title="requests", least=8, most=10),
    Column(title="seen", least=14, most=19),
)

_EMPTY = "No end entities yet. a registers one: a device enrolls under its username, with its code."
_NO_MATCH = "No end entity matches the search. esc clears it."


@dataclass(frozen=True, slots=True)
class Row:
    """An end entity, its subject as text, and what a search looks at, casefolded."""

    entity: EndEntity
    subject: str
    text: str


class EntityRows:
    """The end entities that a screen holds, and those of them that its search shows."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._all: dict[str, Row] = {}
        self._shown: list[Row] = []
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def total(self) -> int:
        """The number of end entities, shown or not."""
        return len(self._all)

    def entity(self, index: int) -> EndEntity:
        return self._shown[index].entity

    def key(self, index: int) -> str:
        return self._shown[index].entity.username

    def position(self, key: Hashable) -> int:
        return _index(self._shown, key)

    def cells(self, index: int) -> Sequence[Cell]:
        row = self._shown[index]
        entity = row.entity
        seen = local_time(entity.enrolled_at, self._now()) if entity.enrolled_at else NONE
        return (
            Cell(plain(entity.username)),
            Cell(plain(row.subject), "faint"),
            status_cell(entity.status),
            Cell(f"{entity.remaining_requests} left", "" if entity.remaining_requests else "faint"),
            Cell(seen, "faint"),
        )

    def replace(self, entities: Iterable[EndEntity]) -> None:
        """Show these; what is known of one that did not change is kept."""
        rows = {}
        for entity in entities:
            known = self._all.get(entity.username)
            rows[entity.username] = known if known is not None and _same(known.entity, entity) else _row(entity)
        self._all = rows
        self._search()

    @property
    def summary(self) -> str:
        """How many there are, and how many of them are shown."""
        shown, total = len(self._shown), self.total
        return f"{shown:,} of {total:,} shown" if shown != total else f"{total:,} registered"

    @property
    def absence(self) -> str:
        """Why no row is shown, and what to do about it."""
        return _NO_MATCH if self.total else _EMPTY

    def set_search(self, typed: str) -> None:
        """Show the end entities that hold every word."""
        self._words = typed.casefold().split()
        self._search()

    def shows(self, username: str) -> bool:
        """Whether the search shows this end entity."""
        index = self.position(username)
        return index < len(self._shown) and self.key(index) == username

    def _search(self) -> None:
        self._shown = [row for row in self._all.values() if all(word in row.text for word in self._words)]


def _index(rows: list[Row], username: Hashable) -> int:
    """Where an end entity stands, or would stand."""
    return bisect_left(rows, username, key=lambda row: row.entity.username) if isinstance(username, str) else 0


def status_cell(status: EntityStatus) -> Cell:
    """A status as a sign and a word: open to enroll, at rest, or closed for good."""
    if status in OPEN_STATUSES:
        return Cell(f"● {status.name}", "good" if status is EntityStatus.NEW else "attention")
    if status in (EntityStatus.REVOKED, EntityStatus.HISTORICAL):
        return Cell(f"✗ {status.name}", "bad")
    return Cell(f"○ {status.name}")


def _same(one: EndEntity, other: EndEntity) -> bool:
    """Whether a registration did not change: every change of the engine or the operator shows in one of these."""
    return (one.registration, one.revision, one.modified_at) == (other.registration, other.revision, other.modified_at)


def _row(entity: EndEntity) -> Row:
    subject = str(entity.subject)
    return Row(entity, subject, f"{entity.username}\n{subject}\n{entity.status.name}".casefold())
