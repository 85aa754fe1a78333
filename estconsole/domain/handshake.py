"""Why a TLS handshake failed, with the operator's words for each (B-41)."""

from __future__ import annotations

import enum

from estconsole.domain.words import Words


class HandshakeFailure(enum.Enum):
    """The closed set of reasons; the member's value is its words."""

    UNKNOWN_ISSUER = Words(
        "issuer unknown",
        "The client presented a certificate whose issuer this console does not trust.",
        "Present a certificate that this console issued, or none; or import the CA that issued it.",
        "RFC 5280 6.1",
    )
    UNSUITABLE_CERTIFICATE = Words(
        "unsuitable certificate",
        "The client presented a certificate that may not authenticate a TLS client.",
        "Present a certificate whose extended key usage is absent or has clientAuth.",
        "RFC 5280 4.2.1.12",
    )
    INVALID_CERTIFICATE = Words(
        "invalid certificate",
        "The client presented a certificate that does not verify, or without proof of its key.",
        "Present the device's own certificate together with its own key.",
        "RFC 8446 4.4.3",
    )
    NO_SHARED_VERSION = Words(
        "no shared TLS version",
        "The client and this console share no TLS version or cipher.",
        "Let the client speak TLS 1.2 or 1.3.",
        "RFC 8446 4.1.3",
    )
    PLAIN_HTTP = Words(
        "plain HTTP",
        "The client spoke plain HTTP on a TLS port.",
        "Call https:// on this port, or the plain port for CA certificates.",
        "RFC 7030 3.1",
    )
    CLIENT_REJECTED_US = Words(
        "client rejected us",
        "The client did not accept this console's certificate.",
        "Give the client ManagementCA's certificate from the plain port; call a name in the server certificate.",
        "RFC 8446 6.2",
    )
    SILENCE = Words(
        "silence",
        "The client opened a connection and did not complete a handshake in time.",
        "Look for a port scan, a health check, or a proxy that does not speak TLS.",
        "RFC 8446 4",
    )
    CLOSED = Words(
        "closed early",
        "The client closed the connection in the middle of the handshake.",
        "Look at the client's own message: it often did not accept this console's certificate.",
        "RFC 8446 6.1",
    )
    NOT_TLS = Words(
        "not TLS",
        "What the client sent is no TLS handshake.",
        "Let the client speak TLS 1.2 or 1.3 on this port.",
        "RFC 8446 5.1",
    )

    @property
    def key(self) -> str:
        """The reason's name in records, JSON lines and filters."""
        return self.name.lower()

    @classmethod
    def of_key(cls, key: str) -> HandshakeFailure:
        """The reason that a record names. Raises KeyError."""
        return cls[key.upper()]
