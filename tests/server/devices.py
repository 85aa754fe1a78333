"""Devices as they come over the wire: real sockets, real TLS, and HTTP that is written and read by hand."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7

from tests.support import Key

SECONDS = 10.0
"""How long a device waits before it counts as a failure of the server."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device's certificate (DER) and key, and the certificates (DER) that it sends along."""

    certificate: bytes
    key: Key
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: the header names in their own case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value by the exact case of its name."""
        return dict(self.headers).get(name)

    @property
    def text(self) -> str:
        return self.body.decode()

    def certificates(self) -> list[x509.Certificate]:
        return pkcs7.load_der_pkcs7_certificates(base64.b64decode(self.body))


def client_context(
    ca_pem: str | None,
    *,
    identity: Identity | None = None,
    version: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """A client's TLS settings: whom it trusts, who it is, and the one version that it speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if identity is not None:
        _load(context, identity)
    return context


@contextlib.contextmanager
def connected(port: int, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A connection, over TLS if there is a context. Small writes go out at once, as curl's do."""
    with socket.create_connection((host, port), SECONDS) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            yield plain
        else:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                yield secured


def read_to_end(connection: socket.socket) -> bytes:
    """Everything until the server closes; over TLS with a close_notify, or ssl raises."""
    received = b""
    while block := connection.recv(65536):
        received += block
    return received


def exchange(port: int, request: bytes, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> bytes:
    """Send bytes on a new connection and read to its end."""
    with connected(port, context, host) as connection:
        connection.sendall(request)
        return read_to_end(connection)


def http_request(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, agent: bool = True
) -> bytes:
    """A request whose connection ends with its answer."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    if agent:
        lines.append("User-Agent: a device")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def read_answer(stream: bytes) -> Answer:
    head, _, body = stream.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("ascii").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return Answer(int(status_line.split()[1]), headers, body)


def _load(context: ssl.SSLContext, identity: Identity) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        for certificate in (identity.certificate, *identity.chain):
            file.write(x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
