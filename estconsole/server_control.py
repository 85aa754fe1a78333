"""What a front sees of the embedded server: its state and settings, and a way to start, stop and change it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from estconsole.errors import EstConsoleError
from estconsole.settings import PortLayout, ServerSettings
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
    """The base URL of each listener, with the ports that are really in use.

    `tls` is where a device without a certificate calls, `mtls` one with: the same URL where one port serves both.
    `http` is None where no port is plain (B-36).
    """

    http: str | None
    tls: str
    mtls: str

    @property
    def layout(self) -> PortLayout:
        """Which ports there are."""
        if self.http is None:
            return PortLayout.SINGLE
        return PortLayout.TWO if self.tls == self.mtls else PortLayout.THREE

    @property
    def public(self) -> str:
        """Where CA certificates and CRLs are: the plain port, or the TLS port where there is none."""
        return self.http or self.tls


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
    def settings(self) -> ServerSettings:
        """Where it listens, or would when it starts."""
        ...

    @property
    def requests_in_flight(self) -> int:
        """How many requests are being received or answered now."""
        ...

    def start(self) -> ServerState:
        """Bind every listener, then serve.

        Raises PortUnavailableError, NoAuthorityError in a lab without a CA, or ServerFaultError; the state says it too.
        """
        ...

    def stop(self) -> ServerState:
        """Close the listeners, let requests in flight finish, and end the server's thread."""
        ...

    def apply(self, settings: ServerSettings) -> ServerState:
        """Take other settings; while it serves, listen as they say without a gap.

        Who is connected, or waits to be, is served on as before. Raises PortUnavailableError or ServerFaultError:
        everything then goes on as it was.
        """
        ...

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:
        """Call `listener` on every change of state, from whichever thread makes it."""
        ...
