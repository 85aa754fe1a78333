"""CMS as EST uses it: a SignedData without signers that carries certificates."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7


def certs_only(certificates: Sequence[bytes]) -> bytes:
    """A degenerate SignedData (DER) of DER certificates: the certs-only answer of RFC 7030 4.1.3 and 4.2.3."""
    return _serialized(certificates, Encoding.DER)


def certs_only_pem(certificates: Sequence[bytes]) -> bytes:
    """The same in PEM (RFC 7468 8), as `openssl crl2pkcs7` writes it and `openssl pkcs7` reads it."""
    return _serialized(certificates, Encoding.PEM)


def _serialized(certificates: Sequence[bytes], encoding: Encoding) -> bytes:
    return pkcs7.serialize_certificates([x509.load_der_x509_certificate(der) for der in certificates], encoding)
