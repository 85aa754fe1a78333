"""Requests and CRLs in words, with the secrets masked (B-45)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import CrlEntry, RevocationReason
from estconsole.pki.certificates import Issuer, issue_root
from estconsole.pki.describe import describe_crl, describe_csr
from estconsole.pki.names import to_x509_name
from tests.pki.damage import tlv
from tests.support import crafted_csr_der, csr_der, ec_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHANGE = "1.3.6.1.5.5.7.7.36"


def test_a_csr_in_words_masks_its_code() -> None:
    words = describe_csr(csr_der("CN=dev", code="planted-secret"))
    assert "CN=dev" in words
    assert "challengePassword  ••••" in words
    assert "planted" not in words


def test_the_dn_field_that_carries_the_code_is_masked_wherever_a_name_stands() -> None:
    name = to_x509_name(parse_dn("CN=dev,OU=planted-secret,O=Lab"))
    der = csr_der("CN=dev,OU=planted-secret,O=Lab", sans=[x509.DirectoryName(name)])
    assert "planted" in describe_csr(der)
    words = describe_csr(der, ["OU"])
    assert "subject            CN=dev,OU=••••,O=Lab" in words
    assert "planted" not in words
    authority = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(name)], 5)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(authority, False)
    words = describe_csr(request.sign(ec_key(), hashes.SHA256()).public_bytes(Encoding.DER), ["OU"])
    assert "Authority Key Identifier\n    •••• (a name in it may carry the code)" in words
    assert "planted" not in describe_csr(
        crafted_csr_der(name, ec_key(), [(CHANGE, [tlv(0x30, name.public_bytes())])]), ["ou"]
    )


def test_a_change_of_name_is_told_with_what_it_asks_for() -> None:
    def words(*values: bytes) -> str:
        return describe_csr(crafted_csr_der(x509.Name([]), ec_key(), [(CHANGE, values)]))

    name = to_x509_name(parse_dn("CN=other,O=Lab")).public_bytes()
    sans = x509.SubjectAlternativeName([x509.DNSName("dev.example")]).public_bytes()
    assert "ChangeSubjectName  CN=other,O=Lab\n" in words(tlv(0x30, name)) + "\n"
    assert "CN=other,O=Lab; dNSName=dev.example" in words(tlv(0x30, name, sans))
    assert "the subject as it is; dNSName=dev.example" in words(tlv(0x30, sans))
    assert "malformed" in words(tlv(0x30))


def test_a_wish_for_an_enciphered_key_is_told() -> None:
    der = crafted_csr_der(x509.Name([]), ec_key(), [("1.2.840.113549.1.9.16.2.37", [b"\x04\x01k"])])
    assert "key encryption     asked for" in describe_csr(der)


def test_a_crl_in_words_shows_whose_and_what_and_not_a_hundred_thousand_lines() -> None:
    key = ec_key()
    issuer = Issuer(issue_root(key, parse_dn("CN=Root"), NOW, timedelta(days=9)), key)
    entries = [CrlEntry(number, NOW, RevocationReason.KEY_COMPROMISE) for number in range(1, 80)]
    words = describe_crl(issuer.issue_crl(7, entries, NOW, NOW + timedelta(days=7)))
    assert "issuer             CN=Root\nnumber             7\n" in words
    assert "next update        2026-12-01 12:00:00 UTC" in words
    assert "revoked            79 certificates" in words
    assert "  0A  2026-11-24 12:00:00 UTC  key compromise" in words
    assert words.endswith("  and 29 more")
