"""An HTTP request as it arrives: its body within bounds, and what makes it an EnrollmentRequest."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from starlette.requests import Request

from estconsole.domain.body import decode_body
from estconsole.domain.model import DEFAULT_ALIAS
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import (
    BasicCredentials,
    CsrFacts,
    EnrollmentRequest,
    Operation,
    PresentedCertificate,
    Unreadable,
)
from estconsole.pki.certificates import read_certificate
from estconsole.pki.requests import read_csr
from server.accept import host_of
from server.basic import basic_credentials
from server.protocol import TlsFacts
from server.wire import MAX_BODY, is_csr_type

PREFIX = "/.well-known/est"
DISCARD_LIMIT = 4 * 1024 * 1024
"""Bytes past the limit that are read and thrown away, so that a client that sends first can read why it is refused."""
_MAX_LABEL = 64
"""Characters of a path that are kept: a name has 32 at most (B-1), and a row is read by people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request, before it is decided. `body` is None when it was too large to keep; `tls` on the plain port."""

    peer: str
    label: str
    at: datetime
    reading: float
    content_type: str | None
    basic: BasicCredentials | None = None
    tls: TlsFacts | None
    body: bytes | None = field(repr=False)

    def enrollment_request(self, operation: Operation) -> EnrollmentRequest:
        """The request as the engine takes it. It parses keys and certificates: call it in a worker thread."""
        csr = None if operation in (Operation.CACERTS, Operation.CSRATTRS) else self._csr()
        presented = self._presented()
        if isinstance(presented, Unreadable):
            csr, presented = (presented if operation is Operation.SIMPLEREENROLL else csr), None
        return self._request(operation, csr, presented)

    def stray_request(self, reason: RefusalReason, came: str) -> EnrollmentRequest:
        """The request as the engine records it when no operation takes it (B-25)."""
        presented = self._presented()
        return self._request(None, Unreadable(reason, came), None if isinstance(presented, Unreadable) else presented)

    def _request(
        self, operation: Operation | None, csr: CsrFacts | Unreadable | None, presented: PresentedCertificate | None
    ) -> EnrollmentRequest:
        return EnrollmentRequest(
            operation=operation,
            alias_name=self.label,
            peer=self.peer,
            received_at=self.at,
            received=self.reading,
            csr=csr,
            presented=presented,
            basic=self.basic,
            tls_version=self.tls.version if self.tls else "",
            tls_unique=self.tls.tls_unique if self.tls else None,
            raw_body=self.body or b"",
        )

    def _csr(self) -> CsrFacts | Unreadable:
        if self.body is None:
            return Unreadable(RefusalReason.BODY_TOO_LARGE, f"a body of more than {MAX_BODY} bytes")
        if not is_csr_type(self.content_type):
            return Unreadable(RefusalReason.WRONG_MEDIA_TYPE, f"Content-Type: {shown(self.content_type or '')}")
        der = decode_body(self.body)
        return der if isinstance(der, Unreadable) else read_csr(der)

    def _presented(self) -> PresentedCertificate | Unreadable | None:
        """The client certificate. TLS accepts some that cannot be read as RFC 5280 wants them: those are foreign."""
        der = self.tls.client_certificate if self.tls else None
        if der is None:
            return None
        try:
            return PresentedCertificate(read_certificate(der), der)
        except ValueError:
            return Unreadable(RefusalReason.CERTIFICATE_FOREIGN, "a client certificate that cannot be read")


async def receive(request: Request) -> Arrival:
    """Take a request in, its body too. Raises starlette's ClientDisconnect when the client goes in the middle."""
    arrival = arrival_without_body(request)
    return replace(arrival, body=await _read_body(request))


def arrival_without_body(request: Request) -> Arrival:
    """A request's head alone, stamped with the time of its reading."""
    return Arrival(
        peer=host_of(request.client) if request.client else "",
        label=_label(request.scope["path"]),
        at=datetime.now(UTC),
        reading=time.perf_counter(),
        content_type=request.headers.get("Content-Type"),
        basic=basic_credentials(request.headers.getlist("Authorization")),
        tls=request.state.tls,
        body=b"",
    )


def _label(path: str) -> str:
    """The alias that a path names: its label, or `est` without one (B-2); nothing on a path that is not EST's."""
    if not path.startswith(f"{PREFIX}/"):
        return ""
    segments = path.removeprefix(f"{PREFIX}/").split("/")
    return shown(segments[0]) if len(segments) > 1 else DEFAULT_ALIAS


def shown(text: str) -> str:
    """A text from the wire as a record may hold it: bounded, and with no character that moves a cursor."""
    return "".join(character if character.isprintable() else "�" for character in text[:_MAX_LABEL])


async def _read_body(request: Request) -> bytes | None:
    """The body, or None when it is over the limit: the rest is then read and dropped, up to a bound."""
    declared = int(request.headers.get("Content-Length", 0))
    if declared > MAX_BODY and "100-continue" in request.headers.get("Expect", "").lower():
        return None  # the client waits for leave to send, and is not given it
    body = bytearray()
    came = 0
    async for chunk in request.stream():
        came += len(chunk)
        if came <= MAX_BODY:
            body += chunk
        elif came > MAX_BODY + DISCARD_LIMIT:
            return None
    return bytes(body) if came <= MAX_BODY else None
