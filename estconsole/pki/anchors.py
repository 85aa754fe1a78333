"""Trust anchors as OpenSSL takes them: it does the TLS handshakes, and reads fewer certificates than cryptography does.

A name with a value of a tag that no DirectoryString has (RFC 5280 4.1.2.4) is one that cryptography lets through.
"""

from __future__ import annotations

import ssl

_NOT_TAKEN = "OpenSSL cannot read this certificate, so that no TLS client can be checked by it"


def load_anchor(context: ssl.SSLContext, certificate: bytes) -> str | None:
    """Add a CA (DER) to the trust anchors of a context; what kept it out, in words, or None."""
    try:
        context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError):  # ValueError where there are no bytes at all; neither tells what is wrong
        return _NOT_TAKEN
    return None


def anchor_problem(certificate: bytes) -> str | None:
    """Why a CA certificate (DER) cannot be a trust anchor, in words; None when it can (B-39)."""
    return load_anchor(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate)
