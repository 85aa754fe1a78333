"""What a front sees of the embedded server: its state, and a way to start and stop it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from estconsole.errors import EstConsoleError
from estconsole.subscription import Subscription


class ServerPhase(enum.StrEnum):
    """The life cycle of the embedded server."""

    STOPPED = "stopped"
    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ServerUrls:
    """The base URL of each listener, with the ports that are really in use."""

    http: str
    tls: str
    mtls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """A snapshot of the server. `urls` are set while it serves; `problem` says why it does not."""

    phase: ServerPhase
    since: datetime
    urls: ServerUrls | None = None
    problem: EstConsoleError | None = None


class ServerControl(Protocol):
    """The handle on the embedded server. Calls block until they are done: make them from a worker."""

    @property
    def state(self) -> ServerState:
        """The state now."""
        ...

    @property
    def requests_in_flight(self) -> int:
        """How many requests are being received or answered now."""
        ...

    def start(self) -> ServerState:
        """Bind every listener, then serve. Raises PortUnavailableError or ServerFaultError; the state says it too."""
        ...

    def stop(self) -> ServerState:
        """Close the listeners, let requests in flight finish, and end the server's thread."""
        ...

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:
        """Call `listener` on every change of state, from whichever thread makes it."""
        ...
