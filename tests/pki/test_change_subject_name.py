"""ChangeSubjectName (RFC 6402 2.8) in every form, and in forms that it must not have (B-17)."""

from __future__ import annotations

import ipaddress

import pytest
from cryptography import x509
from hypothesis import given, settings

from estconsole.domain.names import parse_dn
from estconsole.domain.request import ChangeSubjectName
from estconsole.pki.attributes import CHANGE_SUBJECT_NAME
from estconsole.pki.change_subject_name import read_change_subject_name
from estconsole.pki.names import to_x509_name
from tests.pki.damage import damaged, tlv
from tests.pki.test_requests import NAME, facts
from tests.support import crafted_csr_der, csr_der, ec_key

OID = CHANGE_SUBJECT_NAME.dotted_string
SUBJECT = parse_dn("CN=dev,O=Lab,C=SE")
SUBJECT_DER = to_x509_name(SUBJECT).public_bytes()
NAMES = [
    x509.DNSName("dev.example"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
    x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
    x509.RFC822Name("dev@example.org"),
    x509.UniformResourceIdentifier("urn:x:1"),
    x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")),
    x509.DirectoryName(to_x509_name(parse_dn("CN=a\\,b,O=Lab"))),
    x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x03dev"),
]
NAMES_DER = x509.SubjectAlternativeName(NAMES).public_bytes()
BOTH = tlv(0x30, SUBJECT_DER, NAMES_DER)


def test_subject_and_names_are_read_each_alone_and_together() -> None:
    names = facts(csr_der("CN=dev", sans=NAMES)).subject_alt_names
    assert read_change_subject_name(tlv(0x30, SUBJECT_DER)) == ChangeSubjectName(SUBJECT, None)
    assert read_change_subject_name(tlv(0x30, NAMES_DER)) == ChangeSubjectName(None, names)
    assert read_change_subject_name(BOTH) == ChangeSubjectName(SUBJECT, names)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: type(name).__name__)
def test_every_kind_of_name_reads_as_it_does_in_an_extension(name: x509.GeneralName) -> None:
    in_extension = facts(csr_der("CN=dev", sans=[name])).subject_alt_names
    value = tlv(0x30, x509.SubjectAlternativeName([name]).public_bytes())
    assert read_change_subject_name(value) == ChangeSubjectName(None, in_extension)


@pytest.mark.parametrize(
    "value",
    {
        "empty SEQUENCE": tlv(0x30),
        "SET": tlv(0x31, SUBJECT_DER),
        "subject bare": SUBJECT_DER,
        "wrong order": tlv(0x30, NAMES_DER, SUBJECT_DER),
        "subject doubled": tlv(0x30, SUBJECT_DER, SUBJECT_DER),
        "names doubled": tlv(0x30, NAMES_DER, NAMES_DER),
        "something after": tlv(0x30, SUBJECT_DER, NAMES_DER, tlv(0x05)),
        "bytes after": BOTH + b"\x00",
        "no names in the names": tlv(0x30, SUBJECT_DER, tlv(0x30)),
        "string for a name": tlv(0x30, tlv(0x0C, b"CN=dev")),
        "an address of five bytes": tlv(0x30, tlv(0x30, tlv(0x87, b"12345"))),
        "an x400Address": tlv(0x30, tlv(0x30, tlv(0xA3))),
        "an otherName without a value": tlv(0x30, tlv(0x30, tlv(0xA0, b"\x06\x02\x2a\x03"))),
        "cut off": BOTH[:-1],
        "nothing": b"",
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_malformed_is_none(value: tuple[str, bytes]) -> None:
    assert read_change_subject_name(value[1]) is None


def test_a_csr_has_an_item_for_each_value_that_it_carries() -> None:
    def items(*attributes: tuple[str, list[bytes]]) -> tuple[ChangeSubjectName | None, ...]:
        return facts(crafted_csr_der(NAME, ec_key(), attributes)).change_subject_names

    good, alone = tlv(0x30, SUBJECT_DER), ChangeSubjectName(SUBJECT, None)
    assert items() == ()
    assert items((OID, [good])) == (alone,)
    assert items((OID, [tlv(0x30)])) == (None,)
    assert items((OID, [])) == (None,)
    assert set(items((OID, [good, tlv(0x30)]))) == {alone, None}
    assert items((OID, [good]), (OID, [good])) == (alone, alone)
    assert items(*[(OID, [good])] * 3) == (alone, alone, None)


@given(damaged([BOTH, tlv(0x30, SUBJECT_DER), tlv(0x30, NAMES_DER)]))
@settings(max_examples=400)
def test_no_bytes_make_anything_but_a_value_or_none(value: bytes) -> None:
    assert isinstance(read_change_subject_name(value), ChangeSubjectName | None)
