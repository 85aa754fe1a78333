"""How a registration moves: what an enrollment, a wrong code and an operator's reset make of an end entity."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from estconsole.domain.model import OPEN_STATUSES, UNLIMITED, EndEntity, EntityStatus


def after_enrollment(entity: EndEntity, now: datetime) -> EndEntity:
    """One request fewer; the last one makes it GENERATED; the login counter starts over (B-10, B-11)."""
    remaining = max(entity.remaining_requests - 1, 0)
    return replace(
        entity,
        remaining_requests=remaining,
        remaining_logins=entity.max_failed_logins,
        status=entity.status if remaining else EntityStatus.GENERATED,
        enrolled_at=now,
        modified_at=now,
    )


def after_wrong_code(entity: EndEntity, now: datetime) -> EndEntity:
    """One login fewer; the last one closes the entity and resets the counter (B-11)."""
    if entity.max_failed_logins == UNLIMITED:
        return entity
    remaining = entity.remaining_logins - 1
    if remaining > 0:
        return replace(entity, remaining_logins=remaining, modified_at=now)
    return replace(entity, remaining_logins=entity.max_failed_logins, status=EntityStatus.GENERATED, modified_at=now)


def closed(status: EntityStatus) -> EntityStatus:
    """The status of an entity that has no request left: GENERATED, where it was open (B-10)."""
    return EntityStatus.GENERATED if status in OPEN_STATUSES else status


def reopened(entity: EndEntity, now: datetime) -> EndEntity:
    """The entity set to NEW: the registered counts are restored, the code stays (B-10)."""
    return replace(
        entity,
        status=EntityStatus.NEW,
        revocation=None,
        remaining_requests=entity.allowed_requests,
        remaining_logins=entity.max_failed_logins,
        modified_at=now,
    )
