"""EstService: the embedded EST server as the fronts see it, started and stopped any number of times."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from estconsole.administration import Administration
from estconsole.engine import Engine
from estconsole.errors import EstConsoleError, ServerFaultError
from estconsole.handshakes import HandshakeLog
from estconsole.server_control import ServerPhase, ServerState, ServerUrls
from estconsole.settings import ServerSettings
from estconsole.subscription import Publisher, Subscription
from estconsole.tls_material import TlsSource
from server.accept import HANDSHAKE_SECONDS
from server.est import est_app
from server.public import public_app
from server.running import Listener, RunningServer
from server.sockets import Ports, bind
from server.tls import TlsContexts

logger = logging.getLogger(__name__)


class EstService:
    """Serves EST on three ports (B-36) in a thread of its own. Implements ServerControl; any thread may call it."""

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
        self._turn = threading.Lock()  # one start or stop at a time
        self._running: RunningServer | None = None
        self._state = ServerState(phase=ServerPhase.STOPPED, since=datetime.now(UTC))
        self._publisher: Publisher[ServerState] = Publisher()

    @property
    def state(self) -> ServerState:
        return self._state

    @property
    def requests_in_flight(self) -> int:
        running = self._running
        return running.requests_in_flight if running is not None else 0

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:
        return self._publisher.subscribe(listener)

    def start(self) -> ServerState:
        with self._turn:
            if self._state.phase is ServerPhase.SERVING:
                return self._state
            self._enter(ServerPhase.STARTING)
            try:
                urls = self._start()
            except EstConsoleError as problem:
                self._enter(ServerPhase.FAILED, problem=problem)
                raise
            except Exception as error:
                logger.exception("the EST server did not start")
                fault = ServerFaultError("The EST server did not start.", "The log file says why.")
                self._enter(ServerPhase.FAILED, problem=fault)
                raise fault from error
            state = self._enter(ServerPhase.SERVING, urls=urls)
            if self._running is not None and not self._running.is_alive:
                self._crashed(self._running)  # it ended before the state said that it serves
            return state

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

    def _start(self) -> ServerUrls:
        ports = bind(self._settings)
        try:
            listeners = self._listeners(ports)
        except Exception as error:
            ports.close()
            logger.exception("the TLS material cannot be used")
            hint = error.hint if isinstance(error, EstConsoleError) else "The log file says what is wrong with it."
            raise ServerFaultError("The server's certificate or trust cannot be loaded.", hint) from error
        running = RunningServer(listeners, self._handshakes.report, self._crashed, self._handshake_seconds)
        self._running = running  # before it runs: a crash at once must find it
        if not running.start():
            self._running = None
            running.stop()
            raise ServerFaultError("The EST server did not start.", "The log file says why.")
        return self._urls(ports)

    def _listeners(self, ports: Ports) -> tuple[Listener, ...]:
        contexts = TlsContexts(self._tls)
        contexts.for_connection(ask_for_certificate=True)  # material that cannot be used shows here, not at a client
        est = est_app(self._engine)
        return (
            Listener(sockets=ports.http.sockets, app=public_app(self._administration)),
            Listener(
                sockets=ports.tls.sockets, app=est, context=lambda: contexts.for_connection(ask_for_certificate=False)
            ),
            Listener(
                sockets=ports.mtls.sockets, app=est, context=lambda: contexts.for_connection(ask_for_certificate=True)
            ),
        )

    def _urls(self, ports: Ports) -> ServerUrls:
        host = self._settings.public_host
        shown = f"[{host}]" if ":" in host else host
        return ServerUrls(
            http=f"http://{shown}:{ports.http.number}",
            tls=f"https://{shown}:{ports.tls.number}",
            mtls=f"https://{shown}:{ports.mtls.number}",
        )

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
