"""An EST client in a few lines: one request over a fresh TLS connection."""

from __future__ import annotations

import base64
import http.client
import ssl
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from estconsole.pki.certificates import certificate_pem
from tests.support import Key, csr_der, ec_key


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    body: bytes

    @property
    def certificate(self) -> bytes:
        """The one certificate of an enroll answer (DER)."""
        (certificate,) = pkcs7.load_der_pkcs7_certificates(base64.b64decode(self.body))
        return certificate.public_bytes(serialization.Encoding.DER)


class WireClient:
    """A device that trusts one CA, taken from the plain port."""

    def __init__(self, http_url: str, tls_url: str, mtls_url: str) -> None:
        self.tls_url, self.mtls_url = tls_url, mtls_url
        with urllib.request.urlopen(f"{http_url}/ca/ManagementCA.cacert.pem", timeout=10) as answer:  # noqa: S310
            self.ca_pem = answer.read().decode()

    def post(
        self,
        operation: str,
        body: bytes,
        *,
        certificate: bytes | None = None,
        key: Key | None = None,
    ) -> Answer:
        """POST a body to an operation; with a certificate on the port that asks for one."""
        url = urlsplit(self.mtls_url if certificate else self.tls_url)
        context = ssl.create_default_context(cadata=self.ca_pem)
        if certificate is not None and key is not None:
            _load(context, certificate, key)
        connection = http.client.HTTPSConnection(url.hostname or "", url.port, context=context, timeout=10)
        try:
            headers = {"Content-Type": "application/pkcs10"}
            connection.request("POST", f"/.well-known/est/{operation}", body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()

    def enroll(self, username: str, code: str, key: Key | None = None) -> Answer:
        """An initial enrollment by challengePassword."""
        return self.post("simpleenroll", base64.encodebytes(csr_der(f"CN={username}", key or ec_key(), code)))

    def renew(self, username: str, certificate: bytes, key: Key, new_key: Key | None = None) -> Answer:
        """A renewal with a certificate."""
        body = base64.encodebytes(csr_der(f"CN={username}", new_key or key))
        return self.post("simplereenroll", body, certificate=certificate, key=key)


def _load(context: ssl.SSLContext, certificate: bytes, key: Key) -> None:
    """`load_cert_chain` reads files only; the test's key is of no worth."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "client.pem"
        file.write_text(certificate_pem(certificate) + pem)
        context.load_cert_chain(file)
