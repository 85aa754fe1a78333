"""uvicorn's HTTP protocol, told what TLS knows of the connection and mended for EST's clients."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

REQUEST_SECONDS = 30.0
"""How long a client may take from the connection, or from its last answer, to the end of a request."""


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What TLS says of a connection: the client certificate (DER) if one was presented, and the version.

    `tls_unique` is the channel binding of RFC 5929 3, which TLS 1.2 alone has (B-23).
    """

    client_certificate: bytes | None = field(repr=False)
    version: str
    tls_unique: bytes | None = field(default=None, repr=False)


class EstProtocol(H11Protocol):
    """Serves one connection; each request finds the connection's TlsFacts, or None, in `request.state.tls`."""

    def __init__(self, config: Config, server_state: ServerState, request_seconds: float = REQUEST_SECONDS) -> None:
        super().__init__(config=config, server_state=server_state, app_state={})
        self._request_seconds = request_seconds
        self._request_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being worked on."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {"tls": tls_facts(transport)}
        self._expect_request()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep a plain connection open for the answer when the client has only said that it will send no more.

        asyncio cannot do so for TLS: there the connection ends, and the answer with it.
        """
        return self.scheme == "http" and not self.is_idle

    def data_received(self, data: bytes) -> None:
        """Take bytes in, but for those after a last request: libest sends a stray CRLF there, often on its own.

        h11 would take it for a broken request, and the answer to the real one would be lost.
        """
        if self.conn.their_state not in (h11.MUST_CLOSE, h11.CLOSED, h11.ERROR):
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with a counted line (uvicorn's own is chunked, B-33), if an answer is still due."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = f"{msg}\n".encode()
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ]
            for event in (h11.Response(status_code=400, headers=headers, reason=b"Bad Request"), h11.Data(data=body)):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        self._expect_nothing()
        self._request_timer = self.loop.call_later(self._request_seconds, self._give_up)

    def _expect_nothing(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()

    def _give_up(self) -> None:
        """Close on a client that still has not sent a whole request; a request that is worked on is left alone."""
        if self.is_idle or self.cycle.more_body:
            self.transport.abort()


def tls_facts(transport: asyncio.BaseTransport) -> TlsFacts | None:
    """The facts of a connection, None when it is not TLS."""
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    if tls is None:
        return None
    version = tls.version() or ""
    return TlsFacts(
        client_certificate=tls.getpeercert(binary_form=True),
        version=version,
        tls_unique=tls.get_channel_binding("tls-unique") if version == "TLSv1.2" else None,
    )
