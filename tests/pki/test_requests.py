"""Reading PKCS#10 requests: what devices send, and what nobody should."""

from __future__ import annotations

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from estconsole.domain.certificate import KeyAlgorithm
from estconsole.domain.names import GeneralName, SanKind
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, Unreadable
from estconsole.pki.attributes import CHANGE_SUBJECT_NAME
from estconsole.pki.describe import describe_csr
from estconsole.pki.keys import public_key_der
from estconsole.pki.requests import csr_public_key, read_csr
from tests.pki.damage import damaged, tlv
from tests.support import CHALLENGE_PASSWORD, crafted_csr_der, csr_der, ec_key, rsa_key

OID = CHALLENGE_PASSWORD.dotted_string
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dev")])


def facts(der: bytes) -> CsrFacts:
    read = read_csr(der)
    assert isinstance(read, CsrFacts)
    return read


def test_a_csr_with_a_code_and_names_is_read_whole() -> None:
    read = facts(csr_der("CN=dev,O=Lab,C=SE", rsa_key(), "password", [x509.DNSName("dev.example")]))
    assert str(read.subject) == "CN=dev,O=Lab,C=SE"
    assert read.key.algorithm is KeyAlgorithm.RSA
    assert read.key.bits == 2048
    assert [code.reveal() for code in read.challenge_passwords] == ["password"]
    assert read.subject_alt_names == {GeneralName(SanKind.DNS_NAME, "dev.example")}
    assert read.signature_valid


def test_a_csr_without_attributes_carries_no_code() -> None:
    assert facts(csr_der("CN=dev")).challenge_passwords == ()


@pytest.mark.parametrize(
    ("tag", "encoding"),
    [(0x0C, "utf-8"), (0x13, "ascii"), (0x14, "latin-1"), (0x16, "ascii"), (0x1C, "utf-32-be"), (0x1E, "utf-16-be")],
)
def test_a_challenge_password_may_be_any_directory_string_or_ia5(tag: int, encoding: str) -> None:
    """B-16."""
    text = "code1234".encode(encoding)
    read = facts(crafted_csr_der(NAME, ec_key(), [(OID, [bytes([tag, len(text)]) + text])]))
    assert [code.reveal() for code in read.challenge_passwords] == ["code1234"]
    assert read.signature_valid


def test_two_challenge_passwords_are_both_seen_whether_in_one_attribute_or_in_two() -> None:
    """B-16: they are refused for what they are, so the reader must not fail on them."""
    one, two = b"\x0c\x03one", b"\x0c\x03two"
    assert len(facts(crafted_csr_der(NAME, ec_key(), [(OID, [one, two])])).challenge_passwords) == 2
    assert len(facts(crafted_csr_der(NAME, ec_key(), [(OID, [one]), (OID, [two])])).challenge_passwords) == 2


def test_an_empty_challenge_password_is_seen_as_empty() -> None:
    read = facts(crafted_csr_der(NAME, ec_key(), [(OID, [b"\x0c\x00"])]))
    assert [bool(code) for code in read.challenge_passwords] == [False]


def test_a_challenge_password_that_is_no_string_makes_the_csr_unreadable() -> None:
    read = read_csr(crafted_csr_der(NAME, ec_key(), [(OID, [b"\x02\x01\x05"])]))
    assert isinstance(read, Unreadable)
    assert read.reason is RefusalReason.CSR_UNDECODABLE


def test_a_broken_signature_is_a_fact_and_no_failure() -> None:
    """B-23: the decision refuses it with a reason of its own."""
    der = bytearray(csr_der("CN=dev", rsa_key()))
    der[-1] ^= 1
    assert facts(bytes(der)).signature_valid is False


def test_what_cannot_be_read_says_nothing_of_its_content() -> None:
    """B-45: a broken CSR may still hold the code."""
    der = csr_der("CN=dev", code="planted-secret")[:-40]
    read = read_csr(der)
    assert isinstance(read, Unreadable)
    assert "planted" not in read.came


def test_a_tls_feature_that_nobody_knows_makes_a_request_unreadable() -> None:
    """Cryptography's KeyError for it would be a fault of the server's."""
    feature = tlv(0x30, tlv(0x06, bytes.fromhex("2b06010505070118")), tlv(0x04, bytes.fromhex("3003020109")))
    asked = crafted_csr_der(NAME, ec_key(), [("1.2.840.113549.1.9.14", [tlv(0x30, feature)])])
    assert isinstance(read_csr(asked), Unreadable)


def test_the_wish_for_an_enciphered_key_is_seen() -> None:
    """RFC 7030 4.4.1: the server answers such a request otherwise, or refuses it."""
    for oid in ("1.2.840.113549.1.9.16.2.37", "1.2.840.113549.1.9.16.2.54"):
        assert facts(crafted_csr_der(NAME, ec_key(), [(oid, [b"\x04\x01k"])])).asks_for_key_encryption
    assert not facts(csr_der("CN=dev", code="password")).asks_for_key_encryption


def test_the_key_of_a_request_is_handed_on_as_it_is() -> None:
    key = ec_key()
    assert csr_public_key(csr_der("CN=dev", key)) == public_key_der(key)


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_no_bytes_make_anything_but_a_value(raw: bytes) -> None:
    assert isinstance(read_csr(raw), CsrFacts | Unreadable)


@given(st.data())
@settings(max_examples=600)
def test_no_damage_to_a_csr_makes_anything_but_a_value_that_keeps_the_code(data: st.DataObject) -> None:
    """B-45: nor do the words that describe it hold the code, whatever became of the rest."""
    der = data.draw(damaged(CSRS))
    read = read_csr(der)
    assert isinstance(read, CsrFacts | Unreadable)
    assert CODE not in repr(read).replace("\\", "")
    if CODE.encode() not in der.replace(CODE_ATTRIBUTE, b""):
        assert CODE not in describe_csr(der)


CODE = "planted-secret"
CODE_ATTRIBUTE = tlv(0x0C, CODE.encode())
EXTENSIONS = x509.SubjectAlternativeName([x509.DNSName("dev.example")]).public_bytes()
CSRS = [
    csr_der("CN=dev,O=Lab,C=SE", code=CODE, sans=[x509.DNSName("dev.example")]),
    csr_der("CN=dev", rsa_key(), CODE),
    crafted_csr_der(
        NAME,
        ec_key(),
        [
            (OID, [CODE_ATTRIBUTE]),
            (CHANGE_SUBJECT_NAME.dotted_string, [tlv(0x30, NAME.public_bytes(), EXTENSIONS)]),
        ],
    ),
]
