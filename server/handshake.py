"""Why a TLS handshake failed, read from what OpenSSL and asyncio raise (B-41)."""

from __future__ import annotations

import ssl

from estconsole.domain.handshake import HandshakeFailure

# X509_V_ERR_*, as openssl's x509_vfy.h numbers them.
_NO_KNOWN_ISSUER = frozenset({2, 18, 19, 20, 21, 27})
_NOT_FOR_THIS_USE = frozenset({26, 28})

_REASONS = {
    "HTTP_REQUEST": HandshakeFailure.PLAIN_HTTP,
    "HTTPS_PROXY_REQUEST": HandshakeFailure.PLAIN_HTTP,
    "UNSUPPORTED_PROTOCOL": HandshakeFailure.NO_SHARED_VERSION,
    "VERSION_TOO_LOW": HandshakeFailure.NO_SHARED_VERSION,
    "VERSION_TOO_HIGH": HandshakeFailure.NO_SHARED_VERSION,
    "NO_PROTOCOLS_AVAILABLE": HandshakeFailure.NO_SHARED_VERSION,
    "INAPPROPRIATE_FALLBACK": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SHARED_CIPHER": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SHARED_GROUPS": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SUITABLE_KEY_SHARE": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SUITABLE_GROUPS": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SHARED_SIGNATURE_ALGORITHMS": HandshakeFailure.NO_SHARED_VERSION,
    "NO_SUITABLE_SIGNATURE_ALGORITHM": HandshakeFailure.NO_SHARED_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": HandshakeFailure.NO_SHARED_VERSION,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": HandshakeFailure.NO_SHARED_VERSION,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": HandshakeFailure.NO_SHARED_VERSION,
    "TLSV1_ALERT_UNKNOWN_CA": HandshakeFailure.CLIENT_REJECTED_US,
    "TLSV1_ALERT_ACCESS_DENIED": HandshakeFailure.CLIENT_REJECTED_US,
    "TLSV1_ALERT_DECRYPT_ERROR": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_BAD_CERTIFICATE": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": HandshakeFailure.CLIENT_REJECTED_US,
    "SSLV3_ALERT_ILLEGAL_PARAMETER": HandshakeFailure.CLIENT_REJECTED_US,
    "BAD_SIGNATURE": HandshakeFailure.INVALID_CERTIFICATE,
    "WRONG_SIGNATURE_TYPE": HandshakeFailure.INVALID_CERTIFICATE,
    "WRONG_CERTIFICATE_TYPE": HandshakeFailure.INVALID_CERTIFICATE,
    "MISSING_SIGNING_CERT": HandshakeFailure.INVALID_CERTIFICATE,
}


def classify(error: Exception) -> HandshakeFailure:
    """The reason behind an exception that ended a handshake."""
    match error:
        case ssl.SSLCertVerificationError():
            return _of_certificate(error.verify_code)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return HandshakeFailure.CLOSED
        case ssl.SSLError():
            return _of_reason(getattr(error, "reason", None) or "")  # OpenSSL names none for some
        case ConnectionAbortedError() | TimeoutError():
            return HandshakeFailure.SILENCE  # asyncio aborts a handshake that takes too long
        case _:
            return HandshakeFailure.CLOSED


def _of_certificate(verify_code: int) -> HandshakeFailure:
    if verify_code in _NO_KNOWN_ISSUER:
        return HandshakeFailure.UNKNOWN_ISSUER
    if verify_code in _NOT_FOR_THIS_USE:
        return HandshakeFailure.UNSUITABLE_CERTIFICATE
    return HandshakeFailure.INVALID_CERTIFICATE


def _of_reason(reason: str) -> HandshakeFailure:
    if reason in _REASONS:
        return _REASONS[reason]
    # A client that sends an alert speaks TLS, and ends the handshake for a reason of its own.
    return HandshakeFailure.CLOSED if "_ALERT_" in reason else HandshakeFailure.NOT_TLS
