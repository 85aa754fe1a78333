"""What csrattrs tells (B-32), read back by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.domain.certificate import KeyAlgorithm
from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE, CertificateProfile, KeyRule
from estconsole.pki.csr_attributes import csr_attributes
from tests.interop.programs import needs

RSA = KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072)
P256, P384, P521 = (KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset({c})) for c in ("P-256", "P-384", "P-521"))
ED25519 = KeyRule(algorithm=KeyAlgorithm.ED25519)
PLAIN = CertificateProfile(name="plain", key_rules=(), validity=timedelta(days=1), extended_key_usages=())


def told(profile: CertificateProfile | None, *, tls_unique: bool = False) -> list[str]:
    """The OIDs and values in the order of the encoding, as openssl names them; a container shows as its depth."""
    der = csr_attributes(profile, tls_unique=tls_unique)
    arguments = ["openssl", "asn1parse", "-inform", "DER"]
    lines = subprocess.run(arguments, input=der, check=True, capture_output=True).stdout.decode().splitlines()
    words = [(line.split("d=")[1][0], line.split(": ", 1)[1].split(":")) for line in lines]
    return [f"{depth} {parts[-1].strip()}" for depth, parts in words if parts[0].split()[0] not in ("SEQUENCE", "SET")]


@needs("openssl")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((RSA,), ["2 rsaEncryption", "3 0C00", "1 sha256WithRSAEncryption"]),
        ((P256,), ["2 id-ecPublicKey", "3 prime256v1", "1 ecdsa-with-SHA256"]),
        ((P384,), ["2 id-ecPublicKey", "3 secp384r1", "1 ecdsa-with-SHA384"]),
        ((P521,), ["2 id-ecPublicKey", "3 secp521r1", "1 ecdsa-with-SHA512"]),
        ((P256, P384), ["2 id-ecPublicKey", "1 ecdsa-with-SHA256"]),
        ((KeyRule(algorithm=KeyAlgorithm.EC),), ["2 id-ecPublicKey", "1 ecdsa-with-SHA256"]),
        ((RSA, replace(RSA, minimum_bits=2048)), ["2 rsaEncryption", "3 0800", "1 sha256WithRSAEncryption"]),
        ((replace(RSA, minimum_bits=0),), ["2 rsaEncryption", "1 sha256WithRSAEncryption"]),
        ((ED25519,), ["2 ED25519", "1 ED25519"]),
        ((RSA, P256), ["1 sha256"]),
    ],
)
def test_the_key_and_signature_are_told_where_the_profile_leaves_no_choice(
    rules: tuple[KeyRule, ...], expected: list[str]
) -> None:
    assert told(replace(PLAIN, key_rules=rules)) == expected


@needs("openssl")
def test_extensions_stand_in_one_extension_request() -> None:
    """RFC 9908 3.2: one id-ExtensionReq attribute, with one value."""
    extension = ["2 Extension Request", "5 X509v3 Extended Key Usage", "5 300A06082B06010505070302"]
    told_octets = told(TLS_END_ENTITY_CERT_PROFILE)
    assert [line.replace("[HEX DUMP]", "") for line in told_octets] == [*extension, "1 sha256"]


@needs("openssl")
def test_a_challenge_password_is_asked_for_as_the_link_to_tls_alone() -> None:
    """B-23, B-32: libest puts tls-unique where the code would be."""
    assert told(None, tls_unique=True) == ["1 challengePassword"]
    assert told(replace(PLAIN, key_rules=(ED25519,)), tls_unique=True)[0] == "1 challengePassword"
    assert "1 challengePassword" not in told(TLS_END_ENTITY_CERT_PROFILE)


def test_there_may_be_nothing_to_tell() -> None:
    assert csr_attributes(None, tls_unique=False) == b""
