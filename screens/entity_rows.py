"""The columns of End entities, and what a search there looks at."""

from __future__ import annotations

from datetime import UTC, datetime

from estconsole.domain.model import OPEN_STATUSES, EndEntity, EntityStatus
from screens.columns import Column
from screens.lab_view import Clock
from screens.record_rows import RecordColumn, RecordRows
from screens.table import Cell
from screens.text import NONE, local_time, shortened

_NEVER = datetime.min.replace(tzinfo=UTC)


def entity_rows(now: Clock) -> RecordRows[EndEntity]:
    """The rows of the list of end entities."""
    columns: tuple[RecordColumn[EndEntity], ...] = (
        RecordColumn(
            column=Column(title="username", least=18, most=32),
            cell=lambda entity: Cell(shortened(entity.username)),
            order=lambda entity: entity.username,
        ),
        RecordColumn(
            column=Column(title="subject", least=20, most=64),
            cell=lambda entity: Cell(shortened(str(entity.subject)), "faint"),
            order=lambda entity: str(entity.subject),
        ),
        RecordColumn(
            column=Column(title="status", least=11, most=12),
            cell=lambda entity: status_cell(entity.status),
            order=lambda entity: entity.status,
        ),
        RecordColumn(
            column=Column(title="requests", least=10, most=10),
            cell=lambda entity: Cell(f"{entity.remaining_requests} left", "" if entity.remaining_requests else "faint"),
            order=lambda entity: entity.remaining_requests,
        ),
        RecordColumn(
            column=Column(title="seen", least=14, most=19),
            cell=lambda entity: Cell(local_time(entity.enrolled_at, now()) if entity.enrolled_at else NONE, "faint"),
            order=lambda entity: entity.enrolled_at or _NEVER,
        ),
    )
    return RecordRows(columns, key=lambda entity: entity.username, text=_text, noun=("registered", "registered"))


def status_cell(status: EntityStatus) -> Cell:
    """A status as a sign and a word: open to enroll, at rest, or closed for good."""
    if status in OPEN_STATUSES:
        return Cell(f"● {status.name}", "good" if status is EntityStatus.NEW else "attention")
    if status in (EntityStatus.REVOKED, EntityStatus.HISTORICAL):
        return Cell(f"✗ {status.name}", "bad")
    return Cell(f"○ {status.name}")


def _text(entity: EndEntity) -> str:
    return f"{entity.username}\n{entity.subject}\n{entity.status.name}"
