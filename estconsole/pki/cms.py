"""CMS as EST uses it: a SignedData without signers that carries certificates."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7


def certs_only(certificates: Sequence[bytes]) -> bytes:
    """A degenerate SignedData (DER) of DER certificates: the certs-only answer of RFC 7030 4.1.3 and 4.2.3."""
    return pkcs7.serialize_certificates(
        [x509.load_der_x509_certificate(certificate) for certificate in certificates], Encoding.DER
    )
