"""What tests make for themselves: keys, CSRs of every kind, and requests as a listener would hand them over."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.names import parse_dn
from estconsole.domain.request import EnrollmentRequest, Operation, PresentedCertificate, Unreadable
from estconsole.pki.certificates import read_certificate
from estconsole.pki.names import to_x509_name
from estconsole.pki.requests import read_csr

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CHALLENGE_PASSWORD = x509.ObjectIdentifier("1.2.840.113549.1.9.7")
ECDSA_WITH_SHA256 = x509.ObjectIdentifier("1.2.840.10045.4.3.2")


def ec_key(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@functools.cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """The session's RSA key of a size: making one takes longer than most tests."""
    return rsa.generate_private_key(65537, bits)


def csr_der(
    subject: str, key: Key | None = None, code: str | None = None, sans: Sequence[x509.GeneralName] = ()
) -> bytes:
    """A CSR as a well-behaved device makes it."""
    key = key or ec_key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(to_x509_name(parse_dn(subject)))
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(sans)), critical=False)
    if code is not None:
        builder = builder.add_attribute(CHALLENGE_PASSWORD, code.encode())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@asn1.sequence
class _Attribute:
    type: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _Info:
    version: int
    subject: x509.Name
    public_key: asn1.TLV
    attributes: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]


@asn1.sequence
class _Algorithm:
    oid: x509.ObjectIdentifier


@asn1.sequence
class _Request:
    info: _Info
    algorithm: _Algorithm
    signature: asn1.BitString


def crafted_csr_der(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, attributes: Sequence[tuple[str, Sequence[bytes]]]
) -> bytes:
    """A signed CSR with attributes as no builder makes them: values given as DER, any number of each."""
    spki = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    inner = asn1.decode_der(_Info, spki.tbs_certrequest_bytes)
    info = _Info(
        version=0,
        subject=subject,
        public_key=inner.public_key,
        attributes=asn1.SetOf([_attribute(oid, values) for oid, values in attributes]),
    )
    signature = key.sign(asn1.encode_der(info), ec.ECDSA(hashes.SHA256()))
    return asn1.encode_der(
        _Request(info=info, algorithm=_Algorithm(oid=ECDSA_WITH_SHA256), signature=asn1.BitString(signature, 0))
    )


def _attribute(oid: str, values: Sequence[bytes]) -> _Attribute:
    decoded = [asn1.decode_der(asn1.TLV, value) for value in values]
    return _Attribute(type=x509.ObjectIdentifier(oid), values=asn1.SetOf(decoded))


def request_of(
    operation: Operation | None,
    csr: bytes | Unreadable | None = None,
    *,
    alias: str = "est",
    certificate: bytes | None = None,
    peer: str = "127.0.0.1",
) -> EnrollmentRequest:
    """An EST request as the listener hands it to the engine."""
    return EnrollmentRequest(
        operation=operation,
        alias_name=alias,
        peer=peer,
        received_at=datetime.now(UTC),
        received=time.perf_counter(),
        csr=read_csr(csr) if isinstance(csr, bytes) else csr,
        presented=PresentedCertificate(read_certificate(certificate), certificate) if certificate else None,
        raw_body=csr if isinstance(csr, bytes) else b"",
    )
