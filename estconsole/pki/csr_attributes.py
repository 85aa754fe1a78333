"""What csrattrs tells a device of the request that it should make (B-32): CsrAttrs of RFC 7030 4.5.2.

RFC 9908 3.2 says how they are written: extensions in one id-ExtensionReq attribute, the key's type as an attribute
with its parameter, if any, and the signature's algorithm as an OID.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec

from estconsole.domain.certificate import KeyAlgorithm
from estconsole.domain.model import CertificateProfile
from estconsole.pki.attributes import CHALLENGE_PASSWORD, EXTENSION_REQUEST, Attribute, attribute

_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_CURVES = {
    "P-256": ec.EllipticCurveOID.SECP256R1,
    "P-384": ec.EllipticCurveOID.SECP384R1,
    "P-521": ec.EllipticCurveOID.SECP521R1,
}
_ECDSA_WITH = {
    "P-384": x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    "P-521": x509.SignatureAlgorithmOID.ECDSA_WITH_SHA512,
}


@asn1.sequence
class _Extension:
    id: x509.ObjectIdentifier
    value: bytes


@asn1.sequence
class _Extensions:
    """A SEQUENCE OF Extension with the one that is asked for."""

    extended_key_usage: _Extension


@asn1.sequence
class _Wrapped:
    """CsrAttrs within a SEQUENCE of its own, since the encoder takes no bare SEQUENCE OF."""

    items: list[x509.ObjectIdentifier | Attribute]


def csr_attributes(profile: CertificateProfile | None, *, tls_unique: bool) -> bytes:
    """CsrAttrs (DER) of what a profile demands, or nothing.

    The challengePassword is asked for only as the link to TLS (R 3.5): libest would overwrite an enrollment code.
    """
    items: list[x509.ObjectIdentifier | Attribute] = [CHALLENGE_PASSWORD] if tls_unique else []
    if profile is not None:
        items += [*_extensions(profile), *_key_type(profile), _signature(profile)]
    return bytes(asn1.decode_der(asn1.TLV, asn1.encode_der(_Wrapped(items=items))).data) if items else b""


def _extensions(profile: CertificateProfile) -> list[Attribute]:
    if not profile.extended_key_usages:
        return []
    usages = x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in profile.extended_key_usages])
    extension = _Extension(id=usages.oid, value=usages.public_bytes())
    return [attribute(EXTENSION_REQUEST, [asn1.encode_der(_Extensions(extended_key_usage=extension))])]


def _key_type(profile: CertificateProfile) -> list[Attribute]:
    """The kind of key, where the profile leaves no choice of algorithm; its values are empty where more is open."""
    match _algorithm(profile):
        case KeyAlgorithm.RSA:
            smallest = min(rule.minimum_bits for rule in profile.key_rules)
            return [
                attribute(x509.PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5, [asn1.encode_der(smallest)] if smallest else [])
            ]
        case KeyAlgorithm.EC:
            curve = _CURVES.get(_curve(profile))
            return [attribute(x509.PublicKeyAlgorithmOID.EC_PUBLIC_KEY, [asn1.encode_der(curve)] if curve else [])]
        case KeyAlgorithm.ED25519:
            return [attribute(x509.PublicKeyAlgorithmOID.ED25519, [])]
        case _:
            return []


def _signature(profile: CertificateProfile) -> x509.ObjectIdentifier:
    match _algorithm(profile):
        case KeyAlgorithm.RSA:
            return x509.SignatureAlgorithmOID.RSA_WITH_SHA256
        case KeyAlgorithm.EC:
            return _ECDSA_WITH.get(_curve(profile), x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256)
        case KeyAlgorithm.ED25519:
            return x509.SignatureAlgorithmOID.ED25519
        case _:
            return _SHA256


def _algorithm(profile: CertificateProfile) -> KeyAlgorithm | None:
    algorithms = {rule.algorithm for rule in profile.key_rules}
    return algorithms.pop() if len(algorithms) == 1 else None


def _curve(profile: CertificateProfile) -> str:
    """The one curve that every rule admits, or nothing where there is a choice."""
    curves = {curve for rule in profile.key_rules for curve in (rule.curves or {""})}
    return curves.pop() if len(curves) == 1 else ""
