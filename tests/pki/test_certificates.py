"""Certificates as they are made, read back by the reader and by openssl."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings

from estconsole.domain.certificate import CLIENT_AUTH, CertificateFacts, KeyAlgorithm
from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE, CertificateProfile, KeyUsage
from estconsole.domain.names import parse_dn, parse_sans, same_name
from estconsole.pki.certificates import Issuer, certificate_pem, issue_root, read_certificate
from estconsole.pki.chains import path_above
from estconsole.pki.cms import certs_only
from estconsole.pki.describe import describe_certificate
from estconsole.pki.keys import SigningKey, public_key_der
from estconsole.pki.names import to_x509_name
from tests.interop.programs import needs
from tests.pki.damage import damaged
from tests.support import ec_key, rsa_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
ROOT = issue_root(rsa_key(), parse_dn("CN=ManagementCA,O=estconsole"), NOW, 10 * YEAR)
ISSUER = Issuer(ROOT, rsa_key())
URL = "http://127.0.0.1:8080/crls/ManagementCA.crl"


def issue(
    subject: str = "CN=dev,O=Lab,C=SE",
    sans: str = "",
    key: SigningKey | None = None,
    profile: CertificateProfile = TLS_END_ENTITY_CERT_PROFILE,
    crl_url: str = "",
) -> bytes:
    public_key = public_key_der(key or ec_key())
    return ISSUER.issue_end_entity(public_key, parse_dn(subject), parse_sans(sans), profile, NOW, crl_url)


def foreign_ca(key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType) -> bytes:
    """A CA's certificate as others make them."""
    name = to_x509_name(parse_dn("CN=Imported"))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(5)
    builder = builder.public_key(key.public_key()).not_valid_before(NOW).not_valid_after(NOW + YEAR)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def path_length(der: bytes) -> int | None:
    return extensions_of(der).get_extension_for_class(x509.BasicConstraints).value.path_length


def extensions_of(der: bytes) -> x509.Extensions:
    return x509.load_der_x509_certificate(der).extensions


def test_the_issued_subject_is_the_registered_one_in_rfc_4514_order() -> None:
    """B-12."""
    facts = read_certificate(issue())
    assert str(facts.subject) == "CN=dev,O=Lab,C=SE"
    assert [attribute.label for attribute in facts.subject] == ["C", "O", "CN"]
    assert same_name(facts.issuer, parse_dn("CN=ManagementCA,O=estconsole"))


def test_an_issued_certificate_is_what_its_profile_says() -> None:
    """B-15."""
    facts = read_certificate(issue(sans="dNSName=dev.example, iPAddress=192.0.2.1"))
    assert facts.extended_key_usages == {CLIENT_AUTH}
    assert not facts.is_ca
    assert facts.not_after - NOW == timedelta(days=730)
    assert NOW - facts.not_before == timedelta(minutes=10)
    assert facts.subject_alt_names == parse_sans("dNSName=dev.example, iPAddress=192.0.2.1")
    assert facts.key.algorithm is KeyAlgorithm.EC


def test_nothing_that_is_issued_outlives_its_ca() -> None:
    short = issue_root(rsa_key(), parse_dn("CN=Short"), NOW, timedelta(days=30))
    issuer, key, name = Issuer(short, rsa_key()), public_key_der(ec_key()), parse_dn("CN=dev")
    for der in (
        issuer.issue_end_entity(key, name, frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW),
        issuer.issue_authority(key, name, NOW, YEAR),
    ):
        assert read_certificate(der).not_after == read_certificate(short).not_after


def test_serial_numbers_are_long_positive_and_different() -> None:
    serials = {read_certificate(issue()).serial for _ in range(20)}
    assert len(serials) == 20
    assert all(158 <= serial.bit_length() <= 159 for serial in serials)


@pytest.mark.parametrize(
    ("key", "usages"),
    [
        (rsa_key(), "digital signature, content commitment, key encipherment, data encipherment"),
        (ec_key(), "digital signature, content commitment, key agreement"),
        (ed25519.Ed25519PrivateKey.generate(), "digital signature, content commitment"),
    ],
    ids=["RSA", "EC", "Ed25519"],
)
def test_a_key_gets_the_usages_that_it_is_capable_of(key: SigningKey, usages: str) -> None:
    """B-15: the profile may name them all."""
    profile = replace(TLS_END_ENTITY_CERT_PROFILE, key_usages=frozenset(KeyUsage))
    words = describe_certificate(issue(key=key, profile=profile))
    assert f"Key Usage (critical)\n    {usages}\n" in words
    assert f"usages             {usages}; TLS client authentication\n" in words


