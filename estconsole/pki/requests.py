"""PKCS#10 requests read into the facts that the decision weighs."""

from __future__ import annotations

from typing import Annotated

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, Unreadable
from estconsole.domain.secret import Secret
from estconsole.pki.keys import public_key_facts
from estconsole.pki.names import from_x509_name, from_x509_sans

_CHALLENGE_PASSWORD = x509.oid.AttributeOID.CHALLENGE_PASSWORD
_UNREADABLE_ERRORS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
# The string types that a challengePassword may be (RFC 2985 5.4.1's DirectoryString, and IA5String), by DER tag.
_STRING_ENCODINGS = {
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}


@asn1.sequence
class _Attribute:
    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _RequestInfo:
    """CertificationRequestInfo (RFC 2986 4.1).

    `CertificateSigningRequest.attributes` raises where an attribute has not exactly one value; this reader does not,
    so that two challengePasswords are refused for what they are.
    """

    version: int
    subject: x509.Name
    public_key: asn1.TLV
    attributes: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]


def read_csr(der: bytes) -> CsrFacts | Unreadable:
    """Decode a PKCS#10 request and verify its signature. Whatever the bytes are, the answer is a value (B-23, B-27)."""
    try:
        csr = x509.load_der_x509_csr(der)
        return CsrFacts(
            subject=from_x509_name(csr.subject),
            subject_alt_names=from_x509_sans(csr.extensions),
            key=public_key_facts(csr.public_key()),
            challenge_passwords=_challenge_passwords(csr),
            signature_valid=csr.is_signature_valid,
            der=der,
        )
    except _UNREADABLE_ERRORS:
        # The parser's words may quote what it met, and a CSR holds the code: they are not passed on (B-45).
        return Unreadable(RefusalReason.CSR_UNDECODABLE, f"{len(der)} bytes that are no PKCS#10 request")


def _challenge_passwords(csr: x509.CertificateSigningRequest) -> tuple[Secret, ...]:
    info = asn1.decode_der(_RequestInfo, csr.tbs_certrequest_bytes)
    return tuple(
        Secret(_directory_string(value))
        for attribute in info.attributes.as_list()
        if attribute.type == _CHALLENGE_PASSWORD
        for value in attribute.values.as_list()
    )


def _directory_string(value: asn1.TLV) -> str:
    encoding = _STRING_ENCODINGS.get(value.tag_bytes[0])
    if encoding is None:
        raise ValueError("a challengePassword of a type that is no string")
    return bytes(value.data).decode(encoding)
