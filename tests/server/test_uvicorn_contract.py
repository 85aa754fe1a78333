"""What this server uses of uvicorn that uvicorn does not document; its minor version is pinned for it."""

from __future__ import annotations

import asyncio
import inspect

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState


async def _app(_scope: object, _receive: object, _send: object) -> None:
    """Answers nothing."""


async def test_the_protocol_takes_what_we_give_it() -> None:
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    protocol = H11Protocol(config=config, server_state=ServerState(), app_state={"tls": None})
    assert protocol.app_state == {"tls": None}
    assert protocol.cycle is None
    assert isinstance(protocol.conn, h11.Connection)
    assert protocol.loop is asyncio.get_running_loop()


def test_the_protocol_has_the_methods_that_we_override() -> None:
    for name in ("connection_made", "data_received", "connection_lost", "on_response_complete", "shutdown"):
        assert inspect.isfunction(getattr(H11Protocol, name))
    assert list(inspect.signature(H11Protocol.send_400_response).parameters) == ["self", "msg"]
    assert "app_state.copy()" in inspect.getsource(H11Protocol.handle_events)


def test_a_cycle_tells_how_far_a_request_is() -> None:
    source = inspect.getsource(RequestResponseCycle.__init__)
    assert "self.response_complete = False" in source
    assert "self.more_body = True" in source


def test_the_server_keeps_its_connections_and_headers_where_we_look() -> None:
    server = uvicorn.Server(uvicorn.Config(_app, lifespan="off", log_config=None))
    assert server.server_state.connections == set()
    assert server.server_state.tasks == set()
    assert server.server_state.default_headers == []
    assert server.should_exit is False


async def test_the_server_lives_without_listeners_and_ends_when_told() -> None:
    server = uvicorn.Server(uvicorn.Config(_app, lifespan="off", log_config=None, log_level="error"))
    life = asyncio.create_task(server.serve(sockets=[]))
    server.should_exit = True
    async with asyncio.timeout(5):
        await life
