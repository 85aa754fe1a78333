"""Certificates as they are made, read back by the reader and by openssl."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estconsole.domain.certificate import CLIENT_AUTH, KeyAlgorithm
from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE
from estconsole.domain.names import parse_dn, parse_sans, same_name
from estconsole.pki.certificates import Issuer, certificate_pem, issue_root, read_certificate
from estconsole.pki.chains import path_above
from estconsole.pki.cms import certs_only
from estconsole.pki.describe import describe_certificate, describe_csr
from estconsole.pki.keys import load_private_key, private_key_der
from tests.interop.programs import needs
from tests.support import csr_der, ec_key, rsa_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = issue_root(rsa_key(), parse_dn("CN=ManagementCA,O=estconsole"), NOW, timedelta(days=3650))
ISSUER = Issuer(ROOT, rsa_key())


def issue(subject: str = "CN=dev,O=Lab,C=SE", sans: str = "", key: object = None) -> bytes:
    der = csr_der("CN=whatever the device wrote", key or ec_key())  # type: ignore[arg-type]
    return ISSUER.issue_end_entity(der, parse_dn(subject), parse_sans(sans), TLS_END_ENTITY_CERT_PROFILE, NOW)


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


def test_a_certificate_never_outlives_its_ca() -> None:
    short = issue_root(rsa_key(), parse_dn("CN=Short"), NOW, timedelta(days=30))
    der = Issuer(short, rsa_key()).issue_end_entity(
        csr_der("CN=x"), parse_dn("CN=dev"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    assert read_certificate(der).not_after == read_certificate(short).not_after


def test_serial_numbers_are_long_positive_and_different() -> None:
    serials = {read_certificate(issue()).serial for _ in range(20)}
    assert len(serials) == 20
    assert all(158 <= serial.bit_length() <= 159 for serial in serials)


def test_key_usage_is_key_encipherment_for_rsa_alone() -> None:
    """B-15."""
    assert "key encipherment" in describe_certificate(issue(key=rsa_key()))
    assert "key encipherment" not in describe_certificate(issue())


def test_a_path_is_found_by_name_and_signature() -> None:
    """B-19: two CAs with one subject are told apart by key."""
    namesake = issue_root(ec_key(), parse_dn("CN=ManagementCA,O=estconsole"), NOW, timedelta(days=3650))
    leaf = issue()
    assert path_above(leaf, [namesake, ROOT]) == (ROOT,)
    assert path_above(leaf, [namesake]) == ()
    assert path_above(ROOT, [ROOT]) == ()


def test_a_leaf_that_signed_another_leaf_is_no_issuer() -> None:
    key = ec_key()
    leaf = issue(key=key)
    forged = Issuer(leaf, key).issue_end_entity(
        csr_der("CN=x"), parse_dn("CN=forged"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    facts = read_certificate(path_above(forged, [leaf, ROOT])[0])
    assert not facts.is_ca
    assert not facts.may_sign_certificates


def test_bytes_that_are_no_certificate_raise_value_error() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the parser's own
        read_certificate(b"\x30\x03\x02\x01\x05")


def test_a_private_key_survives_writing_and_loading() -> None:
    for key in (rsa_key(), ec_key()):
        assert private_key_der(load_private_key(private_key_der(key))) == private_key_der(key)


def test_a_csr_in_words_masks_its_code() -> None:
    """B-45."""
    words = describe_csr(csr_der("CN=dev", code="planted-secret"))
    assert "CN=dev" in words
    assert "••••" in words
    assert "planted" not in words


@needs("openssl")
def test_openssl_reads_and_verifies_what_is_issued(tmp_path: Path) -> None:
    leaf = issue(sans="dNSName=dev.example")
    (tmp_path / "root.pem").write_text(certificate_pem(ROOT))
    (tmp_path / "leaf.pem").write_text(certificate_pem(leaf))
    (tmp_path / "answer.p7").write_bytes(certs_only([leaf]))

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    # The certificates' clock stands still, so openssl's is set to it.
    at = str(int(NOW.timestamp()))
    verified = openssl(
        "verify", "-x509_strict", "-purpose", "sslclient", "-attime", at, "-CAfile", "root.pem", "leaf.pem"
    )
    assert verified == "leaf.pem: OK\n"
    text = openssl("x509", "-in", "leaf.pem", "-noout", "-text")
    assert "TLS Web Client Authentication" in text
    assert "PRINTABLESTRING" in openssl("asn1parse", "-in", "leaf.pem").split("countryName")[1].split("\n")[1]
    assert "subject=C = SE, O = Lab, CN = dev" in openssl("pkcs7", "-inform", "DER", "-in", "answer.p7", "-print_certs")
