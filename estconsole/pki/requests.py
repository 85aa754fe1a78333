"""PKCS#10 requests read into the facts that the decision weighs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import ChangeSubjectName, CsrFacts, Unreadable
from estconsole.domain.secret import Secret
from estconsole.pki.attributes import CHALLENGE_PASSWORD, CHANGE_SUBJECT_NAME, DECRYPT_KEY_IDS, Attribute
from estconsole.pki.change_subject_name import read_change_subject_name
from estconsole.pki.keys import public_key_facts, spki
from estconsole.pki.names import from_x509_name, from_x509_sans
from estconsole.pki.parsing import PARSER_ERRORS

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
class _RequestInfo:
    """CertificationRequestInfo (RFC 2986 4.1).

    `CertificateSigningRequest.attributes` raises where an attribute has not exactly one value; this reader does not,
    so that two challengePasswords are refused for what they are.
    """

    version: int
    subject: x509.Name
    public_key: asn1.TLV
    attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]


def read_csr(der: bytes) -> CsrFacts | Unreadable:
    """Decode a PKCS#10 request and verify its signature. Whatever the bytes are, the answer is a value (B-23, B-27)."""
    try:
        csr = x509.load_der_x509_csr(der)
        attributes = asn1.decode_der(_RequestInfo, csr.tbs_certrequest_bytes).attributes.as_list()
        return CsrFacts(
            subject=from_x509_name(csr.subject),
            subject_alt_names=from_x509_sans(csr.extensions),
            key=public_key_facts(csr.public_key()),
            challenge_passwords=tuple(_challenge_passwords(attributes)),
            signature_valid=csr.is_signature_valid,
            change_subject_names=tuple(_change_subject_names(attributes)),
            asks_for_key_encryption=any(attribute.type in DECRYPT_KEY_IDS for attribute in attributes),
            der=der,
        )
    except PARSER_ERRORS:
        # The parser's words may quote what it met, and a CSR holds the code: they are not passed on (B-45).
        return Unreadable(RefusalReason.CSR_UNDECODABLE, f"{len(der)} bytes that are no PKCS#10 request")


def csr_public_key(der: bytes) -> bytes:
    """The public key of a request that was read before, as SubjectPublicKeyInfo (DER)."""
    return spki(x509.load_der_x509_csr(der).public_key())


def _challenge_passwords(attributes: list[Attribute]) -> Iterator[Secret]:
    for attribute in attributes:
        if attribute.type == CHALLENGE_PASSWORD:
            yield from (Secret(_directory_string(value)) for value in attribute.values.as_list())


def _directory_string(value: asn1.TLV) -> str:
    encoding = _STRING_ENCODINGS.get(value.tag_bytes[0])
    if encoding is None:
        raise ValueError("a challengePassword of a type that is no string")
    return bytes(value.data).decode(encoding)


def _change_subject_names(attributes: list[Attribute]) -> Iterator[ChangeSubjectName | None]:
    read = 0
    for attribute in attributes:
        if attribute.type == CHANGE_SUBJECT_NAME:
            for value in attribute.values.as_list() or (None,):
                # Two are refused already (B-17): a request of thousands is not worth the time to read them.
                yield read_change_subject_name(asn1.encode_der(value)) if value is not None and read < 2 else None
                read += 1
