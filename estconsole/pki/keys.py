"""Key pairs: generating, writing, loading, and what a public key is."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from estconsole.domain.certificate import KeyAlgorithm, KeyFacts

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

# NIST's names, as people say them, for the curves that OpenSSL names otherwise.
_CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def generate_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A new RSA key. Takes from a tenth of a second to seconds; the interpreter is free meanwhile."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def generate_ec_key() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


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


def public_key_facts(key: PublicKeyTypes) -> KeyFacts:
    """What a public key is, by algorithm, size, curve and the SHA-256 of its SPKI."""
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(spki).hexdigest()
    match key:
        case rsa.RSAPublicKey():
            return KeyFacts(KeyAlgorithm.RSA, key.key_size, "", digest)
        case ec.EllipticCurvePublicKey():
            return KeyFacts(KeyAlgorithm.EC, key.key_size, _CURVE_NAMES.get(key.curve.name, key.curve.name), digest)
        case ed25519.Ed25519PublicKey():
            return KeyFacts(KeyAlgorithm.ED25519, 256, "", digest)
        case _:
            return KeyFacts(KeyAlgorithm.OTHER, getattr(key, "key_size", 0), "", digest)
