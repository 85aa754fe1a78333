"""Files with several things in them: bundles of certificates, and a key with its certificates (B-42)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.hazmat.primitives.serialization import pkcs12 as _pkcs12

from estconsole.domain.certificate import CA_KEY_KINDS, KeyAlgorithm
from estconsole.domain.secret import Secret
from estconsole.pki.certificates import read_certificate
from estconsole.pki.keys import SigningKey, load_private_key, private_key_der, public_key_der, public_key_facts, spki
from estconsole.pki.parsing import PARSER_ERRORS

_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PEM_LOADERS: dict[bytes, Callable[[bytes], list[x509.Certificate]]] = {
    b"CERTIFICATE": x509.load_pem_x509_certificates,
    b"X509 CERTIFICATE": x509.load_pem_x509_certificates,
    b"PKCS7": pkcs7.load_pem_pkcs7_certificates,
    b"CMS": pkcs7.load_pem_pkcs7_certificates,
}
_NO_CERTIFICATES = "no certificate in it; give PEM or DER, one certificate or a bundle, or PKCS#7"
_NO_BUNDLE = "neither PKCS#12 nor PEM with a private key; give the key and its certificates in one such file"


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """A private key (PKCS#8 DER) with its certificate (DER), and the other certificates of the file in their order."""

    private_key: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    others: tuple[bytes, ...] = field(default=(), repr=False)


class PassphraseError(ValueError):
    """A passphrase is missing, wrong, or not needed: with another one the same bytes may be read."""


def read_certificates(data: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) in a file or a paste, each once, in their order.

    It may be DER, PEM with words around it, or PKCS#7 in PEM or DER. Raises ValueError in words that say what would
    be right, also where one of several cannot be read.
    """
    if not (ders := _readable(_certificates(data))):
        raise ValueError(_NO_CERTIFICATES)
    return ders


def read_key_bundle(data: bytes, passphrase: Secret | None) -> KeyBundle:
    """A key with its certificates, from PKCS#12 or PEM, encrypted or not; the key is validated.

    Raises PassphraseError for a wrong passphrase, and one that is missing or not needed, and ValueError for no key, a
    key that CAs here cannot have, and no certificate for the key; in words, which never hold the passphrase.
    """
    # `surrogatepass`: a text that is no UTF-8 is a wrong passphrase, and not an error that quotes it.
    password = passphrase.reveal().encode("utf-8", "surrogatepass") if passphrase else None
    key, certificates = _from_pem(data, password) if b"-----BEGIN" in data else _from_pkcs12(data, password)
    signing_key = _acceptable(key)
    ders = _readable(certificates)
    public = public_key_der(signing_key)
    own = next((der for der in ders if spki(x509.load_der_x509_certificate(der).public_key()) == public), None)
    if own is None:
        raise ValueError("no certificate for the private key is in it; put it into the same file")
    return KeyBundle(private_key_der(signing_key), own, tuple(der for der in ders if der != own))


def pkcs12(name: str, private_key: bytes, certificate: bytes, others: Sequence[bytes], passphrase: Secret) -> bytes:
    """A key (PKCS#8 DER) with certificates (DER) as PKCS#12, under AES-256, as openssl 3 and EJBCA read it.

    Raises ValueError for an empty passphrase.
    """
    if not passphrase:
        raise ValueError("a private key leaves only under a passphrase; give one")
    return _pkcs12.serialize_key_and_certificates(
        name.encode(),
        load_private_key(private_key),
        x509.load_der_x509_certificate(certificate),
        [x509.load_der_x509_certificate(der) for der in others],
        serialization.BestAvailableEncryption(passphrase.reveal().encode("utf-8", "surrogatepass")),
    )


def _certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in data:
        blocks = [block for block in _PEM_BLOCK.finditer(data) if block[1] in _PEM_LOADERS]
        return [certificate for block in blocks for certificate in _loaded(block)]
    for load in (_one_certificate, pkcs7.load_der_pkcs7_certificates):
        with contextlib.suppress(*PARSER_ERRORS):
            return load(data)
    raise ValueError(_NO_CERTIFICATES)


def _one_certificate(data: bytes) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(data)]


def _loaded(block: re.Match[bytes]) -> list[x509.Certificate]:
    try:
        return _PEM_LOADERS[block[1]](block[0])
    except PARSER_ERRORS:
        line = block.string.count(b"\n", 0, block.start()) + 1
        raise ValueError(
            f"the {block[1].decode()} on line {line} cannot be read; leave it out, or copy it anew"
        ) from None


def _readable(certificates: Sequence[x509.Certificate]) -> tuple[bytes, ...]:
    """The certificates' DER, each once. Raises ValueError for one that cannot be read whole."""
    ders = tuple(dict.fromkeys(certificate.public_bytes(serialization.Encoding.DER) for certificate in certificates))
    for position, der in enumerate(ders, 1):
        try:
            read_certificate(der)
        except ValueError:
            which = "the certificate" if len(ders) == 1 else f"certificate {position} of {len(ders)}"
            raise ValueError(f"{which} cannot be read; leave it out, or have it issued anew") from None
    return ders


def _from_pem(data: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    keys = [block[0] for block in _PEM_BLOCK.finditer(data) if block[1].endswith(b"PRIVATE KEY")]
    if len(keys) != 1:
        raise ValueError("more than one private key is in it; leave the CA's alone" if keys else _NO_BUNDLE)
    try:
        key = serialization.load_pem_private_key(keys[0], password)
    except TypeError:  # how cryptography tells that a password is missing or not needed
        raise PassphraseError(_unneeded_or_missing(password)) from None
    except PARSER_ERRORS:
        raise _unreadable_key(password) from None
    return key, _certificates(data)


def _from_pkcs12(data: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    try:
        bundle = _pkcs12.load_pkcs12(data, password)
    except PARSER_ERRORS:
        raise _pkcs12_problem(data, password) from None
    if bundle.key is None:
        raise ValueError("no private key is in it; export it together with its certificate")
    own = [bundle.cert] if bundle.cert is not None else []
    return bundle.key, [entry.certificate for entry in (*own, *bundle.additional_certs)]


def _pkcs12_problem(data: bytes, password: bytes | None) -> ValueError:
    # PFX begins with its version, which is 3 (RFC 7292 4), after at most six bytes of tag and length.
    if b"\x02\x01\x03" not in data[:9]:
        return ValueError(_NO_BUNDLE)
    if password is None:
        return PassphraseError(_unneeded_or_missing(password))
    try:
        _pkcs12.load_pkcs12(data, None)
    except PARSER_ERRORS:
        return _unreadable_key(password)
    return PassphraseError(_unneeded_or_missing(password))


def _unneeded_or_missing(password: bytes | None) -> str:
    if password is None:
        return "the private key is encrypted; give its passphrase"
    return "the private key is not encrypted; leave the passphrase empty"


def _unreadable_key(password: bytes | None) -> ValueError:
    if password is None:
        return ValueError("the private key cannot be read; it is damaged, or of a kind that is not supported")
    words = "the passphrase is wrong, or the private key is damaged or of a kind that is not supported"
    return PassphraseError(words)


def _acceptable(key: PrivateKeyTypes) -> SigningKey:
    facts = public_key_facts(key.public_key())
    strong = facts.kind in CA_KEY_KINDS or (facts.algorithm is KeyAlgorithm.RSA and facts.bits >= 2048)
    if not isinstance(key, SigningKey) or not strong:
        kind = type(key).__name__.removesuffix("PrivateKey") if facts.algorithm is KeyAlgorithm.OTHER else facts
        raise ValueError(f"a CA's key is RSA from 2048, EC P-256, P-384 or P-521, or Ed25519, and this one is {kind}")
    return key
