"""The Attribute of PKCS#10 and of CsrAttrs: a type and a set of values (RFC 2986 4.1, RFC 7030 4.5.2)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat import asn1

CHALLENGE_PASSWORD = x509.oid.AttributeOID.CHALLENGE_PASSWORD
CHANGE_SUBJECT_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.7.36")
"""id-cmc-changeSubjectName (RFC 6402 2.8)."""
DECRYPT_KEY_IDS = frozenset(
    {x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.37"), x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.54")}
)
"""DecryptKeyIdentifier and AsymmetricDecryptKeyIdentifier (RFC 7030 4.4.1)."""
EXTENSION_REQUEST = x509.ObjectIdentifier("1.2.840.113549.1.9.14")
"""id-ExtensionReq (RFC 2985 5.4.2)."""


@asn1.sequence
class Attribute:
    """Any number of values, of any type: what is wrong with them is for their reader to say."""

    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


def attribute(oid: x509.ObjectIdentifier, values: Sequence[bytes]) -> Attribute:
    """An attribute of values in DER."""
    return Attribute(type=oid, values=asn1.SetOf([asn1.decode_der(asn1.TLV, value) for value in values]))
