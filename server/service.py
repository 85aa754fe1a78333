"""EstService: the embedded EST server as the fronts see it, started, changed and stopped any number of times."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from estconsole.administration import Administration
from estconsole.engine import Engine
from estconsole.errors import EstConsoleError, NoAuthorityError, ServerFaultError
from estconsole.handshakes import HandshakeLog
from estconsole.server_control import ServerPhase, ServerState, ServerUrls
from estconsole.settings import ServerSettings
from estconsole.subscription import Publisher, Subscription
from estconsole.tls_material import TlsSource
from server.accept import HANDSHAKE_SECONDS
from server.est import est_app
from server.public import add_public_routes, public_app
from server.running import Listener, RunningServer
from server.sockets import Ports, bind
from server.tls import TlsContexts

logger = logging.getLogger(__name__)


class EstService:
    """Serves EST on the ports of a layout (B-36) in a thread of its own.

    Implements ServerControl; any thread may call it. A change of settings binds the new layout beside the old one, and
    has the running server listen there instead.
    """

    def __init__(
        self,
        settings: ServerSettings,
        engine: Engine,
        administration: Administration,
        handshakes: HandshakeLog,
        tls: TlsSource,
        *,
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._administration = administration
        self._handshakes = handshakes
        self._tls = tls
        self._handshake_seconds = handshake_seconds
        self._turn = threading.Lock()  # one start, stop or change at a time
        self._running: RunningServer | None = None
        self._ports: Ports | None = None
        self._state = ServerState(phase=ServerPhase.STOPPED, since=datetime.now(UTC))
        self._publisher: Publisher[ServerState] = Publisher()

    @property
    def state(self) -> ServerState:
        return self._state

    @property
    def settings(self) -> ServerSettings:
        return self._settings

    @property
    def requests_in_flight(self) -> int:
        return self._running.requests_in_flight if self._running is not None else 0

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:
        return self._publisher.subscribe(listener)

    def start(self) -> ServerState:
        with self._turn:
            if self._state.phase is ServerPhase.SERVING:
                return self._state
            self._enter(ServerPhase.STARTING)
            try:
                running, ports = self._listen(self._settings, None)
            except EstConsoleError as problem:
                self._enter(ServerPhase.FAILED, problem=problem)
                raise
            return self._serve_with(self._settings, running, ports)

    def apply(self, settings: ServerSettings) -> ServerState:
        with self._turn:
            listens_alike = replace(settings, names=self._settings.names) == self._settings
            if self._running is None or self._state.phase is not ServerPhase.SERVING or listens_alike:
                self._settings = settings
                return self._state
            return self._serve_with(settings, *self._listen(settings, self._running))

    def stop(self) -> ServerState:
        with self._turn:
            running, self._running = self._running, None
            if running is None:
                if self._state.phase is ServerPhase.STOPPED:
                    return self._state
                return self._enter(ServerPhase.STOPPED)
            self._enter(ServerPhase.STOPPING)
            if running.stop():
                return self._enter(ServerPhase.STOPPED)
            problem = ServerFaultError(
                "The EST server did not stop in time.", "A request still runs; restart the console to end it."
            )
            self._enter(ServerPhase.FAILED, problem=problem)
            raise problem

    def _serve_with(self, settings: ServerSettings, running: RunningServer, ports: Ports) -> ServerState:
        """A server that runs is the one that is shown and stopped."""
        self._settings, self._running, self._ports = settings, running, ports
        self._enter(ServerPhase.SERVING, urls=_urls(settings, ports))
        if not running.is_alive:
            self._crashed(running)  # it ended before the state said that it serves
        return self._state

    def _listen(self, settings: ServerSettings, running: RunningServer | None) -> tuple[RunningServer, Ports]:
        """Bind, then serve. Raises what `start` does; nothing more listens then than before."""
        try:
            ports = bind(settings, self._ports if running is not None else None)
            with ExitStack() as listening:
                listening.callback(ports.close)
                listeners = self._listeners(ports)
                if running is None:
                    running = self._started(listeners)
                else:
                    running.change(listeners)
                listening.pop_all()
        except EstConsoleError:
            raise
        except Exception as error:
            logger.exception("the EST server did not start")
            raise _no_start() from error
        return running, ports

    def _started(self, listeners: tuple[Listener, ...]) -> RunningServer:
        running = RunningServer(listeners, self._handshakes.report, self._crashed, self._handshake_seconds)
        if not running.start():
            running.stop()
            raise _no_start()
        return running

    def _listeners(self, ports: Ports) -> tuple[Listener, ...]:
        contexts = self._contexts()
        est = est_app(self._engine)
        if ports.http is None:
            add_public_routes(est, self._administration)  # they have no other port
        listeners = [Listener(ports.mtls.sockets, est, lambda: contexts.for_connection(ask_for_certificate=True))]
        if ports.tls is not None:
            listeners.append(
                Listener(ports.tls.sockets, est, lambda: contexts.for_connection(ask_for_certificate=False))
            )
        if ports.http is not None:
            listeners.append(Listener(ports.http.sockets, public_app(self._administration)))
        return tuple(listeners)

    def _contexts(self) -> TlsContexts:
        """The TLS contexts, tried once: material that cannot be used shows here, and not at a client."""
        contexts = TlsContexts(self._tls)
        try:
            contexts.for_connection(ask_for_certificate=True)
        except NoAuthorityError:
            raise
        except Exception as error:
            logger.exception("the TLS material cannot be used")
            hint = error.hint if isinstance(error, EstConsoleError) else "The log file says what is wrong with it."
            raise ServerFaultError("The server's certificate or trust cannot be loaded.", hint) from error
        return contexts

    def _crashed(self, running: RunningServer) -> None:
        """The server's thread ended by itself. `_running` is left to the next stop or start."""
        if running is self._running and self._state.phase is ServerPhase.SERVING:
            problem = ServerFaultError(
                "The EST server stopped by itself.", "Start it again; the log file says what happened."
            )
            self._enter(ServerPhase.FAILED, problem=problem)

    def _enter(
        self, phase: ServerPhase, *, urls: ServerUrls | None = None, problem: EstConsoleError | None = None
    ) -> ServerState:
        self._state = state = ServerState(phase=phase, since=datetime.now(UTC), urls=urls, problem=problem)
        self._publisher.publish(state)
        return state


def _no_start() -> ServerFaultError:
    return ServerFaultError("The EST server did not start.", "The log file says why.")


def _urls(settings: ServerSettings, ports: Ports) -> ServerUrls:
    host = settings.public_host
    shown = f"[{host}]" if ":" in host else host
    mtls = f"https://{shown}:{ports.mtls.number}"
    return ServerUrls(
        http=f"http://{shown}:{ports.http.number}" if ports.http else None,
        tls=f"https://{shown}:{ports.tls.number}" if ports.tls else mtls,
        mtls=mtls,
    )
