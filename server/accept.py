"""Accept loops: from a listening socket to connections that speak HTTP; every failed handshake is reported (B-41)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from estconsole.domain.handshake import HandshakeFailure
from server.handshake import classify
from server.sockets import BACKLOG
from server.tls import ConnectionContext

logger = logging.getLogger(__name__)

HANDSHAKE_SECONDS = 10.0
MAX_HANDSHAKES = 256
"""Handshakes that a listener has under way at once. Past it, the peer that has most of them loses its oldest: a device
is done in milliseconds, so whoever is oldest is silent, and nobody waits for it."""
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE_SECONDS = 0.5  # until there may be descriptors again: accept fails at once without one, and would spin
_SHUTDOWN_SECONDS = 2.0  # for the client's own close_notify, which many never send
_FAREWELL_SECONDS = 1.0  # for the client to read an alert: what it still sends would reset the connection before that


@dataclass(eq=False, slots=True)
class _Handshake:
    """One handshake under way."""

    host: str
    connection: socket.socket
    evicted: bool = False

    def evict(self) -> None:
        """End it from outside: asyncio sees the connection's end."""
        self.evicted = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself meanwhile


class AcceptLoop:
    """Accepts on one listening socket until it is closed.

    `context` gives each connection its TLS context, None for a plain port. `report` is called with the peer's host, in
    a worker thread. `shed` is asked to free descriptors when the process has none left.
    """

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        context: Callable[[], ConnectionContext] | None,
        report: Callable[[str, HandshakeFailure], None],
        *,
        shed: Callable[[], None] = lambda: None,
        handshake_seconds: float = HANDSHAKE_SECONDS,
        max_handshakes: int = MAX_HANDSHAKES,
    ) -> None:
        self._listening = listening
        self._protocol = protocol
        self._context = context
        self._report = report
        self._shed = shed
        self._handshake_seconds = handshake_seconds
        self._max_handshakes = max_handshakes
        self._pending: dict[_Handshake, None] = {}  # oldest first
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Accept for ever. Raises OSError when the listening socket itself fails."""
        self._listening.setblocking(False)
        while True:
            try:
                self._accept()
            except BlockingIOError:
                await _readable(self._listening)
            except OSError as error:
                if error.errno in (errno.EBADF, errno.EINVAL, errno.ENOTSOCK):
                    raise
                await self._recover(error)

    def stop_listening(self) -> None:
        """Take in who waits already, then close the listening socket. `run` has ended."""
        with contextlib.suppress(OSError):  # BlockingIOError, when nobody waits any more
            for _ in range(BACKLOG):
                self._accept()
        self._listening.close()

    async def close(self) -> None:
        """Stop listening and end the handshakes under way; connections that are open go on."""
        self._listening.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> None:
        """Take one connection in. Raises OSError; BlockingIOError when nobody waits.

        Not asyncio's `sock_accept`: cancelled between the accept and its next step it would drop the connection.
        """
        connection, address = self._listening.accept()
        task = asyncio.get_running_loop().create_task(self._open(connection, host_of(address)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _recover(self, error: OSError) -> None:
        """Go on after a failed accept: a connection that was gone before it was ours, or no descriptor for it."""
        if error.errno in _EXHAUSTED:
            logger.warning("no descriptor is left for another connection: %s", error)
            self._shed()
            self._evict_beyond(0)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _open(self, connection: socket.socket, host: str) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            if self._context is None:
                await loop.connect_accepted_socket(self._protocol, connection)
            else:
                await self._open_tls(connection, host, self._context())
        except OSError:
            connection.close()  # the client was gone at once
        except Exception:
            connection.close()
            logger.exception("a connection could not be served")

    async def _open_tls(self, connection: socket.socket, host: str, context: ConnectionContext) -> None:
        context.connection = connection
        handshake = _Handshake(host, connection)
        self._pending[handshake] = None
        self._evict_beyond(self._max_handshakes)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=context,
                ssl_handshake_timeout=self._handshake_seconds,
                ssl_shutdown_timeout=_SHUTDOWN_SECONDS,
            )
        except OSError as error:
            await self._tell(host, HandshakeFailure.SILENCE if handshake.evicted else classify(error))
            if context.farewell is not None:
                handshake.connection = context.farewell
                await _say_farewell(context.farewell)
        finally:
            context.connection = None
            if context.farewell is not None:
                context.farewell.close()
            del self._pending[handshake]

    async def _tell(self, host: str, failure: HandshakeFailure) -> None:
        """Report a failure; a report that cannot be written costs the row, and nothing else."""
        try:
            await asyncio.to_thread(self._report, host, failure)
        except Exception:
            logger.exception("a failed handshake could not be recorded")

    def _evict_beyond(self, limit: int) -> None:
        """If more than so many handshakes are under way, end the oldest one of the peer that has most of them."""
        if len(self._pending) <= limit:
            return
        under_way = [handshake for handshake in self._pending if not handshake.evicted]
        if len(under_way) > limit:
            ((busiest, _count),) = Counter(handshake.host for handshake in under_way).most_common(1)
            next(handshake for handshake in under_way if handshake.host == busiest).evict()


def host_of(address: tuple[object, ...]) -> str:
    """The host of a socket address, without port, zone, or the prefix that a socket of both families gives IPv4."""
    return str(address[0]).partition("%")[0].removeprefix("::ffff:")


async def _readable(listening: socket.socket) -> None:
    """Wait until somebody connects."""
    loop, descriptor = asyncio.get_running_loop(), listening.fileno()
    came = asyncio.Event()
    loop.add_reader(descriptor, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(descriptor)


async def _say_farewell(connection: socket.socket) -> None:
    """Let a client read the alert that it was sent: what it sends meanwhile is read and dropped."""
    try:
        connection.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(_FAREWELL_SECONDS):
            while await asyncio.get_running_loop().sock_recv(connection, 65536):
                pass
    except (OSError, TimeoutError):
        return
