"""A running server: one thread, one event loop, accept loops on bound sockets, and uvicorn's own life cycle."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from estconsole.domain.handshake import HandshakeFailure
from server.accept import AcceptLoop
from server.guard import guarded
from server.protocol import EstProtocol
from server.tls import ConnectionContext

logger = logging.getLogger(__name__)
# uvicorn and asyncio speak to these; without a handler Python would print them over the console.
for _name in ("uvicorn.error", "asyncio"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

START_SECONDS = 10.0
GRACE_SECONDS = 3
"""How long requests in flight may take once the server stops (seconds)."""
HAND_OVER_SECONDS = 30
"""How long they may take when another server serves already (seconds): only the one who changes settings waits, and the
largest key that is made for a device takes seconds (B-22)."""
SETTLE_SECONDS = 2.0
"""How long a client that has connected may take to its first request when another server takes over (seconds): a device
sends it with the end of its handshake."""
_STOP_SECONDS = SETTLE_SECONDS + GRACE_SECONDS + 5.0
_IDLE_SECONDS = 15  # that a connection may rest between two requests
_WORKERS = 8  # threads that enrollments run in; the store takes one at a time, signatures run beside it


@dataclass(frozen=True, slots=True)
class Listener:
    """An application on its sockets. `context` gives each connection its TLS context; None is a plain port."""

    sockets: Sequence[socket.socket]
    app: ASGIApp
    context: Callable[[], ConnectionContext] | None = None


class RunningServer:
    """Serves from `start` to `stop`, once. `crashed` is called in its thread if it ends in between."""

    def __init__(
        self,
        listeners: Sequence[Listener],
        report: Callable[[str, HandshakeFailure], None],
        crashed: Callable[[RunningServer], None],
        handshake_seconds: float,
    ) -> None:
        self._listeners = listeners
        self._report = report
        self._crashed = crashed
        self._handshake_seconds = handshake_seconds
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._handing_over = False
        self._listens_no_more = threading.Event()
        self._ended = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requests: Set[asyncio.Task[None]] = set()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="est-server", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs, and is not about to end."""
        return self._thread.is_alive() and not self._ended

    @property
    def requests_in_flight(self) -> int:
        return len(self._requests)

    def start(self) -> bool:
        """Begin to serve; whether it does."""
        self._thread.start()
        return self._up.wait(START_SECONDS) and self._thread.is_alive() and self._stop is not None

    def hand_over(self) -> None:
        """Leave whoever comes to another server on the same sockets; `stop` waits longer for who is connected."""
        self._handing_over = True
        self._begin_to_stop()
        self._listens_no_more.wait(START_SECONDS)

    def hurry(self) -> None:
        """Cut off, after the usual grace, what is in flight while it hands over: the whole service stops."""
        if self._loop is not None:
            self._in_loop(self._loop.call_later, GRACE_SECONDS, self._cut_off)

    def stop(self) -> bool:
        """Close the listeners, let requests in flight finish, and end the thread; whether it ended."""
        self._begin_to_stop()
        self._thread.join(_STOP_SECONDS + (HAND_OVER_SECONDS if self._handing_over else 0))
        return not self._thread.is_alive()

    def _begin_to_stop(self) -> None:
        self._stopping.set()
        if self._stop is not None:
            self._in_loop(self._stop.set)

    def _in_loop(self, call: Callable[..., object], *arguments: object) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended by itself
                self._loop.call_soon_threadsafe(call, *arguments)

    def _cut_off(self) -> None:
        for task in tuple(self._requests):
            task.cancel()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException:
            logger.exception("the EST server ended")
        finally:
            for listener in self._listeners:
                for listening in listener.sockets:
                    listening.close()
            self._ended = True
            self._listens_no_more.set()
            was_up = self._up.is_set()
            self._up.set()
            if was_up and not self._stopping.is_set():
                self._crashed(self)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_WORKERS, thread_name_prefix="est-worker"))
        loop.set_exception_handler(_log_exception)
        server = uvicorn.Server(_config(self._listeners[0].app))
        self._requests = server.server_state.tasks
        life = loop.create_task(server.serve(sockets=[]))
        loops = [one for listener in self._listeners for one in self._accept_loops(listener, server)]
        accepting = [loop.create_task(accept_loop.run()) for accept_loop in loops]
        self._loop, self._stop = loop, asyncio.Event()
        self._up.set()
        stopping = loop.create_task(self._stop.wait())
        ended, _ = await asyncio.wait({stopping, life, *accepting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopping, *accepting):
            task.cancel()
        await asyncio.wait({stopping, *accepting})
        if self._handing_over:
            for accept_loop in loops:
                accept_loop.stop_listening()
            self._listens_no_more.set()
            server.config.timeout_graceful_shutdown = HAND_OVER_SECONDS  # read when the shutdown begins
            await _settle(loops, server)
        for accept_loop in loops:
            await accept_loop.close()
        server.should_exit = True
        await life
        await _abort(server)
        for task in ended - {stopping}:
            task.result()  # raises what ended it
            raise RuntimeError("a part of the server ended by itself")

    def _accept_loops(self, listener: Listener, server: uvicorn.Server) -> list[AcceptLoop]:
        config = _config(listener.app)
        return [
            AcceptLoop(
                listening,
                lambda: EstProtocol(config, server.server_state),
                listener.context,
                self._report,
                shed=lambda: close_idle(server),
                handshake_seconds=self._handshake_seconds,
            )
            for listening in listener.sockets
        ]


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        guarded(app),
        http=EstProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # answers bring their own, in RFC 9110's case
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def close_idle(server: uvicorn.Server) -> None:
    """Close the connections that no request is worked on for."""
    for connection in tuple(server.server_state.connections):
        if isinstance(connection, EstProtocol) and connection.is_idle:
            connection.shutdown()


async def _settle(loops: Sequence[AcceptLoop], server: uvicorn.Server) -> None:
    """Wait, for a moment, until every connection that was accepted has had its handshake and its first request."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_SECONDS):
            await asyncio.gather(*(accept_loop.finish_handshakes() for accept_loop in loops))
            connections = [each for each in server.server_state.connections if isinstance(each, EstProtocol)]
            await asyncio.gather(*(connection.first_request.wait() for connection in connections))


async def _abort(server: uvicorn.Server) -> None:
    """Drop the connections that did not end in their time of grace, and let the loop see to it."""
    for connection in tuple(server.server_state.connections):
        if isinstance(connection, EstProtocol):
            connection.transport.abort()
    await asyncio.sleep(0)  # the transports are told
    await asyncio.sleep(0)  # the protocols are told


def _log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logger.error("%s", context.get("message", "a fault in the event loop"), exc_info=context.get("exception"))
