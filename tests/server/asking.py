"""What devices ask of a served lab, and what the lab has on record of it afterwards."""

from __future__ import annotations

import asyncio
import base64
import itertools
import ssl
from collections.abc import Callable

import pytest
from cryptography import x509
from starlette.types import Message, Scope

from estconsole.activity import ActivityDetail
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.engine import Engine
from server.est import est_app
from server.protocol import TlsFacts
from tests.server.devices import Answer, Identity, connected, http_request, read_answer, read_to_end
from tests.server.served import CSR_HEADERS, Served, Watch

ENROLL = "simpleenroll"
RENEW = "simplereenroll"
KEYGEN = "serverkeygen"
HEADER_NAMES = frozenset(
    {"Date", "Content-Type", "Content-Length", "Connection", "Allow", "Retry-After", "WWW-Authenticate"}
)
"""Those that a refusal may have, in the case in which libest compares them (B-33)."""


_numbers = itertools.count(1)


def fresh(name: str) -> str:
    """A name that nothing else in the shared lab has."""
    return f"{name} {next(_numbers)}"


def path_of(operation: str, alias: str = "est") -> str:
    return f"/.well-known/est/{alias}/{operation}"


def request_for(
    operation: str, csr: bytes, *, alias: str = "est", basic: tuple[str, str] | None = None, keep_alive: bool = False
) -> bytes:
    """The bytes of a POST with a CSR (DER), and with HTTP Basic credentials if there are some."""
    headers = dict(CSR_HEADERS)
    if basic is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(basic).encode()).decode()}"
    request = http_request("POST", path_of(operation, alias), base64.encodebytes(csr), headers)
    return request.replace(b"Connection: close\r\n", b"", 1) if keep_alive else request


def ask(
    served: Served,
    operation: str,
    csr: bytes,
    *,
    alias: str = "est",
    identity: Identity | None = None,
    basic: tuple[str, str] | None = None,
) -> Answer:
    """Send a CSR (DER) over TLS, with a client certificate to the port that asks for one."""
    return served.send(request_for(operation, csr, alias=alias, basic=basic), identity=identity)


def over_tls_1_2(served: Served, request: Callable[[bytes], bytes], identity: Identity | None = None) -> Answer:
    """Send a request that is made from the tls-unique of its connection."""
    context = served.context(identity, ssl.TLSVersion.TLSv1_2)
    with connected(served.mtls if identity else served.tls, context) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        unique = connection.get_channel_binding("tls-unique")
        assert unique
        connection.sendall(request(unique))
        return read_answer(read_to_end(connection))


def shut_out(served: Served, watch: Watch, identity: Identity, failure: HandshakeFailure) -> None:
    """Check that a client certificate does not come through the handshake, and that the operator sees why (B-41)."""
    with pytest.raises(ssl.SSLError):
        served.send(http_request("GET", path_of("cacerts")), identity=identity)
    served.lab.handshakes.settle()  # or the count of a repeat shows a second later
    watch.wait_for(lambda row: row.reason is failure)


def ask_the_application(
    served: Served,
    operation: str,
    csr: bytes,
    certificate: bytes | None,
    *,
    alias: str = "est",
    engine: Engine | None = None,
) -> Answer:
    """Send a CSR (DER) past TLS: the application is called as a listener does after a handshake.

    For client certificates (DER) that OpenSSL keeps from coming so far, which the decision refuses all the same, and
    for another engine than the served one.
    """
    sent: list[Message] = []
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path_of(operation, alias),
        "query_string": b"",
        "headers": [(b"content-type", b"application/pkcs10")],
        "client": ("127.0.0.1", 1),
        "state": {"tls": TlsFacts(client_certificate=certificate, version="TLSv1.3")},
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": base64.encodebytes(csr), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(est_app(engine or served.lab.engine)(scope, receive, send))
    headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def refusal(served: Served, answer: Answer) -> tuple[int, RefusalReason]:
    """A refusal's status, and the reason that is on record of it; its form is checked on the way (B-24, B-26, B-33)."""
    detail = refused_detail(served, answer)
    assert isinstance(detail.activity.reason, RefusalReason)
    return answer.status, detail.activity.reason


def refused_detail(served: Served, answer: Answer) -> ActivityDetail:
    """The stored record that a refusal's reference finds; its form is checked on the way (B-24, B-26, B-33)."""
    assert answer.header("Content-Type") == "text/plain; charset=utf-8", answer
    assert answer.header("Content-Length") == str(len(answer.body))
    assert len(answer.headers) <= 16
    assert {name for name, _ in answer.headers} <= HEADER_NAMES
    text, mark, reference = answer.text.removesuffix(")\n").rpartition(" (reference ")
    assert text
    assert mark
    assert answer.text.count("\n") == 1
    row = next(row for row in served.lab.feed.recent() if row.reference == reference)
    detail = served.lab.administration.activities.detail(row.id)
    assert detail is not None
    assert detail.activity == row
    return detail


def told(answer: Answer) -> tuple[int, str, frozenset[str]]:
    """What a refused client learns: the status, the text without its reference, and which headers came."""
    return answer.status, answer.text.partition("(reference")[0], frozenset(name for name, _ in answer.headers)


def granted(answer: Answer) -> x509.Certificate:
    """The certificate that an answer brought."""
    assert answer.status == 200, answer.text
    (certificate,) = answer.certificates()
    return certificate


def refused_check(served: Served, answer: Answer) -> Check:
    """The check that refused a request, from the stored trace."""
    checks = refused_detail(served, answer).checks
    (failed,) = (check for check in checks if check.state is CheckState.FAILED)
    return failed


def last_check(served: Served, name: str) -> Check:
    """A check of the last request, from the stored trace."""
    detail = served.lab.administration.activities.detail(served.lab.feed.recent()[-1].id)
    assert detail is not None
    return next(check for check in detail.checks if check.name == name)
