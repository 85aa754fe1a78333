"""Extensions in words: each by its name, as openssl's text has it, and bounded whatever a certificate holds."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, SubjectInformationAccessOID
from hypothesis import given, settings

from estconsole.domain.names import parse_dn
from estconsole.pki.certificates import certificate_pem
from estconsole.pki.describe import certificate_words, describe_certificate
from estconsole.pki.names import to_x509_name
from tests.interop.programs import needs
from tests.pki.damage import damaged, tlv
from tests.support import ec_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OID = x509.ObjectIdentifier
NAME = to_x509_name(parse_dn("CN=x\u0007,O=Lab"))
URI = x509.UniformResourceIdentifier("http://lab.example/a?b=c,d")
REASONS = frozenset({x509.ReasonFlags.key_compromise, x509.ReasonFlags.superseded})
POINT = x509.DistributionPoint([URI], None, REASONS, [x509.DirectoryName(NAME)])
RELATIVE = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CRL1")])
USAGES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=True,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=True,
    decipher_only=False,
)
NOTICE = x509.UserNotice(x509.NoticeReference("Lab", [1, 2]), "as it is")
NAMES = (
    x509.DNSName("a.example"),
    x509.RFC822Name("a@b.example"),
    URI,
    x509.DirectoryName(NAME),
    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
    x509.RegisteredID(OID("1.2.3.4")),
    x509.OtherName(OID("1.3.6.1.4.1.311.20.2.3"), tlv(0x0C, b"me@corp")),
    x509.OtherName(OID("1.2.3.5"), tlv(0x02, b"\x05")),
)


def sct(milliseconds: int) -> bytes:
    """A list of one SCT, as a CA puts it into a certificate (RFC 6962 3.3)."""
    signed = b"\x00" + b"L" * 32 + milliseconds.to_bytes(8) + b"\x00\x00" + b"\x04\x03" + b"\x00\x02\x30\x00"
    return tlv(0x04, (len(signed) + 2).to_bytes(2) + len(signed).to_bytes(2) + signed)


def raw(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(OID(oid), value)


RICH: Sequence[x509.ExtensionType] = (
    x509.BasicConstraints(ca=True, path_length=2),
    USAGES,
    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.OCSP_SIGNING, OID("1.2.3.6")]),
    x509.SubjectKeyIdentifier(b"key"),
    x509.AuthorityKeyIdentifier(b"above", [x509.DirectoryName(NAME)], 5),
    x509.SubjectAlternativeName(NAMES),
    x509.IssuerAlternativeName([x509.DNSName("issuer.example")]),
    x509.CRLDistributionPoints([POINT, x509.DistributionPoint(None, RELATIVE, None, None)]),
    x509.FreshestCRL([x509.DistributionPoint([URI], None, None, None)]),
    x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, URI)]),
    x509.SubjectInformationAccess([x509.AccessDescription(SubjectInformationAccessOID.CA_REPOSITORY, URI)]),
    x509.CertificatePolicies([x509.PolicyInformation(OID("2.5.29.32.0"), ["http://cps.example", NOTICE])]),
    x509.NameConstraints([x509.DNSName("lab.example")], [x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))]),
    x509.PolicyConstraints(1, 0),
    x509.InhibitAnyPolicy(3),
    x509.PrivateKeyUsagePeriod(NOW, NOW + timedelta(days=1)),
    x509.TLSFeature([x509.TLSFeatureType.status_request]),
    x509.OCSPNoCheck(),
    x509.MSCertificateTemplate(OID("1.2.3.7"), 100, 4),
    raw("2.5.29.33", tlv(0x30, tlv(0x30, tlv(0x06, b"\x2a\x03"), tlv(0x06, b"\x2a\x04")))),
    raw("1.3.6.1.4.1.11129.2.4.2", sct(1_700_000_000_000)),
    raw("2.16.840.1.113730.1.13", tlv(0x16, b"a comment\nsubject CN=forged")),
    raw("1.3.6.1.4.1.311.20.2", tlv(0x1E, "SubCA".encode("utf-16-be"))),
    raw("1.2.3.8", b"\x01\x02"),
)
SAID = """
Basic Constraints: CA, at most 2 CAs below
Key Usage: digital signature, key agreement, certificate signing, CRL signing, encipher only
Extended Key Usage: TLS client authentication; OCSP signing; 1.2.3.6
Subject Key Identifier: 6B:65:79
Authority Key Identifier: 61:62:6F:76:65; directoryName=CN=x\\07,O=Lab; serial 05
Subject Alternative Name: dNSName=a.example; rfc822Name=a@b.example; \
uniformResourceIdentifier=http://lab.example/a?b=c,d; directoryName=CN=x\\07,O=Lab; iPAddress=192.0.2.1; \
registeredID=1.2.3.4; otherName=Microsoft user principal name:me@corp; otherName=1.2.3.5:02:01:05
Issuer Alternative Name: dNSName=issuer.example
CRL Distribution Points: uniformResourceIdentifier=http://lab.example/a?b=c,d; \
signed by directoryName=CN=x\\07,O=Lab; for key compromise, superseded; relative to its issuer: CN=CRL1
Freshest CRL: uniformResourceIdentifier=http://lab.example/a?b=c,d
Authority Information Access: OCSP: uniformResourceIdentifier=http://lab.example/a?b=c,d
Subject Information Access: CA repository: uniformResourceIdentifier=http://lab.example/a?b=c,d
Certificate Policies: any policy; CPS: http://cps.example; notice: Lab, 1, 2; notice: as it is
Name Constraints: permitted: dNSName=lab.example; excluded: iPAddress=192.0.2.0/24
Policy Constraints: a policy is required from 1 certificates below on; no policy mapping from 0 certificates below on
Inhibit Any Policy: anyPolicy counts no more from 3 certificates below on
Private Key Usage Period: from 2026-11-24 12:00:00 UTC; to 2026-11-25 12:00:00 UTC
TLS Feature: status request (OCSP must be stapled)
OCSP No Check: its own revocation is not looked up
Microsoft Certificate Template: 1.2.3.7, version 100.4
Policy Mappings: 1.2.3 is 1.2.4 here
CT Precertificate SCTs: 2023-11-14 22:13:20 UTC, log 4C:4C
Netscape Comment: a comment\\nsubject CN=forged
Microsoft Certificate Template Name: SubCA
1.2.3.8: 01:02
"""


def certificate(extensions: Sequence[x509.ExtensionType]) -> bytes:
    key = ec_key()
    builder = x509.CertificateBuilder(NAME, NAME, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


DER = certificate(RICH)


def test_every_extension_is_said_by_its_name_and_in_words() -> None:
    words = certificate_words(DER).extensions
    assert [each.name for each in words if each.critical] == ["Basic Constraints"]
    said = [f"{each.name}: {'; '.join(each.lines)}" for each in words]
    expected = SAID.strip().splitlines()
    assert [line[: len(known)] for line, known in zip(said, expected, strict=True)] == expected


@needs("openssl")
def test_what_openssl_knows_by_name_has_that_name_here(tmp_path: Path) -> None:
    (tmp_path / "rich.pem").write_text(certificate_pem(DER))
    command = ["openssl", "x509", "-in", tmp_path / "rich.pem", "-noout", "-text"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    titles = re.findall(r"^ {12}(?:X509v3 )?([A-Za-z][^:]*): *(?:critical)?$", text, re.MULTILINE)
    assert len(titles) >= 20
    assert set(titles) <= {each.name for each in certificate_words(DER).extensions}


def test_a_hostile_certificate_is_shown_in_part() -> None:
    """A vendor's CA may hold anything, and a page of it is read by a person."""
    der = certificate(
        [
            x509.SubjectAlternativeName([x509.DNSName(f"{number}.example") for number in range(10_000)]),
            x509.NameConstraints([x509.DNSName("a" * 5_000)], None),
            raw("1.3.6.1.4.1.11129.2.4.2", sct(2**64 - 1)),
            raw("1.2.3.8", b"\xff" * 1_000_000),
            *(raw(f"1.2.3.9.{number}", b"\x05\x00") for number in range(100)),
        ]
    )
    sans, constraints, scts, unknown, *_, last = certificate_words(der).extensions
    assert sans.lines[0] == "dNSName=0.example"
    assert sans.lines[-1] == "and 9,976 more"
    assert constraints.lines[0].endswith("… and 4,719 more characters")
    assert scts.lines == ("cannot be read",)
    assert unknown.lines[0].endswith("FF… and 999,936 more bytes")
    assert last.name == "and 80 more extensions"
    text = describe_certificate(der)
    assert "more lines" in text
    assert len(text) < 20_000


@given(damaged([DER]))
@settings(max_examples=300)
def test_no_bytes_in_an_extension_break_the_words(data: bytes) -> None:
    try:
        words = certificate_words(data)
    except ValueError:
        return
    assert all(line.isprintable() for each in words.extensions for line in (each.title, *each.lines))
