"""The open lab as the screens see it: what they ask, what they follow, and what the operator prefers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from estconsole.activity import Activity, ActivityFeed
from estconsole.administration import Administration
from estconsole.preferences import Preferences
from estconsole.server_control import ServerControl

Clock = Callable[[], datetime]
AnswerCode = Callable[[Activity], int]


def utc_now() -> datetime:
    """The time now, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabView:
    """What every screen is given. `answer_code` tells the HTTP status that a row's client was answered.

    In a `read_only` one nothing is offered that changes the lab; the administration would refuse it too.
    """

    name: str
    administration: Administration
    feed: ActivityFeed
    server: ServerControl
    answer_code: AnswerCode
    preferences: Preferences = field(default_factory=Preferences.in_memory)
    now: Clock = utc_now
    read_only: bool = False
