"""Rows as the engine would publish them, with times that do not change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from estconsole.activity import Activity, Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
"""When the fixed rows came."""


def granted(number: int, username: str = "123456789", **fields: object) -> Activity:
    return _row(number, Outcome.GRANTED, username=username, **fields)


def refused(number: int, reason: RefusalReason, username: str = "123456789", **fields: object) -> Activity:
    return _row(number, Outcome.REFUSED, username=username, reason=reason, **fields)


def handshake(number: int, reason: HandshakeFailure, count: int = 1, peer: str = "10.0.4.17") -> Activity:
    return _row(number, Outcome.HANDSHAKE, reason=reason, count=count, peer=peer, alias="", operation="")


def _row(number: int, outcome: Outcome, **fields: object) -> Activity:
    usual = {
        "at": NOON + timedelta(seconds=number % 3600),
        "peer": "127.0.0.1",
        "alias": "est",
        "operation": "simpleenroll",
        "milliseconds": 6.0,
    }
    return Activity(id=number, outcome=outcome, **(usual | fields))  # type: ignore[arg-type]
