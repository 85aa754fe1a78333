"""What answers look like on the wire: statuses, public texts and encodings, each quirk with its reason (B-25 to B-33).

Requests are read by `domain.body`, which takes what clients send: curl strips line breaks, others send PEM or DER.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import assert_never

from estconsole.activity import Activity
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.engine import Enrollment
from estconsole.pki.cms import certs_only

MAX_BODY = 64 * 1024
"""Bytes that a request's body may have (B-25); a CSR with an RSA 4096 key takes under 3 KiB."""
CSR_TYPE = "application/pkcs10"
CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only"
"""The media type of every cacerts and enroll answer (RFC 7030 4.1.3, 4.2.3); libest compares it whole."""
CSR_ATTRIBUTES = "application/csrattrs"
SERVER_KEY = "application/pkcs8"
BOUNDARY = "CONTENTBOUNDARY"
"""EJBCA's: the specification's `parse_server_keygen_response` looks for this word, and for no other (B-31)."""
SERVER_KEY_AND_CERTIFICATE = f"multipart/mixed; boundary={BOUNDARY}"

Headers = tuple[tuple[str, str], ...]

# BouncyCastle reads an answer as DER without it, though RFC 8951 3 has made it meaningless.
_IN_BASE64: Headers = (("Content-Transfer-Encoding", "base64"),)
_LINE = 64

# Never Basic: that would ask for a password, and libest would come back with one; none can renew (B-25).
_CERTIFICATE_CHALLENGE: Headers = (("WWW-Authenticate", 'TLS-Client-Certificate realm="EST"'),)
_BASIC_CHALLENGE: Headers = (("WWW-Authenticate", 'Basic realm="EST"'),)  # no charset: libest reads `realm` alone
_RETRY_SOON: Headers = (("Retry-After", "5"),)  # in seconds, which is the only form that libest reads

_NOT_AUTHORISED = "The request is not authorised."
_CERTIFICATE_REFUSED = "The client certificate is not accepted here."
_NOT_SERVED = "The request cannot be served as the server is set up."

_OWN_CASE = {b"www-authenticate": b"WWW-Authenticate"}  # what title() does not spell as RFC 9110 does


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """A refusal as the client sees it: a status, one line of text, and headers beside the usual ones."""

    status: int
    text: str
    headers: Headers = ()

    def line(self, reference: str) -> str:
        """The body: one line that ends with the reference by which the operator finds the row (B-24, B-26)."""
        return f"{self.text} (reference {reference})\n"


@dataclass(frozen=True, slots=True)
class Payload:
    """A grant as the client sees it. `body` may hold a private key; without a media type there is none."""

    status: int
    media_type: str | None
    body: bytes = field(repr=False)
    headers: Headers = ()


def payload_of(enrollment: Enrollment, *, has_user_agent: bool) -> Payload:
    """What a grant sends: certificates (B-29, B-30), a key with its certificate (B-31), or CSR attributes (B-32)."""
    if enrollment.private_key is not None:
        return Payload(200, SERVER_KEY_AND_CERTIFICATE, _key_and_certificate(enrollment))
    if enrollment.csr_attributes is not None:
        if not enrollment.csr_attributes:
            return Payload(204, None, b"")  # RFC 7030 4.5.2; libest takes it for 'none are available'
        return Payload(200, CSR_ATTRIBUTES, encode_base64(enrollment.csr_attributes), _IN_BASE64)
    # strongSwan's pki 5.9.8 reads base64 in one line only, and is known by having no User-Agent (B-28).
    body = encode_base64(certs_only(enrollment.certificates), wrapped=has_user_agent)
    return Payload(200, CERTS_ONLY, body, _IN_BASE64)


def _key_and_certificate(enrollment: Enrollment) -> bytes:
    """The two parts of a serverkeygen answer (B-31): the script counts their lines, and libest their bytes.

    No preamble, two headers a part and in this order, one blank line, and none before the next boundary.
    """
    parts = ((SERVER_KEY, enrollment.private_key or b""), (CERTS_ONLY, certs_only(enrollment.certificates)))
    body = b""
    for media_type, der in parts:
        head = f"--{BOUNDARY}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        body += head.encode("ascii") + encode_base64(der)
    return body + f"--{BOUNDARY}--\r\n".encode("ascii")


def encode_base64(der: bytes, *, wrapped: bool = True) -> bytes:
    """Base64 in lines of 64 with CRLF, the last one too; or in a single line without an end (B-28).

    `openssl base64 -d` makes nothing of one long line, and says nothing; libest wants the newline at the end.
    """
    text = base64.b64encode(der)
    if not wrapped:
        return text
    return b"".join(text[start : start + _LINE] + b"\r\n" for start in range(0, len(text), _LINE))


def header_name(name: bytes) -> bytes:
    """A header's name in RFC 9110's case: starlette lower-cases it, and libest compares it as it is (B-33)."""
    return _OWN_CASE.get(name, name.title())


def is_csr_type(content_type: str | None) -> bool:
    """Whether a Content-Type is application/pkcs10, its parameters and case aside, or absent (B-25)."""
    return content_type is None or content_type.partition(";")[0].strip().lower() == CSR_TYPE


