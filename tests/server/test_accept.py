"""The accept loop by itself, under peers that mean no good."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import AsyncIterator

import pytest

from estconsole.domain.handshake import HandshakeFailure
from server.accept import AcceptLoop, host_of
from server.tls import ConnectionContext, TlsContexts
from tests.server.devices import connected
from tests.server.served import Served

Report = tuple[str, HandshakeFailure]


class Reports:
    """What the loop reported, to wait for."""

    def __init__(self) -> None:
        self.all: list[Report] = []
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Condition()

    def __call__(self, peer: str, failure: HandshakeFailure) -> None:
        asyncio.run_coroutine_threadsafe(self._add((peer, failure)), self._loop).result()

    async def count(self, wanted: int) -> list[Report]:
        async with self._changed, asyncio.timeout(10):
            await self._changed.wait_for(lambda: len(self.all) >= wanted)
        return self.all

    async def _add(self, report: Report) -> None:
        async with self._changed:
            self.all.append(report)
            self._changed.notify_all()


class Greeter(asyncio.Protocol):
    """Says one word and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


@contextlib.asynccontextmanager
async def accepting(
    served: Served, listening: socket.socket, *, seconds: float = 30, limit: int = 256, shed: object = None
) -> AsyncIterator[Reports]:
    reports = Reports()
    contexts = TlsContexts(served.lab.tls)

    def context() -> ConnectionContext:
        return contexts.for_connection(ask_for_certificate=False)

    loop = AcceptLoop(
        listening,
        Greeter,
        context,
        reports,
        shed=shed if callable(shed) else lambda: None,
        handshake_seconds=seconds,
        max_handshakes=limit,
    )
    task = asyncio.create_task(loop.run())
    try:
        yield reports
    finally:
        task.cancel()
        await asyncio.wait({task})
        await loop.close()


def listen() -> socket.socket:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    return listening


def greeting(port: int, context: ssl.SSLContext) -> bytes:
    with connected(port, context) as connection:
        return connection.recv(100)


async def test_silent_peers_do_not_keep_a_device_waiting(served: Served) -> None:
    """More silent connections than handshakes may be under way: the oldest go, and a device comes through at once."""
    listening = listen()
    port = listening.getsockname()[1]
    async with accepting(served, listening, limit=8) as reports:
        with contextlib.ExitStack() as silent:
            for _ in range(20):
                silent.enter_context(connected(port))
            async with asyncio.timeout(5):
                for _ in range(3):
                    assert await asyncio.to_thread(greeting, port, served.context()) == b"hello"
            # Twenty that are silent, and three devices that were never among the eight oldest.
            assert set(await reports.count(13)) == {("127.0.0.1", HandshakeFailure.SILENCE)}


async def test_the_busiest_peer_loses_first(served: Served) -> None:
    listening = socket.create_server(("", 0))
    listening.setblocking(False)
    port = listening.getsockname()[1]
    async with accepting(served, listening, limit=4) as reports:
        with contextlib.ExitStack() as silent:
            quiet = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.9", 0))
            silent.enter_context(quiet)
            for _ in range(10):
                silent.enter_context(connected(port))
            assert {peer for peer, _ in await reports.count(7)} == {"127.0.0.1"}


async def test_silence_ends_by_itself(served: Served) -> None:
    listening = listen()
    async with accepting(served, listening, seconds=0.05) as reports:
        with connected(listening.getsockname()[1]):
            assert await reports.count(1) == [("127.0.0.1", HandshakeFailure.SILENCE)]


async def test_no_descriptor_left_is_survived_without_a_busy_loop(served: Served) -> None:
    failures = [errno.EMFILE, errno.ECONNABORTED]
    calls: list[int] = []

    class Exhausted(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            connection, address = super().accept()  # raises BlockingIOError when nobody comes
            calls.append(connection.fileno())
            if failures:
                connection.close()
                raise OSError(failures.pop(0), "no descriptor")
            return connection, address

    listening = Exhausted(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    listening.setblocking(False)
    port = listening.getsockname()[1]
    shed = threading.Event()
    async with accepting(served, listening, shed=shed.set):
        for _ in range(2):
            with pytest.raises(OSError, match=r".*"):
                await asyncio.to_thread(greeting, port, served.context())
        assert await asyncio.to_thread(greeting, port, served.context()) == b"hello"
    assert shed.is_set()
    assert len(calls) == 3


async def test_material_that_cannot_be_used_shuts_out_and_does_not_end_the_loop(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    contexts = TlsContexts(served.lab.tls)
    broken = [True]

    def context() -> ConnectionContext:
        if broken:
            raise LookupError("no certificate")
        return contexts.for_connection(ask_for_certificate=False)

    listening = listen()
    port = listening.getsockname()[1]
    loop = AcceptLoop(listening, Greeter, context, Reports())
    task = asyncio.create_task(loop.run())
    with pytest.raises(OSError, match=r".*"):
        await asyncio.to_thread(greeting, port, served.context())
    broken.clear()
    assert await asyncio.to_thread(greeting, port, served.context()) == b"hello"
    task.cancel()
    await loop.close()
    assert "could not be served" in caplog.text


async def test_a_report_that_cannot_be_written_is_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    logged = asyncio.Event()

    def report(_peer: str, _failure: HandshakeFailure) -> None:
        loop_of_test.call_soon_threadsafe(logged.set)
        raise OSError(errno.ENOSPC, "No space left on device")

    loop_of_test = asyncio.get_running_loop()
    contexts = TlsContexts(served.lab.tls)
    listening = listen()
    port = listening.getsockname()[1]
    loop = AcceptLoop(listening, Greeter, lambda: contexts.for_connection(ask_for_certificate=False), report)
    task = asyncio.create_task(loop.run())
    with connected(port) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        await logged.wait()
    assert await asyncio.to_thread(greeting, port, served.context()) == b"hello"
    task.cancel()
    await loop.close()
    assert "could not be recorded" in caplog.text


async def test_closing_ends_handshakes_under_way(served: Served) -> None:
    listening = listen()
    with connected(listening.getsockname()[1]) as silent:
        async with accepting(served, listening) as reports:
            assert await asyncio.to_thread(greeting, listening.getsockname()[1], served.context()) == b"hello"
        assert await asyncio.to_thread(_ended, silent)
        assert reports.all == []


async def test_a_listening_socket_that_fails_ends_the_loop(served: Served) -> None:
    listening = listen()
    contexts = TlsContexts(served.lab.tls)
    loop = AcceptLoop(listening, Greeter, lambda: contexts.for_connection(ask_for_certificate=False), Reports())
    listening.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        await loop.run()


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (("192.0.2.7", 5), "192.0.2.7"),
        (("::1", 5, 0, 0), "::1"),
        (("::ffff:192.0.2.7", 5, 0, 0), "192.0.2.7"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1"),
    ],
)
def test_a_peer_is_its_host(address: tuple[object, ...], host: str) -> None:
    assert host_of(address) == host


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
