"""A reader of HTTP answers as strict as libest's: what it does not take, an EST client in the field does not."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [ -~]*")
_STATUSES = frozenset({200, 202, 204, 400, 401, 404, 423, 500, 502, 504})
_HEADER = re.compile(rb"([A-Za-z0-9-]+): ([ -~]*)")
_WRAPPED = re.compile(rb"([A-Za-z0-9+/]{64}\r?\n)*[A-Za-z0-9+/=]{1,64}\r?\n")
_MAX_HEADERS = 16
_ENROLL_TYPE = b"application/pkcs7-mime; smime-type=certs-only"
_KEY_TYPE = b"application/pkcs8"
_MULTIPART = re.compile(rb"multipart/mixed; boundary=([A-Za-z0-9]{1,69})")
_MAX_PART = 8192


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

    def server_key(self) -> tuple[rsa.RSAPrivateKey, bytes]:
        """The key and the certs-only DER of a serverkeygen answer: two parts, an RSA key first."""
        _demand(self.status == 200, f"status {self.status}")
        matched = _MULTIPART.fullmatch(self.headers[b"Content-Type"])
        if matched is None:
            raise UnacceptableAnswerError("not the type of a serverkeygen answer")
        before, *parts = self.body.split(b"--" + matched[1])
        _demand(not before, "a preamble")
        _demand(len(parts) == 3 and parts[2] in (b"--", b"--\r\n"), "not two parts and an end")
        key = load_der_private_key(_part(parts[0], _KEY_TYPE), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise UnacceptableAnswerError("not an RSA key")
        return key, _part(parts[1], _ENROLL_TYPE)


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
    if status == 204:
        _demand(not body, "a body where there is no content")
    else:
        _demand(b"Content-Length" in headers, "no Content-Length in that case")
        _demand(int(headers[b"Content-Length"]) == len(body), "Content-Length is not what was sent")
    if body:
        _demand(b"Content-Type" in headers, "no Content-Type in that case")
    if status == 401:
        _demand(b"WWW-Authenticate" in headers, "no WWW-Authenticate in that case")
    return StrictAnswer(status, headers, body)


def _part(part: bytes, media_type: bytes) -> bytes:
    """The DER of one part, from behind its boundary to before the next."""
    _demand(part.startswith(b"\r\n"), "no line end behind a boundary")
    head, separator, encoded = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    _demand(bool(separator), "no end of a part's headers")
    lines = head.split(b"\r\n")
    expected = [b"Content-Type: " + media_type, b"Content-Transfer-Encoding: base64"]
    _demand(sorted(lines) == sorted(expected), f"a part with the headers {lines}")
    _demand(len(encoded) < _MAX_PART, "a part of 8 KiB or more")
    _demand(b"\n" not in encoded.replace(b"\r\n", b""), "lines of a part that do not end with CRLF")
    _demand(_WRAPPED.fullmatch(encoded) is not None, "a part's base64 that is not wrapped, or has no final newline")
    return base64.b64decode(b"".join(encoded.split()), validate=True)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnacceptableAnswerError(otherwise)
