"""The body of an EST request: base64 of DER as RFC 7030 has it, and the variants that clients send (B-27)."""

from __future__ import annotations

import base64
import binascii
import re

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import Unreadable

# Two patterns and not one with `.*?` between them, which takes seconds for 64 KiB of BEGIN lines.
_PEM_BEGIN = re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----")
_PEM_END = re.compile(rb"-----END (?:NEW )?CERTIFICATE REQUEST-----")
_PEM_START = b"-----BEGIN "
_DER_SEQUENCE = b"\x30"
_WHITE_SPACE = re.compile(rb"\s+")


def decode_body(body: bytes) -> bytes | Unreadable:
    """The DER that a body carries, not yet decoded as a CSR, or why there is none.

    Content-Transfer-Encoding plays no part (RFC 8951 2.1): base64 with or without line breaks is the rule, PEM and raw
    DER are accepted since clients send them, base64 of PEM is refused with that reason.
    """
    if not body.strip():
        return Unreadable(RefusalReason.BODY_EMPTY, "no body")
    # 0x30 is also the digit 0 in base64, which starts no request: the tag byte of one encodes to an M.
    if body.startswith(_DER_SEQUENCE):
        return body
    if _PEM_START in body:  # not only at its start: `openssl req -text` prints words before the PEM
        begin = _PEM_BEGIN.search(body)
        end = _PEM_END.search(body, begin.end()) if begin else None
        if begin is None or end is None:
            return Unreadable(RefusalReason.CSR_UNDECODABLE, "a PEM text of another kind")
        return _decoded(body[begin.end() : end.start()])
    der = _decoded(body)
    if isinstance(der, bytes) and not der.startswith(_DER_SEQUENCE) and _PEM_START in der:
        return Unreadable(RefusalReason.BODY_BASE64_OF_PEM, "base64 of a PEM text")
    return der


def _decoded(text: bytes) -> bytes | Unreadable:
    compact = _WHITE_SPACE.sub(b"", text)
    try:
        return base64.b64decode(compact, validate=True)
    except binascii.Error:
        return Unreadable(RefusalReason.BODY_NOT_BASE64, f"{len(text)} bytes that are no base64")
