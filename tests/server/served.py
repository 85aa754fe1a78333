"""A lab that is served on free ports, and what tests ask of it."""

from __future__ import annotations

import base64
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.activity import Activity, Outcome
from estconsole.domain.model import EndEntity
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.secret import Secret
from estconsole.domain.validation import EndEntityDraft
from estconsole.engine import Engine
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.settings import ServerSettings
from estconsole.subscription import Subscription
from estconsole.tls_material import TlsSource
from server.accept import HANDSHAKE_SECONDS
from server.service import EstService
from server.wire import answer_code
from tests.labs import ANY_PORTS
from tests.server.devices import (
    SECONDS,
    Answer,
    Identity,
    client_context,
    exchange,
    http_request,
    read_answer,
)
from tests.support import Key, csr_der, ec_key

CSR_HEADERS = {"Content-Type": "application/pkcs10"}


@dataclass
class Served:
    """A lab with its server."""

    lab: Lab
    service: EstService

    @property
    def http(self) -> int:
        return self._port("http")

    @property
    def tls(self) -> int:
        return self._port("tls")

    @property
    def mtls(self) -> int:
        return self._port("mtls")

    @property
    def ca_pem(self) -> str:
        pem = self.lab.administration.authorities.pem("ManagementCA")
        assert pem is not None
        return pem

    def context(self, identity: Identity | None = None, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        return client_context(self.ca_pem, identity=identity, version=version)

    def send(self, request: bytes, *, identity: Identity | None = None) -> Answer:
        """Send bytes to the TLS port, or with a certificate to the one that asks for it."""
        port = self.mtls if identity else self.tls
        return read_answer(exchange(port, request, self.context(identity)))

    def get(self, path: str) -> Answer:
        return self.send(http_request("GET", path))

    def post(
        self,
        path: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        identity: Identity | None = None,
        agent: bool = True,
    ) -> Answer:
        request = http_request("POST", path, body, CSR_HEADERS if headers is None else headers, agent=agent)
        return self.send(request, identity=identity)

    def register(self, username: str, code: str = "a code to enroll", requests: str = "1") -> EndEntity:
        draft = EndEntityDraft(
            username=username,
            subject=f"CN={username}",
            issuing_ca="ManagementCA",
            code=Secret(code),
            allowed_requests=requests,
        )
        result = self.lab.administration.end_entities.add(draft)
        assert isinstance(result, Saved)
        return result.record

    def enroll(self, username: str, code: str = "a code to enroll") -> Identity:
        """Register and enroll a device: what it holds afterwards."""
        self.register(username, code)
        key = ec_key()
        answer = self.post("/.well-known/est/simpleenroll", base64_csr(username, code, key))
        assert answer.status == 200, answer.text
        (certificate,) = answer.certificates()
        return Identity(certificate.public_bytes(Encoding.DER), key)

    def _port(self, name: str) -> int:
        urls = self.service.state.urls
        assert urls is not None, self.service.state
        port: int | None = urlsplit(getattr(urls, name)).port
        assert port is not None
        return port


class Watch:
    """The rows that come while it is open, and a way to wait for one."""

    def __init__(self, lab: Lab) -> None:
        self._changed = threading.Condition()
        self._rows: list[Activity] = []
        self._subscription: Subscription = lab.feed.subscribe(self._on_row)

    def wait_for(self, wanted: Callable[[Activity], bool], seconds: float = SECONDS) -> Activity:
        with self._changed:
            came = self._changed.wait_for(lambda: any(wanted(row) for row in self._rows), seconds)
            assert came, f"not among {self._rows}"
            return next(row for row in self._rows if wanted(row))

    @property
    def rows(self) -> list[Activity]:
        with self._changed:
            return list(self._rows)

    def close(self) -> None:
        self._subscription.close()

    def _on_row(self, row: Activity) -> None:
        with self._changed:
            self._rows.append(row)
            self._changed.notify_all()


@contextlib.contextmanager
def serving(
    lab: Lab,
    *,
    engine: Engine | None = None,
    tls: TlsSource | None = None,
    settings: ServerSettings | None = None,
    handshake_seconds: float = HANDSHAKE_SECONDS,
) -> Iterator[Served]:
    """A server of its own for a lab; what is not given is the lab's."""
    service = EstService(
        settings or lab.settings,
        engine or lab.engine,
        lab.administration,
        lab.handshakes,
        tls or lab.tls,
        handshake_seconds=handshake_seconds,
    )
    service.start()
    try:
        yield Served(lab, service)
    finally:
        service.stop()


@contextlib.contextmanager
def serve(data_dir: Path, settings: ServerSettings = ANY_PORTS, handshake_seconds: float = SECONDS) -> Iterator[Served]:
    """A demo lab in a directory of its own, served."""
    with (
        Lab.open(data_dir, owner="tests", settings=settings, demo=True) as lab,
        serving(lab, handshake_seconds=handshake_seconds) as served,
    ):
        yield served


def base64_csr(username: str, code: str | None = "a code to enroll", key: Key | None = None) -> bytes:
    """A CSR as openssl base64 writes it."""
    return base64.encodebytes(csr_der(f"CN={username}", key, code))


def refused_as(answer: Answer, reason: RefusalReason, watch: Watch) -> Activity:
    """Check a refusal's form, and that its reference finds the row (B-24 to B-26)."""
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    text, _, reference = answer.text.removesuffix(")\n").rpartition(" (reference ")
    assert text
    assert "\n" not in text
    row = watch.wait_for(lambda row: row.reference == reference)
    assert (row.outcome, row.reason) == (Outcome.REFUSED, reason)
    assert answer.status == answer_code(row)
    assert row.peer == "127.0.0.1"
    return row
