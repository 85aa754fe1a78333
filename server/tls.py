"""TLS contexts from the material in force: who we are, and whose clients may come (B-38, B-39)."""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from estconsole.pki.anchors import load_anchor
from estconsole.pki.keys import load_private_key
from estconsole.tls_material import TlsMaterial, TlsSource

logger = logging.getLogger(__name__)

# X509_V_FLAG_NO_CHECK_TIME, which Python does not name: an expired client certificate comes through, and the decision
# refuses it, so that the operator sees whose it was (B-41).
_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)


class TlsContexts:
    """The contexts of both TLS ports, built anew whenever the source says that its material changed.

    Connections keep the context that they were accepted with, so a change drops none of them (B-39).
    """

    def __init__(self, source: TlsSource) -> None:
        self._source = source
        self._revision: int | None = None
        self._material = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def for_connection(self, *, ask_for_certificate: bool) -> ConnectionContext:
        """A context for one connection, by the material in force now."""
        revision = self._source.revision  # read first: a change after it is met by the next connection
        if revision != self._revision:
            self._material = _material_context(self._source.material())
            self._revision = revision
        return ConnectionContext.made(self._material, ask_for_certificate=ask_for_certificate)


class ConnectionContext(ssl.SSLContext):
    """A context that serves one connection.

    It lends the connection the certificate and the trust anchors of a shared context, and keeps to itself what OpenSSL
    remembers of sessions: TLS 1.2 resumes by session id even without tickets, and a resumed session would outlive the
    trust in its CA (B-38). Python cannot switch that cache off.
    """

    _lender: ssl.SSLContext
    farewell: socket.socket | None
    """After a failed handshake of which the client was told: its connection, on a descriptor of the caller's own."""
    connection: socket.socket | None
    """The connection that an alert is sent on when the handshake fails."""

    @classmethod
    def made(cls, lender: ssl.SSLContext, *, ask_for_certificate: bool) -> ConnectionContext:
        context = cls(ssl.PROTOCOL_TLS_SERVER)
        context._lender, context.farewell, context.connection = lender, None, None
        _set_rules(context)
        context.verify_mode = ssl.CERT_OPTIONAL if ask_for_certificate else ssl.CERT_NONE
        context.sslobject_class = _AlertingSslObject
        return context

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        tls = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        tls.context = self._lender
        if isinstance(tls, _AlertingSslObject):
            tls.outgoing, tls.owner = outgoing, self
        return tls


class _AlertingSslObject(ssl.SSLObject):
    """Sends the alert of a failed handshake: asyncio drops what OpenSSL has queued then, and the client would only see
    that the connection ended.
    """

    outgoing: ssl.MemoryBIO
    owner: ConnectionContext

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError):
            raise
        except ssl.SSLError:
            self._send_alert()
            raise

    def _send_alert(self) -> None:
        alert, connection = self.outgoing.read(), self.owner.connection
        if not alert or connection is None:
            return
        try:
            connection.send(alert)
            self.owner.farewell = connection.dup()
        except OSError:
            return  # the client is gone already, or no descriptor is left: the failure itself is reported all the same


def _material_context(material: TlsMaterial) -> ssl.SSLContext:
    """A context with our certificate and the trust anchors; every CA is an anchor, so a leaf alone is enough (B-40).

    A CA that OpenSSL does not take is left out: its devices are not let in, and those of the others are.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _set_rules(context)
    _load_identity(context, material)
    for certificate in material.trust_anchors:
        problem = load_anchor(context, certificate)
        if problem is not None:
            logger.error("the CA with the SHA-256 %s is left out: %s", hashlib.sha256(certificate).hexdigest(), problem)
    return context


def _set_rules(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.num_tickets = 0  # of TLS 1.3, which OP_NO_TICKET leaves two of
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME


def _load_identity(context: ssl.SSLContext, material: TlsMaterial) -> None:
    """Load certificate and key. Python takes them from files only: this one is 0600, sealed, gone at once (B-45)."""
    passphrase = secrets.token_bytes(24).hex().encode()
    key = load_private_key(material.private_key)
    with tempfile.NamedTemporaryFile(prefix="est-tls-", suffix=".pem") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)))
        for certificate in material.certificate_chain:
            file.write(x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name, password=passphrase)
