"""Every way in which a handshake fails, each with a real peer (B-41)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct

import pytest

from estconsole.activity import Activity, Outcome
from estconsole.domain.handshake import HandshakeFailure
from server.handshake import classify
from tests.server.authorities import Authority
from tests.server.devices import SECONDS, Identity, client_context, connected, exchange, http_request, read_to_end
from tests.server.served import Served, Watch

CACERTS = http_request("GET", "/.well-known/est/cacerts")
BOTH = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])


def reported(watch: Watch, failure: HandshakeFailure) -> Activity:
    row = watch.wait_for(lambda row: row.reason is failure)
    assert (row.outcome, row.peer, row.operation) == (Outcome.HANDSHAKE, "127.0.0.1", "")
    return row


@BOTH
@pytest.mark.parametrize("name", ["stranger", "impostor"])
def test_a_certificate_of_an_unknown_issuer(served: Served, watch: Watch, version: ssl.TLSVersion, name: str) -> None:
    """The client reads the alert, also in TLS 1.3, where it has sent its request by then."""
    stranger = Authority.named("a stranger" if name == "stranger" else "ManagementCA").issue("device")
    with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
        exchange(served.mtls, CACERTS, served.context(stranger, version))
    reported(watch, HandshakeFailure.UNKNOWN_ISSUER)


def test_a_client_reads_the_alert_while_it_still_sends(
    served: Served, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In TLS 1.3 a client is done before its certificate is refused; a reset would take the alert from it."""
    monkeypatch.setattr("server.accept._FAREWELL_SECONDS", SECONDS)  # on a busy machine the usual second may be over
    stranger = Authority.named("a stranger").issue("device")
    with connected(served.mtls, served.context(stranger, ssl.TLSVersion.TLSv1_3)) as connection:
        connection.sendall(CACERTS)
        reported(watch, HandshakeFailure.UNKNOWN_ISSUER)
        for _ in range(3):
            connection.sendall(CACERTS)
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            connection.recv(1)


@BOTH
def test_a_self_signed_certificate(served: Served, watch: Watch, version: ssl.TLSVersion) -> None:
    authority = Authority.named("on its own")
    with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
        exchange(served.mtls, CACERTS, served.context(Identity(authority.der, authority.key), version))
    reported(watch, HandshakeFailure.UNKNOWN_ISSUER)


@BOTH
def test_a_client_that_does_not_accept_our_certificate(served: Served, watch: Watch, version: ssl.TLSVersion) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        exchange(served.tls, CACERTS, client_context(None, version=version))
    reported(watch, HandshakeFailure.CLIENT_REJECTED_US)


def test_a_client_of_an_old_version(served: Served, watch: Watch) -> None:
    with pytest.raises((ssl.SSLError, OSError)):
        _hello(served.tls, b"\x03\x02")
    reported(watch, HandshakeFailure.NO_SHARED_VERSION)


def test_a_client_without_a_shared_cipher(served: Served, watch: Watch) -> None:
    context = served.context(version=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")  # our certificate's key is EC
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        exchange(served.tls, CACERTS, context)
    reported(watch, HandshakeFailure.NO_SHARED_VERSION)


def test_plain_http(served: Served, watch: Watch) -> None:
    for port in (served.tls, served.mtls):
        with connected(port) as connection:
            connection.sendall(CACERTS)
            read_to_end(connection)
    row = watch.wait_for(lambda row: row.count == 2)
    assert row.reason is HandshakeFailure.PLAIN_HTTP


def test_bytes_that_are_no_tls(served: Served, watch: Watch) -> None:
    with connected(served.tls) as connection:
        connection.sendall(b"\x00\xff" * 50)
        read_to_end(connection)
    reported(watch, HandshakeFailure.NOT_TLS)


def test_silence(served: Served, watch: Watch) -> None:
    with connected(served.tls) as connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""
    reported(watch, HandshakeFailure.SILENCE)


def test_half_a_hello(served: Served, watch: Watch) -> None:
    with connected(served.tls) as connection:
        connection.sendall(_client_hello(b"\x03\x03")[:40])
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    reported(watch, HandshakeFailure.SILENCE)


@pytest.mark.parametrize("hard", [False, True], ids=["closed", "reset"])
def test_a_client_that_goes_early(served: Served, watch: Watch, hard: bool) -> None:
    with connected(served.tls) as connection:
        connection.sendall(_client_hello(b"\x03\x03")[:40])
        if hard:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reported(watch, HandshakeFailure.CLOSED)


def test_a_certificate_without_its_key(served: Served, watch: Watch) -> None:
    """Python's ssl does not let a client do so: the certificate is one whose signature does not verify."""
    device = served.enroll("forged")
    forged = bytearray(device.certificate)
    forged[-1] ^= 1
    with pytest.raises(ssl.SSLError):
        exchange(served.mtls, CACERTS, served.context(Identity(bytes(forged), device.key)))
    reported(watch, HandshakeFailure.INVALID_CERTIFICATE)


def test_no_certificate_is_no_failure(served: Served, watch: Watch) -> None:
    assert exchange(served.mtls, CACERTS, served.context()).startswith(b"HTTP/1.1 200 ")
    watch.wait_for(lambda row: row.outcome is Outcome.GRANTED)
    assert len(watch.rows) == 1


def test_an_unrelated_certificate_is_not_asked_for_on_the_port_without(served: Served) -> None:
    stranger = Authority.named("a stranger").issue("device")
    assert exchange(served.tls, CACERTS, served.context(stranger)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), HandshakeFailure.CLOSED),
        (ssl.SSLZeroReturnError(6, "closed"), HandshakeFailure.CLOSED),
        (ConnectionResetError(), HandshakeFailure.CLOSED),
        (BrokenPipeError(), HandshakeFailure.CLOSED),
        (TimeoutError(), HandshakeFailure.SILENCE),
        (ssl.SSLError(1, "a reason that is not known"), HandshakeFailure.NOT_TLS),
    ],
)
def test_errors_as_python_raises_them(error: OSError, failure: HandshakeFailure) -> None:
    assert classify(error) is failure


def _hello(port: int, version: bytes) -> None:
    """Open a handshake of one version as its clients did; Python's ssl no longer speaks it."""
    with connected(port) as connection:
        connection.sendall(_client_hello(version))
        alert = read_to_end(connection)
    assert alert[0] == 21, "no alert came"
    raise ssl.SSLError(1, f"alert {alert[-1]}")


def _client_hello(version: bytes) -> bytes:
    suites = b"\xc0\x0a\xc0\x14\x00\x35\x00\x2f"
    body = version + bytes(32) + b"\x00" + len(suites).to_bytes(2) + suites + b"\x01\x00"
    handshake = b"\x01" + len(body).to_bytes(3) + body
    return b"\x16\x03\x01" + len(handshake).to_bytes(2) + handshake
