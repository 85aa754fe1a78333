"""CRLs: the ones issued here, read back by the reader and by openssl, and those of others."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings

from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE
from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import CrlEntry, CrlFacts, Revocation, RevocationReason
from estconsole.pki.certificates import Issuer, certificate_pem, issue_root, read_certificate
from estconsole.pki.crls import crl_der, is_crl_of, read_crl
from estconsole.pki.describe import describe_crl
from estconsole.pki.keys import public_key_der
from estconsole.pki.names import to_x509_name
from tests.interop.programs import needs
from tests.pki.damage import damaged
from tests.support import ec_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
KEY = ec_key(ec.SECP384R1)
ROOT = issue_root(KEY, parse_dn("CN=Root,O=Lab"), NOW, timedelta(days=3650))
ISSUER = Issuer(ROOT, KEY)
ENTRIES = [CrlEntry(number, NOW, reason) for number, reason in enumerate(RevocationReason, 1) if reason != 8]
CRL = ISSUER.issue_crl(7, ENTRIES, NOW, NOW + WEEK)


def foreign(
    *extensions: x509.ExtensionType, entry: Sequence[x509.ExtensionType] = (), critical: bool = True
) -> CrlFacts:
    """A CRL with extensions that are not made here, in it and in its one entry."""
    revoked = x509.RevokedCertificateBuilder().serial_number(5).revocation_date(NOW)
    for extension in entry:
        revoked = revoked.add_extension(extension, critical=critical)
    builder = x509.CertificateRevocationListBuilder().issuer_name(to_x509_name(parse_dn("CN=Vendor")))
    builder = builder.last_update(NOW).next_update(NOW + WEEK).add_revoked_certificate(revoked.build())
    for extension in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return read_crl(builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER))


def point(**what: object) -> x509.IssuingDistributionPoint:
    nothing = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**nothing | what)  # type: ignore[arg-type]


def test_a_crl_says_whose_it_is_what_it_revokes_and_when_the_next_comes() -> None:
    """B-43."""
    facts = read_crl(CRL)
    assert facts.issuer == read_certificate(ROOT).subject
    assert (facts.number, facts.this_update, facts.next_update) == (7, NOW, NOW + WEEK)
    assert facts.revoked == {entry.serial: Revocation(entry.at, entry.reason) for entry in ENTRIES}
    assert facts.partial == ""


def test_an_empty_crl_is_one() -> None:
    assert read_crl(ISSUER.issue_crl(1, [], NOW, NOW + WEEK)).revoked == {}


def test_unspecified_is_said_by_no_extension() -> None:
    """RFC 5280 5.3.1."""
    crl = x509.load_der_x509_crl(CRL)
    assert [len(entry.extensions) for entry in crl] == [0, *(1 for _ in ENTRIES[1:])]


def test_a_crl_is_its_ca_s_by_name_and_by_signature() -> None:
    namesake_key = ec_key()
    namesake = issue_root(namesake_key, parse_dn("CN=Root,O=Lab"), NOW, WEEK)
    same_key = issue_root(KEY, parse_dn("CN=Other"), NOW, WEEK)
    leaf = ISSUER.issue_end_entity(
        public_key_der(KEY), parse_dn("CN=Root,O=Lab"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    assert is_crl_of(CRL, ROOT)
    assert not any(is_crl_of(CRL, other) for other in (namesake, same_key, leaf, b"no certificate"))
    assert not is_crl_of(b"no CRL", ROOT)


@pytest.mark.parametrize(
    ("extension", "partial"),
    [
        (x509.DeltaCRLIndicator(3), "a delta CRL"),
        (point(indirect_crl=True), "a CRL of several CAs"),
        (point(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})), "a CRL for some reasons only"),
        (point(only_contains_user_certs=True), "a CRL for some certificates only"),
        (point(only_contains_ca_certs=True), "a CRL for some certificates only"),
        (point(only_contains_attribute_certs=True), "a CRL for some certificates only"),
        (point(full_name=[x509.UniformResourceIdentifier("http://x/y.crl")]), ""),
        (
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
            "a CRL with a critical extension that is not understood",
        ),
    ],
)
def test_a_crl_that_does_not_cover_every_certificate_says_so(extension: x509.ExtensionType, partial: str) -> None:
    assert foreign(extension).partial == partial


def test_a_critical_extension_of_an_entry_counts_too() -> None:
    """RFC 5280 5.3: such a CRL may not be used. An entry of another CA's certificate is told by one."""
    other_ca = x509.CertificateIssuer([x509.DirectoryName(to_x509_name(parse_dn("CN=Another")))])
    assert foreign(entry=[other_ca]).partial
    assert not foreign(entry=[x509.InvalidityDate(NOW)], critical=False).partial


def test_a_certificate_on_hold_counts_as_revoked() -> None:
    held = foreign(entry=[x509.CRLReason(x509.ReasonFlags.certificate_hold)], critical=False)
    assert held.revoked[5].reason is RevocationReason.CERTIFICATE_HOLD
    assert held.number is None


def test_a_crl_is_taken_in_der_and_in_pem() -> None:
    pem = x509.load_der_x509_crl(CRL).public_bytes(Encoding.PEM)
    assert crl_der(CRL) == crl_der(pem) == crl_der(b"words around\n" + pem + b"and after\n") == CRL


@pytest.mark.parametrize("data", [b"", b"junk", ROOT, certificate_pem(ROOT).encode(), CRL[:-1], b"-----BEGIN X509 CRL"])
def test_what_is_no_crl_is_refused_in_words(data: bytes) -> None:
    for read in (read_crl, crl_der):
        with pytest.raises(ValueError, match="no CRL that can be read; give one in DER or PEM"):
            read(data)


@given(damaged([CRL]))
@settings(max_examples=300)
def test_no_damage_makes_anything_but_facts_or_a_value_error(data: bytes) -> None:
    try:
        assert isinstance(read_crl(data), CrlFacts)
    except ValueError as error:
        assert "no CRL that can be read" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert describe_crl(data)
    assert is_crl_of(data, ROOT) in (True, False)


@needs("openssl")
def test_openssl_refuses_what_the_crl_revokes(tmp_path: Path) -> None:
    profile = TLS_END_ENTITY_CERT_PROFILE
    good, bad = (
        ISSUER.issue_end_entity(public_key_der(ec_key()), parse_dn(f"CN={name}"), frozenset(), profile, NOW)
        for name in ("good", "bad")
    )
    entry = CrlEntry(read_certificate(bad).serial, NOW, RevocationReason.KEY_COMPROMISE)
    crl = ISSUER.issue_crl(255, [entry], NOW, NOW + WEEK)
    (tmp_path / "crl.pem").write_bytes(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM))
    for name, der in (("root", ROOT), ("good", good), ("bad", bad)):
        (tmp_path / f"{name}.pem").write_text(certificate_pem(der))

    def openssl(*arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], cwd=tmp_path, check=False, capture_output=True, text=True)
        return done.stdout + done.stderr

    def verified(name: str) -> str:
        at = str(int(NOW.timestamp()) + 60)
        files = ["-CAfile", "root.pem", "-CRLfile", "crl.pem", f"{name}.pem"]
        return openssl("verify", "-x509_strict", "-crl_check", "-attime", at, *files)

    text = openssl("crl", "-in", "crl.pem", "-noout", "-text", "-CAfile", "root.pem")
    assert all(words in text for words in ("verify OK", "Key Compromise", "X509v3 CRL Number", "ecdsa-with-SHA384"))
    assert "X509v3 Authority Key Identifier" in text
    assert verified("good") == "good.pem: OK\n"
    assert "certificate revoked" in verified("bad")
