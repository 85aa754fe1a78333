"""Key pairs: generating, writing, loading, and what a public key is."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from estconsole.domain.certificate import KeyAlgorithm, KeyFacts, KeyKind

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
CertifiedKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

MAXIMUM_RSA_BITS = 8192
"""Larger keys take minutes to make, and their PKCS#8 passes the 8 KiB that libest reads (B-31)."""

_CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
# NIST's names, as people say them, for the curves that OpenSSL names otherwise.
_CURVE_NAMES = {curve.name: name for name, curve in _CURVES.items()}
SignatureHash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
_HASH_OF_CURVE: dict[int, SignatureHash] = {384: hashes.SHA384(), 521: hashes.SHA512()}


def generate_key(kind: KeyKind) -> SigningKey:
    """A new key. RSA takes from a tenth of a second to many; the interpreter is free meanwhile.

    Raises ValueError for a kind that is not made here.
    """
    match kind.algorithm:
        case KeyAlgorithm.RSA if 2048 <= kind.bits <= MAXIMUM_RSA_BITS:
            return rsa.generate_private_key(public_exponent=65537, key_size=kind.bits)
        case KeyAlgorithm.EC if kind.curve in _CURVES:
            return ec.generate_private_key(_CURVES[kind.curve])
        case KeyAlgorithm.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            raise ValueError(f"no keys of kind {kind} are made here; use RSA 2048, EC P-256 or another usual one")


def private_key_der(key: SigningKey) -> bytes:
    """PKCS#8 DER in clear: for sealing at once, never for a file."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_private_key(der: bytes) -> SigningKey:
    """A key that this console wrote and sealed.

    Validating an RSA key holds the interpreter for 28 to 198 ms; the seal vouches for this one, so it is skipped.
    """
    key: PrivateKeyTypes = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, SigningKey):
        raise TypeError(f"a {type(key).__name__} cannot sign certificates here")
    return key


def signature_hash(key: SigningKey) -> SignatureHash | None:
    """The hash that a key signs with: as strong as its curve, SHA-256 otherwise, and Ed25519's own (None)."""
    match key:
        case ed25519.Ed25519PrivateKey():
            return None
        case ec.EllipticCurvePrivateKey():
            return _HASH_OF_CURVE.get(key.key_size, hashes.SHA256())
        case rsa.RSAPrivateKey():
            return hashes.SHA256()


def public_key_der(key: SigningKey) -> bytes:
    """The public half of a key as SubjectPublicKeyInfo (DER): what a certificate is issued for."""
    return spki(key.public_key())


def load_public_key(der: bytes) -> CertifiedKey:
    """The key in a SubjectPublicKeyInfo (DER). Raises ValueError for one that no certificate is issued for."""
    key = serialization.load_der_public_key(der)
    if not isinstance(key, CertifiedKey):
        raise ValueError(f"no certificates are issued for a {type(key).__name__}")  # noqa: TRY004 - bytes, not a type
    return key


def spki(key: PublicKeyTypes) -> bytes:
    """A public key as SubjectPublicKeyInfo (DER)."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_key_facts(key: PublicKeyTypes) -> KeyFacts:
    """What a public key is, by algorithm, size, curve and the SHA-256 of its SPKI."""
    digest = hashlib.sha256(spki(key)).hexdigest()
    match key:
        case rsa.RSAPublicKey():
            return KeyFacts(KeyAlgorithm.RSA, key.key_size, "", digest)
        case ec.EllipticCurvePublicKey():
            return KeyFacts(KeyAlgorithm.EC, key.key_size, _CURVE_NAMES.get(key.curve.name, key.curve.name), digest)
        case ed25519.Ed25519PublicKey():
            return KeyFacts(KeyAlgorithm.ED25519, 256, "", digest)
        case _:
            return KeyFacts(KeyAlgorithm.OTHER, getattr(key, "key_size", 0), "", digest)
