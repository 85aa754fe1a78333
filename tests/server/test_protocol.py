"""One connection's protocol, on a plain socket and under an application of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from server.accept import AcceptLoop
from server.guard import guarded
from server.protocol import EstProtocol
from server.running import close_idle
from tests.server.devices import connected, http_request, read_answer, read_to_end

REQUEST = http_request("POST", "/", b"abc")


class Gate:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.tls: object = "nothing yet"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.tls = request.state.tls
        self.entered.set()
        await self.open.wait()
        await PlainTextResponse(body)(scope, receive, send)


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, request_seconds: float = 30, state: ServerState | None = None) -> AsyncIterator[int]:
    config = uvicorn.Config(guarded(app), lifespan="off", interface="asgi3", log_config=None)
    state = state or ServerState()
    listening = socket.create_server(("127.0.0.1", 0))
    loop = AcceptLoop(
        listening, lambda: EstProtocol(config, state, request_seconds), None, lambda _peer, _failure: None
    )
    task = asyncio.create_task(loop.run())
    try:
        yield listening.getsockname()[1]
    finally:
        task.cancel()
        await loop.close()
        for connection in tuple(state.connections):
            assert isinstance(connection, EstProtocol)
            connection.transport.abort()


async def test_bytes_after_the_last_request_do_not_spoil_its_answer() -> None:
    """libest sends a stray CRLF after its body; it comes while the request is worked on."""
    gate = Gate()
    async with serving(gate) as port:
        with connected(port) as connection:
            connection.sendall(REQUEST)
            await gate.entered.wait()
            connection.sendall(b"\r\n")
            await _turns()
            gate.open.set()
            answer = read_answer(await asyncio.to_thread(read_to_end, connection))
    assert (answer.status, answer.body) == (200, b"abc")


async def test_a_plain_connection_has_no_tls_facts() -> None:
    gate = Gate()
    gate.open.set()
    async with serving(gate) as port:
        with connected(port) as connection:
            connection.sendall(REQUEST)
            await asyncio.to_thread(read_to_end, connection)
    assert gate.tls is None


@pytest.mark.parametrize("sent", [b"", REQUEST[:20], REQUEST[:-1]], ids=["nothing", "half a head", "half a body"])
async def test_a_client_that_sends_no_whole_request_is_closed(sent: bytes) -> None:
    async with serving(Gate(), request_seconds=0.05) as port:
        with connected(port) as connection:
            connection.sendall(sent)
            assert await asyncio.to_thread(_ended, connection)


async def test_a_request_that_is_worked_on_has_its_time() -> None:
    gate = Gate()
    async with serving(gate, request_seconds=0.01) as port:
        with connected(port) as connection:
            connection.sendall(REQUEST)
            await gate.entered.wait()
            loop = asyncio.get_running_loop()
            later = loop.create_future()
            loop.call_later(0.05, later.set_result, None)  # past the time that sending a request may take
            await later
            gate.open.set()
            assert read_answer(await asyncio.to_thread(read_to_end, connection)).status == 200


async def test_idle_connections_are_let_go_when_descriptors_are_wanted() -> None:
    gate = Gate()
    server = uvicorn.Server(uvicorn.Config(gate, lifespan="off", log_config=None))
    async with serving(gate, state=server.server_state) as port:
        with connected(port) as idle, connected(port) as busy:
            busy.sendall(REQUEST)
            await gate.entered.wait()
            close_idle(server)
            assert await asyncio.to_thread(_ended, idle)
            gate.open.set()
            assert read_answer(await asyncio.to_thread(read_to_end, busy)).status == 200


async def test_what_is_not_http_in_the_middle_of_an_answer_only_closes() -> None:
    gate = Gate()
    pipelined = REQUEST.replace(b"Connection: close\r\n", b"") + b"\x00 no HTTP\r\n\r\n"
    gate.open.set()
    async with serving(gate) as port:
        with connected(port) as connection:
            connection.sendall(pipelined)
            stream = await asyncio.to_thread(read_to_end, connection)
    assert stream.startswith(b"HTTP/1.1 200 ")
    assert b"chunked" not in stream


async def test_a_fault_is_one_line_and_one_record(caplog: pytest.LogCaptureFixture) -> None:
    async def faulty(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError("planted")

    async with serving(faulty) as port:
        with connected(port) as connection:
            connection.sendall(REQUEST)
            answer = read_answer(await asyncio.to_thread(read_to_end, connection))
    assert (answer.status, answer.text) == (500, "Internal fault.\n")
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == ["server.guard"]


async def _turns() -> None:
    """Let the server's side of the same loop read what was sent."""
    for _ in range(20):
        await asyncio.sleep(0)


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
