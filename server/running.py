"""A running server: one thread, one event loop, accept loops on bound sockets, and uvicorn's own life cycle."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Sequence
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
_STOP_SECONDS = GRACE_SECONDS + 5.0
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
        self._ended = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = uvicorn.Server(_config(listeners[0].app))
        self._accepting: dict[asyncio.Task[None], AcceptLoop] = {}
        self._fault: asyncio.Future[None] | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="est-server", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs, and is not about to end."""
        return self._thread.is_alive() and not self._ended

    @property
    def requests_in_flight(self) -> int:
        return len(self._server.server_state.tasks)

    def start(self) -> bool:
        """Begin to serve; whether it does."""
        self._thread.start()
        return self._up.wait(START_SECONDS) and self._thread.is_alive() and self._stop is not None

    def change(self, listeners: Sequence[Listener]) -> None:
        """Listen as these say from now on. Who is connected, or waits to be, is served on; blocks for a moment."""
        if self._loop is None:
            raise RuntimeError("a server that does not run listens nowhere")
        asyncio.run_coroutine_threadsafe(self._change(listeners), self._loop).result(START_SECONDS)

    def stop(self) -> bool:
        """Close the listeners, let requests in flight finish, and end the thread; whether it ended."""
        self._stopping.set()
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_SECONDS)
        return not self._thread.is_alive()

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
            was_up = self._up.is_set()
            self._up.set()
            if was_up and not self._stopping.is_set():
                self._crashed(self)

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_WORKERS, thread_name_prefix="est-worker"))
        loop.set_exception_handler(_log_exception)
        life = loop.create_task(self._server.serve(sockets=[]))
        self._loop, self._stop, self._fault = loop, asyncio.Event(), loop.create_future()
        self._listen(self._listeners)
        self._up.set()
        stopping = loop.create_task(self._stop.wait())
        ends: set[asyncio.Future[Any]] = {stopping, life, self._fault}
        ended, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for accepting in self._accepting:
            accepting.cancel()
        await asyncio.wait(self._accepting)
        for accept_loop in self._accepting.values():
            await accept_loop.close()
        self._server.should_exit = True
        await life
        await _abort(self._server)
        for end in ended - {stopping}:
            end.result()  # raises what ended it
            raise RuntimeError("a part of the server ended by itself")

    def _listen(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners
        for listener in listeners:
            for accept_loop in self._accept_loops(listener):
                task = asyncio.get_running_loop().create_task(accept_loop.run())
                task.add_done_callback(self._accepts_no_more)
                self._accepting[task] = accept_loop

    async def _change(self, listeners: Sequence[Listener]) -> None:
        before = {task: each for task, each in self._accepting.items() if not task.done()}
        self._listen(listeners)
        for task in before:
            task.cancel()
        await asyncio.wait(before)
        for accept_loop in before.values():
            accept_loop.stop_listening()

    def _accepts_no_more(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and self._fault is not None and not self._fault.done():
            self._fault.set_exception(task.exception() or RuntimeError("an accept loop ended by itself"))

    def _accept_loops(self, listener: Listener) -> list[AcceptLoop]:
        config = _config(listener.app)
        return [
            AcceptLoop(
                listening,
                lambda: EstProtocol(config, self._server.server_state),
                listener.context,
                self._report,
                shed=lambda: close_idle(self._server),
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


async def _abort(server: uvicorn.Server) -> None:
    """Drop the connections that did not end in their time of grace, and let the loop see to it."""
    for connection in tuple(server.server_state.connections):
        if isinstance(connection, EstProtocol):
            connection.transport.abort()
    await asyncio.sleep(0)  # the transports are told
    await asyncio.sleep(0)  # the protocols are told


def _log_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logger.error("%s", context.get("message", "a fault in the event loop"), exc_info=context.get("exception"))
