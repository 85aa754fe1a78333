"""What answers look like on the wire: statuses, public texts and encodings (B-25, B-26, B-28)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import assert_never

from estconsole.domain.refusal import RefusalReason

MAX_BODY = 64 * 1024
"""Bytes that a request's body may have (B-25); a CSR with an RSA 4096 key takes under 3 KiB."""
CSR_TYPE = "application/pkcs10"
CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only"
"""The media type of every cacerts and enroll answer (RFC 7030 4.1.3, 4.2.3); libest compares it whole."""

# Never Basic: that would ask for a password, and libest would come back with one; none can renew (B-25).
_CERTIFICATE_CHALLENGE = 'TLS-Client-Certificate realm="EST"'
_NOT_AUTHORISED = "The request is not authorised."
_CERTIFICATE_REFUSED = "The client certificate is not accepted here."
_NOT_SERVED = "The request cannot be served as the server is set up."


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """A refusal as the client sees it: a status, one line of text, and headers beside the usual ones."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()

    def line(self, reference: str) -> str:
        """The body: one line that ends with the reference by which the operator finds the row (B-24, B-26)."""
        return f"{self.text} (reference {reference})\n"


def answer_code(reason: RefusalReason | None) -> int:
    """The HTTP status of a refusal, or of a grant for None (B-25)."""
    return 200 if reason is None else refusal_answer(reason).status


def refusal_answer(reason: RefusalReason) -> WireAnswer:
    """What a client is told of a refusal: no more than it needs (B-24, B-25)."""
    match reason:
        case RefusalReason.UNKNOWN_OPERATION:
            return WireAnswer(404, "No EST operation is served at this path.")
        case RefusalReason.WRONG_METHOD:
            return WireAnswer(405, "The operation does not take this method.")
        case RefusalReason.BODY_TOO_LARGE:
            return WireAnswer(413, "The body is over 64 KiB.")
        case RefusalReason.WRONG_MEDIA_TYPE:
            return WireAnswer(415, f"Send Content-Type: {CSR_TYPE}.")
        case RefusalReason.FULLCMC:
            return WireAnswer(501, "Full CMC is not served here.")
        case RefusalReason.INTERNAL_FAULT:
            return WireAnswer(500, "Internal fault.")
        case RefusalReason.NO_CLIENT_CERTIFICATE:
            text = "A renewal takes a TLS client certificate."
            return WireAnswer(401, text, (("WWW-Authenticate", _CERTIFICATE_CHALLENGE),))
        case (
            RefusalReason.CERTIFICATE_FOREIGN
            | RefusalReason.CERTIFICATE_NOT_END_ENTITY
            | RefusalReason.CERTIFICATE_REVOKED
            | RefusalReason.CERTIFICATE_NOT_IN_DATE
            | RefusalReason.CERTIFICATE_PATH_INVALID
            | RefusalReason.CERTIFICATE_WRONG_USAGE
            | RefusalReason.REGISTRATION_GONE
            | RefusalReason.REGISTRATION_CLOSED
            | RefusalReason.CERTIFICATE_OTHER_ALIAS
        ):
            return WireAnswer(403, _CERTIFICATE_REFUSED)
        case (
            RefusalReason.ENTITY_UNKNOWN
            | RefusalReason.WRONG_CODE
            | RefusalReason.ENTITY_NOT_OPEN
            | RefusalReason.ENTITY_WITHOUT_CODE
            | RefusalReason.ENTITY_OTHER_ALIAS
        ):
            return WireAnswer(400, _NOT_AUTHORISED)
        case (
            RefusalReason.INCOMPLETE_ALIAS
            | RefusalReason.ALIAS_WITHOUT_CA
            | RefusalReason.PROFILE_NOT_SATISFIED
            | RefusalReason.ISSUING_CA_MISSING
            | RefusalReason.ISSUING_CA_NOT_IN_DATE
            | RefusalReason.REGISTERED_NAME_CHANGED
        ):
            return WireAnswer(400, _NOT_SERVED)
        case RefusalReason.BODY_EMPTY:
            return WireAnswer(400, "The request has no body; send the CSR in base64.")
        case RefusalReason.BODY_NOT_BASE64:
            return WireAnswer(400, "The body is not base64; send base64 of the DER request.")
        case RefusalReason.BODY_BASE64_OF_PEM:
            return WireAnswer(400, "The body is base64 of a PEM text; send base64 of the DER request.")
        case RefusalReason.CSR_UNDECODABLE:
            return WireAnswer(400, "The body is not a PKCS#10 request.")
        case RefusalReason.CSR_BAD_SIGNATURE:
            return WireAnswer(400, "The signature of the CSR does not fit its key.")
        case RefusalReason.UNKNOWN_ALIAS:
            return WireAnswer(400, "The label of the path is not known.")
        case RefusalReason.USERNAME_ABSENT | RefusalReason.USERNAME_REPEATED:
            return WireAnswer(400, "The subject of the CSR does not name one end entity.")
        case RefusalReason.CODE_ABSENT | RefusalReason.CODE_REPEATED:
            return WireAnswer(400, "The CSR does not carry one enrollment code.")
        case RefusalReason.KEY_NOT_ALLOWED:
            return WireAnswer(400, "The key of the CSR is of a kind or size that is not allowed.")
        case RefusalReason.RENEWAL_OTHER_SUBJECT | RefusalReason.RENEWAL_OTHER_SANS:
            return WireAnswer(400, "The names in the CSR are not those of the client certificate.")
        case RefusalReason.RENEWAL_SAME_KEY:
            return WireAnswer(400, "The key of the CSR is that of the client certificate; make a new one.")
        case _:
            assert_never(reason)


def is_csr_type(content_type: str | None) -> bool:
    """Whether a Content-Type is application/pkcs10, its parameters and case aside, or absent (B-25)."""
    return content_type is None or content_type.partition(";")[0].strip().lower() == CSR_TYPE


def encode_base64(der: bytes, *, wrapped: bool) -> bytes:
    """Base64 in lines of 64 with CRLF, the last one too; or in a single line without an end (B-28)."""
    text = base64.b64encode(der)
    if not wrapped:
        return text
    return b"".join(text[start : start + 64] + b"\r\n" for start in range(0, len(text), 64))