def answer_code(activity: Activity) -> int:
    """The HTTP status that a request was answered (B-25). Raises LookupError for a handshake, which had no answer."""
    match activity.reason:
        case None:
            return 204 if activity.is_empty else 200
        case RefusalReason():
            return refusal_answer(activity.reason, http_basic=activity.http_basic).status
        case HandshakeFailure():
            raise LookupError("a failed handshake had no answer")


def refusal_answer(reason: RefusalReason, *, http_basic: bool = False) -> WireAnswer:
    """What a client is told of a refusal: no more than it needs (B-24, B-25).

    `http_basic` says that the alias takes the code by HTTP Basic: then what is wrong with it is asked for again.
    """
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
        case RefusalReason.KEYGEN_BUSY:
            return WireAnswer(503, "Too many keys are being made; try again in some seconds.", _RETRY_SOON)
        case RefusalReason.SERVER_STOPPING:
            return WireAnswer(503, "The server is stopping.", _RETRY_SOON)
        case RefusalReason.NO_CLIENT_CERTIFICATE:
            return WireAnswer(401, "A renewal takes a TLS client certificate.", _CERTIFICATE_CHALLENGE)
        case RefusalReason.BASIC_ABSENT:
            return WireAnswer(401, "A user name and code are asked for by HTTP Basic.", _BASIC_CHALLENGE)
        case RefusalReason.EST_SWITCHED_OFF:
            return WireAnswer(403, "EST is switched off here.")
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
            return (
                WireAnswer(401, _NOT_AUTHORISED, _BASIC_CHALLENGE) if http_basic else WireAnswer(400, _NOT_AUTHORISED)
            )
        case RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT | RefusalReason.CHANGE_SUBJECT_NAME_OTHER:
            return WireAnswer(400, _NOT_AUTHORISED)  # more would tell what is registered
        case (
            RefusalReason.INCOMPLETE_ALIAS
            | RefusalReason.ALIAS_WITHOUT_CA
            | RefusalReason.PROFILE_NOT_SATISFIED
            | RefusalReason.ISSUING_CA_MISSING
            | RefusalReason.ISSUING_CA_NOT_IN_DATE
            | RefusalReason.ISSUING_CA_REVOKED
            | RefusalReason.REGISTERED_NAME_CHANGED
        ):
            return WireAnswer(400, _NOT_SERVED)
        case (
            RefusalReason.VENDOR_CERTIFICATE_FOREIGN
            | RefusalReason.VENDOR_CERTIFICATE_UNUSABLE
            | RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE
            | RefusalReason.VENDOR_CERTIFICATE_REVOKED
            | RefusalReason.VENDOR_CRL_STALE
            | RefusalReason.VENDOR_PATH_INVALID
        ):
            return WireAnswer(400, _CERTIFICATE_REFUSED)
        case RefusalReason.VENDOR_CERTIFICATE_ABSENT:
            return WireAnswer(400, "An enrollment takes the vendor's certificate as TLS client certificate here.")
        case RefusalReason.VENDOR_USERNAME_ABSENT | RefusalReason.VENDOR_USERNAME_REPEATED:
            return WireAnswer(400, "The subject of the client certificate does not name one end entity.")
        case (
            RefusalReason.VENDOR_OTHER_SUBJECT | RefusalReason.RENEWAL_OTHER_SUBJECT | RefusalReason.RENEWAL_OTHER_SANS
        ):
            return WireAnswer(400, "The names in the CSR are not those of the client certificate.")
        case RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED | RefusalReason.CHANGE_SUBJECT_NAME_REPEATED:
            return WireAnswer(400, "The CSR does not carry one well-formed ChangeSubjectName.")
        case RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED:
            return WireAnswer(400, "ChangeSubjectName is not allowed here.")
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
        case (
            RefusalReason.CODE_ABSENT
            | RefusalReason.CODE_REPEATED
            | RefusalReason.DN_CODE_ABSENT
            | RefusalReason.DN_CODE_REPEATED
        ):
            return WireAnswer(400, "The CSR does not carry one enrollment code.")
        case RefusalReason.TLS_UNIQUE_ABSENT | RefusalReason.TLS_UNIQUE_WRONG:
            return WireAnswer(400, "The challengePassword of the CSR is not the tls-unique of a TLS 1.2 session.")
        case RefusalReason.CSR_SANS_UNUSABLE:
            return WireAnswer(400, "The alternative names in the CSR cannot be certified.")
        case RefusalReason.KEY_NOT_ALLOWED:
            return WireAnswer(400, "The key of the CSR is of a kind or size that is not allowed.")
        case RefusalReason.RENEWAL_SAME_KEY:
            return WireAnswer(400, "The key of the CSR is that of the client certificate; make a new one.")
        case RefusalReason.SERVERKEYGEN_DISABLED:
            return WireAnswer(400, "Keys are not made for devices here.")
        case RefusalReason.KEY_ENCRYPTION_ASKED:
            return WireAnswer(400, "The key cannot be enciphered for the client; ask for it without that.")
        case _:
            assert_never(reason)