def test_no_usage_is_no_extension() -> None:
    profile = replace(TLS_END_ENTITY_CERT_PROFILE, key_usages=frozenset({KeyUsage.KEY_ENCIPHERMENT}))
    assert not any(isinstance(extension.value, x509.KeyUsage) for extension in extensions_of(issue(profile=profile)))


def test_a_certificate_carries_the_crl_s_url_where_there_is_one_and_the_profile_wants_it() -> None:
    """B-43."""
    silent = replace(TLS_END_ENTITY_CERT_PROFILE, crl_distribution_point=False)
    said = f"CRL Distribution Points\n    uniformResourceIdentifier={URL}\n"
    assert said in describe_certificate(issue(crl_url=URL))
    assert URL not in describe_certificate(issue())
    assert URL not in describe_certificate(issue(crl_url=URL, profile=silent))


def test_a_sub_ca_issues_under_its_root() -> None:
    """B-42."""
    key = ec_key(ec.SECP384R1)
    sub = ISSUER.issue_authority(public_key_der(key), parse_dn("CN=Sub"), NOW, YEAR, URL)
    leaf = Issuer(sub, key).issue_end_entity(
        public_key_der(ec_key()), parse_dn("CN=dev"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    facts = read_certificate(sub)
    assert facts.is_ca
    assert facts.may_sign_certificates
    assert path_above(leaf, [ROOT, sub]) == (sub, ROOT)
    assert URL in describe_certificate(sub)


def test_a_ca_that_may_have_none_below_issues_none() -> None:
    key = ec_key()
    issuer = Issuer(foreign_ca(key, x509.BasicConstraints(ca=True, path_length=0)), key)
    with pytest.raises(ValueError, match="allows no CA below it"):
        issuer.issue_authority(public_key_der(ec_key()), parse_dn("CN=Sub"), NOW, YEAR)


def test_path_lengths_shrink_by_one_a_step_and_those_further_above_count() -> None:
    """RFC 5280 6.1.4: what would fail at every client is not issued. An imported CA need not repeat its root's."""
    key, spki, name = ec_key(), public_key_der(ec_key()), parse_dn("CN=Sub")
    one, free = (
        Issuer(foreign_ca(key, x509.BasicConstraints(ca=True, path_length=length)), key) for length in (1, None)
    )
    below_one = Issuer(one.issue_authority(public_key_der(key), name, NOW, YEAR), key)
    for issuer, above in ((below_one, ()), (free, (one.certificate,))):
        with pytest.raises(ValueError, match="or that of a CA above it, allows no CA below it"):
            issuer.issue_authority(spki, name, NOW, YEAR, above=above)
    lengths = [
        path_length(issuer.issue_authority(spki, name, NOW, YEAR, above=above))
        for issuer, above in ((one, ()), (free, ()), (one, (free.certificate,)))
    ]
    assert lengths == [0, None, 0]


def test_a_renewed_ca_keeps_all_that_others_know_it_by() -> None:
    """B-42: its name as it was encoded, its key's identifier, and what it is bound to."""
    key, identifier = ec_key(), x509.SubjectKeyIdentifier(b"not of the key")
    bounds = x509.NameConstraints(permitted_subtrees=[x509.DNSName("example")], excluded_subtrees=None)
    before = foreign_ca(key, x509.BasicConstraints(ca=True, path_length=2), identifier, bounds)
    before = before.replace(b"\x0c\x08Imported", b"\x13\x08Imported")  # a PrintableString
    after = Issuer(before, key).renew_authority(before, NOW + YEAR, 2 * YEAR)
    old, new = (x509.load_der_x509_certificate(der) for der in (before, after))
    assert new.subject.public_bytes() == new.issuer.public_bytes() == old.subject.public_bytes()
    assert {extension.value for extension in new.extensions} == {extension.value for extension in old.extensions}
    assert read_certificate(after).not_after == NOW + 3 * YEAR
    assert old.serial_number != new.serial_number
    new.verify_directly_issued_by(old)


def test_an_imported_ca_without_a_key_identifier_issues_too() -> None:
    key = ec_key()
    leaf = Issuer(foreign_ca(key), key).issue_end_entity(
        public_key_der(ec_key()), parse_dn("CN=dev"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    authority = extensions_of(leaf).get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority == x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec_key(), "ecdsa-with-SHA256"),
        (ec_key(ec.SECP384R1), "ecdsa-with-SHA384"),
        (ec_key(ec.SECP521R1), "ecdsa-with-SHA512"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_ca_signs_as_strongly_as_its_key(key: SigningKey, algorithm: str) -> None:
    assert f" {algorithm}\n" in describe_certificate(issue_root(key, parse_dn("CN=Root"), NOW, YEAR))


def test_a_serial_number_that_rfc_5280_forbids_is_read_and_shown() -> None:
    """Old roots have 0."""
    der = foreign_ca(ec_key()).replace(b"\x02\x01\x05", b"\x02\x01\x00", 1)
    assert read_certificate(der).serial == 0
    assert "serial             00\n" in describe_certificate(der)
    negative = der.replace(b"\x02\x01\x00", b"\x02\x01\xf0", 1)
    assert "serial             -10\n" in describe_certificate(negative)


def test_a_key_that_is_not_known_here_makes_a_certificate_unreadable() -> None:
    """Cryptography's UnsupportedAlgorithm is no ValueError."""
    unknown = foreign_ca(ec_key()).replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0277"))
    with pytest.raises(ValueError, match="cannot be read"):
        read_certificate(unknown)
    assert path_above(issue(), [unknown, ROOT]) == (ROOT,)


def test_a_tls_feature_that_nobody_knows_makes_a_certificate_unreadable() -> None:
    """Cryptography's KeyError is no ValueError either."""
    feature = x509.UnrecognizedExtension(x509.TLSFeature.oid, bytes.fromhex("3003020109"))
    with pytest.raises(ValueError, match="cannot be read"):
        read_certificate(foreign_ca(ec_key(), feature))


def everything() -> Sequence[bytes]:
    sans = (
        "dNSName=a.b, iPAddress=::1, rfc822Name=a@b.c, registeredID=1.2.3, otherName=1.2.3:0c0161, directoryName=CN=x"
    )
    return [ROOT, issue(sans=sans, crl_url=URL), issue(key=rsa_key()), foreign_ca(ec_key())]


@given(damaged(everything()))
@settings(max_examples=400)
def test_no_damage_makes_anything_but_facts_or_a_value_error(data: bytes) -> None:
    try:
        assert isinstance(read_certificate(data), CertificateFacts)
    except ValueError as error:
        assert "cannot be read" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert describe_certificate(data)
        assert path_above(data, [ROOT]) in ((), (ROOT,))


@needs("openssl")
def test_openssl_reads_and_verifies_what_is_issued(tmp_path: Path) -> None:
    sub_key = ed25519.Ed25519PrivateKey.generate()
    sub = ISSUER.issue_authority(public_key_der(sub_key), parse_dn("CN=Sub"), NOW, YEAR, URL)
    leaf = Issuer(sub, sub_key).issue_end_entity(
        public_key_der(ec_key()),
        parse_dn("CN=dev,O=Lab,C=SE"),
        parse_sans("dNSName=dev.example"),
        TLS_END_ENTITY_CERT_PROFILE,
        NOW,
        URL,
    )
    for name, der in (("root", ROOT), ("sub", sub), ("leaf", leaf)):
        (tmp_path / f"{name}.pem").write_text(certificate_pem(der))
    (tmp_path / "answer.p7").write_bytes(certs_only([leaf]))

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    # The certificates' clock stands still, so openssl's is set to it.
    at = ["-x509_strict", "-attime", str(int(NOW.timestamp()))]
    files = ["-CAfile", "root.pem", "-untrusted", "sub.pem", "leaf.pem"]
    assert openssl("verify", *at, "-purpose", "sslclient", *files) == "leaf.pem: OK\n"
    text = openssl("x509", "-in", "leaf.pem", "-noout", "-text")
    assert "TLS Web Client Authentication" in text
    assert f"URI:{URL}" in text
    assert "PRINTABLESTRING" in openssl("asn1parse", "-in", "leaf.pem").split("countryName")[1].split("\n")[1]
    assert "subject=C = SE, O = Lab, CN = dev" in openssl("pkcs7", "-inform", "DER", "-in", "answer.p7", "-print_certs")
