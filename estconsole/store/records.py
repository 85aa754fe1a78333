"""Records of the log to TinyDB documents and back.

A log may hold a hundred thousand records, so a field that came with a later version has a default in older ones.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from estconsole.activity import Activity, Outcome
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.record import ActivityRecord
from estconsole.store.documents import Document


def record_document(record: ActivityRecord) -> dict[str, Any]:
    """A record of the log without its number, which is its key."""
    activity = record.activity
    return {
        "at": activity.at.isoformat(),
        "outcome": str(activity.outcome),
        "peer": activity.peer,
        "alias": activity.alias,
        "operation": activity.operation,
        "username": activity.username,
        "reason": activity.reason.key if activity.reason else None,
        "milliseconds": activity.milliseconds,
        "count": activity.count,
        "http_basic": activity.http_basic,
        "is_empty": activity.is_empty,
        "trace": _trace_text(record.trace),
        "sealed_request": record.sealed_request,
        "presented": base64.b64encode(record.presented).decode(),
        "issued_sha256": record.issued_sha256,
        "code_fields": " ".join(record.code_fields),
    }


def activity_of(number: str, document: Document) -> Activity:
    """The row alone: what the feed is filled with when a lab opens."""
    outcome = Outcome(document["outcome"])
    return Activity(
        id=int(number),
        at=datetime.fromisoformat(document["at"]),
        outcome=outcome,
        peer=document["peer"],
        alias=document["alias"],
        operation=document["operation"],
        username=document["username"],
        reason=_reason(outcome, document["reason"]),
        milliseconds=document["milliseconds"],
        count=document["count"],
        http_basic=document.get("http_basic", False),
        is_empty=document.get("is_empty", False),
    )


def record_of(number: str, document: Document) -> ActivityRecord:
    """The record under a number."""
    return ActivityRecord(
        activity=activity_of(number, document),
        trace=tuple(Check(name, CheckState(state), *rest) for name, state, *rest in json.loads(document["trace"])),
        sealed_request=document["sealed_request"],
        presented=base64.b64decode(document["presented"]),
        issued_sha256=document["issued_sha256"],
        code_fields=tuple(document.get("code_fields", "").split()),
    )


def _reason(outcome: Outcome, key: str | None) -> RefusalReason | HandshakeFailure | None:
    if key is None:
        return None
    return HandshakeFailure.of_key(key) if outcome is Outcome.HANDSHAKE else RefusalReason.of_key(key)


def _trace_text(trace: tuple[Check, ...]) -> str:
    lines = [[check.name, str(check.state), check.expected, check.came] for check in trace]
    return json.dumps(lines, separators=(",", ":"))
