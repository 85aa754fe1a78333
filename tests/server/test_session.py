"""What a route hands to the engine, and what it makes of its answer, over real connections."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator

import pytest

from estconsole.domain.decision import Granted, Refused
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import BasicCredentials, Operation
from estconsole.domain.secret import Secret
from estconsole.engine import Enrollment
from tests.server.authorities import Authority
from tests.server.devices import connected, http_request, read_answer, read_to_end
from tests.server.engines import StubEngine
from tests.server.served import CSR_HEADERS, Served, base64_csr, serving
from tests.server.strict_reader import read_strictly

GRANTED = Granted(trace=())
REFUSED = Enrollment(decision=Refused(reason=RefusalReason.UNKNOWN_ALIAS, trace=()), reference="7F3K2A")
KEYGEN = "/.well-known/est/serverkeygen"
Stubbed = tuple[Served, StubEngine]


@pytest.fixture(scope="module")
def stub_server(served: Served) -> Iterator[Stubbed]:
    engine = StubEngine(REFUSED)
    with serving(served.lab, engine=engine) as own:
        yield own, engine


@pytest.fixture
def stubbed(stub_server: Stubbed) -> Stubbed:
    """A server on the shared lab whose engine the test speaks for; it refuses everything at first."""
    stub_server[1].answer = REFUSED
    return stub_server


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_tls_unique_is_the_clients_own_on_tls_1_2_alone(stubbed: Stubbed, version: ssl.TLSVersion) -> None:
    """B-23: RFC 5929 does not define it for TLS 1.3."""
    served, engine = stubbed
    with connected(served.tls, served.context(version=version)) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        connection.sendall(http_request("POST", KEYGEN, base64_csr("a device"), CSR_HEADERS))
        read_to_end(connection)
        own = connection.get_channel_binding("tls-unique")
    request = engine.requests[-1]
    assert request.tls_version == version.name.replace("_", ".")
    assert request.tls_unique == (own if version is ssl.TLSVersion.TLSv1_2 else None)
    assert own


@pytest.mark.parametrize("label", ["", "plant/"])
def test_the_operations_that_make_keys_and_tell_attributes(stubbed: Stubbed, label: str) -> None:
    served, engine = stubbed
    basic = base64.b64encode(b"a device:a code").decode()
    served.post(f"/.well-known/est/{label}serverkeygen", base64_csr("a device"), {"Authorization": f"Basic {basic}"})
    request = engine.requests[-1]
    assert (request.operation, request.alias_name) == (Operation.SERVERKEYGEN, label.strip("/") or "est")
    assert request.basic == BasicCredentials("a device", Secret("a code"))
    served.get(f"/.well-known/est/{label}csrattrs")
    request = engine.requests[-1]
    assert (request.operation, request.csr, request.basic) == (Operation.CSRATTRS, None, None)


def test_csr_attributes_on_the_wire(stubbed: Stubbed) -> None:
    served, engine = stubbed
    engine.answer = Enrollment(decision=GRANTED, reference="7F3K2A", csr_attributes=b"\x30\x00")
    answer = served.get("/.well-known/est/csrattrs")
    assert (answer.status, answer.header("Content-Type"), answer.body) == (200, "application/csrattrs", b"MAA=\r\n")
    assert answer.header("Content-Transfer-Encoding") == "base64"
    assert answer.header("Content-Length") == "6"


def test_no_csr_attributes_on_the_wire(stubbed: Stubbed) -> None:
    """204 has neither a body nor a Content-Length (RFC 9110 8.6); the connection can go on."""
    served, engine = stubbed
    engine.answer = Enrollment(decision=GRANTED, reference="7F3K2A", csr_attributes=b"")
    with connected(served.tls, served.context()) as connection:
        connection.sendall(b"GET /.well-known/est/csrattrs HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert {name for name, _ in read_answer(connection.recv(65536)).headers} == {"Date"}
        connection.sendall(http_request("GET", "/.well-known/est/csrattrs"))
        answer = read_strictly(read_to_end(connection))
    assert (answer.status, answer.body) == (204, b"")


def test_a_key_on_the_wire(stubbed: Stubbed) -> None:
    served, engine = stubbed
    authority = Authority.named("a CA")
    engine.answer = Enrollment(
        decision=GRANTED, reference="7F3K2A", certificates=(authority.der,), private_key=b"a private key"
    )
    answer = served.post(KEYGEN, base64_csr("a device"), agent=False)
    assert answer.status == 200
    assert {name for name, _ in answer.headers} == {"Date", "Content-Type", "Content-Length", "Connection"}
    assert answer.header("Content-Type") == "multipart/mixed; boundary=CONTENTBOUNDARY"
    assert answer.body.startswith(b"--CONTENTBOUNDARY\r\nContent-Type: application/pkcs8\r\n")
    assert base64.b64encode(b"a private key") + b"\r\n--CONTENTBOUNDARY\r\n" in answer.body


@pytest.mark.parametrize(
    ("reason", "http_basic", "status", "headers"),
    [
        (RefusalReason.BASIC_ABSENT, True, 401, {"WWW-Authenticate": 'Basic realm="EST"'}),
        (RefusalReason.WRONG_CODE, True, 401, {"WWW-Authenticate": 'Basic realm="EST"'}),
        (RefusalReason.WRONG_CODE, False, 400, {"WWW-Authenticate": None}),
        (RefusalReason.KEYGEN_BUSY, False, 503, {"Retry-After": "5"}),
    ],
)
def test_refusals_with_headers(
    stubbed: Stubbed, reason: RefusalReason, http_basic: bool, status: int, headers: dict[str, str | None]
) -> None:
    served, engine = stubbed
    decision = Refused(reason=reason, trace=())
    engine.answer = Enrollment(decision=decision, reference="7F3K2A", http_basic=http_basic)
    answer = served.post(KEYGEN, base64_csr("a device"))
    assert answer.status == status
    assert {name: answer.header(name) for name in headers} == headers
