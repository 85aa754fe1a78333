"""A reader of HTTP answers as strict as libest's: what it does not take, an EST client in the field does not."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [ -~]*")
_STATUSES = frozenset({200, 202, 204, 400, 401, 404, 423, 500, 502, 504})
_HEADER = re.compile(rb"([A-Za-z0-9-]+): ([ -~]*)")
_WRAPPED = re.compile(rb"([A-Za-z0-9+/]{64}\r?\n)*[A-Za-z0-9+/=]{1,64}\r?\n")
_MAX_HEADERS = 16
_ENROLL_TYPE = b"application/pkcs7-mime; smime-type=certs-only"


class UnacceptableAnswerError(Exception):
    """What libest would not take, in words."""


@dataclass(frozen=True, slots=True)
class StrictAnswer:
    """An answer that was taken. Header names are kept in the case that they came in."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def certs_only(self) -> bytes:
        """The DER of a cacerts or enroll answer."""
        _demand(self.status == 200, f"status {self.status}")
        _demand(self.headers[b"Content-Type"] == _ENROLL_TYPE, "not the type of an enroll answer")
        _demand(_WRAPPED.fullmatch(self.body) is not None, "base64 that is not wrapped, or has no final newline")
        return base64.b64decode(b"".join(self.body.split()), validate=True)


def read_strictly(stream: bytes) -> StrictAnswer:
    """Read everything that a connection brought until it was closed."""
    head, separator, body = stream.partition(b"\r\n\r\n")
    _demand(bool(separator), "no end of the headers")
    status_line, *lines = head.split(b"\r\n")
    matched = _STATUS_LINE.fullmatch(status_line)
    if matched is None:
        raise UnacceptableAnswerError(f"status line {status_line!r}")
    status = int(matched[1])
    _demand(status in _STATUSES, f"status {status}")
    _demand(len(lines) <= _MAX_HEADERS, f"{len(lines)} headers")
    headers: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise UnacceptableAnswerError(f"header {line!r}")
        headers[header[1]] = header[2]
    _demand(b"transfer-encoding" not in {name.lower() for name in headers}, "chunked")
    _demand(b"Content-Length" in headers, "no Content-Length in that case")
    _demand(int(headers[b"Content-Length"]) == len(body), "Content-Length is not what was sent")
    if body:
        _demand(b"Content-Type" in headers, "no Content-Type in that case")
    if status == 401:
        _demand(b"WWW-Authenticate" in headers, "no WWW-Authenticate in that case")
    return StrictAnswer(status, headers, body)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnacceptableAnswerError(otherwise)
