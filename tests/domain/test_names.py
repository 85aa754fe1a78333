"""Distinguished names and alternative names: texts, values, and equality in the sense of B-18."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TypeVar

import pytest
from cryptography import x509
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from estconsole.domain.names import (
    DN_FIELDS,
    Attribute,
    DistinguishedName,
    GeneralName,
    NameSyntaxError,
    SanKind,
    dn_field,
    format_sans,
    parse_dn,
    parse_sans,
    same_sans,
    username_in,
)

Read = TypeVar("Read")

OIDS = (*DN_FIELDS.values(), "2.999.7", "1.3.6.1.4.1.55555.1", "0.9")
# Mostly what escaping is about, and anything else that UTF-8 can carry.
VALUES = st.text(st.sampled_from(' #,+"\\<>;=/aB\x00\n\u00e9\u202e') | st.characters(exclude_categories=["Cs"]))
ATTRIBUTES = st.builds(Attribute, st.sampled_from(OIDS), VALUES)
RDNS = st.lists(ATTRIBUTES, min_size=1, max_size=3).map(tuple)
NAMES = st.lists(RDNS, max_size=5).map(lambda rdns: DistinguishedName(tuple(rdns)))
VALUE_PIECES = ("a", "B", "=", "é", "\t", "\\,", "\\2C", "\\C3\\A9", "\\ ", "\\#", "\\\\", '\\"', "\\0A", "\\+", "\\=")
LABELS = ("CN=", "O=", "DC=", "1.2.3.4=")
PIECES = st.lists(st.sampled_from((*VALUE_PIECES, *LABELS, *' #,+";<>\\', "#6162", "\\C3")), max_size=10).map("".join)
RFC_4514_VALUES = st.lists(st.sampled_from(VALUE_PIECES), min_size=1, max_size=5).map("".join)
RFC_4514 = st.lists(
    st.tuples(st.sampled_from(LABELS), RFC_4514_VALUES, st.sampled_from([",", "+"])).map("".join),
    min_size=1,
    max_size=4,
).map(lambda parts: "".join(parts)[:-1])


def read_or_refused(read: Callable[[str], Read], text: str) -> Read | None:
    """What a reader makes of a text, or None where it says what is wrong; any other error is a failure."""
    try:
        return read(text)
    except NameSyntaxError as error:
        if not str(error):
            raise
        return None


class TestText:
    def test_is_encoded_from_the_right_to_the_left(self) -> None:
        """B-12: `CN=…,O=…,C=SE` is RFC 4514, encoded C, O, CN."""
        assert parse_dn("CN=dev,O=Lab,C=SE").rdns == (
            (Attribute("2.5.4.6", "SE"),),
            (Attribute("2.5.4.10", "Lab"),),
            (Attribute("2.5.4.3", "dev"),),
        )

    @given(NAMES)
    @example(DistinguishedName(((Attribute("2.5.4.3", "\\ "),),)))
    @example(DistinguishedName(((Attribute("2.5.4.3", " "),),)))
    @example(DistinguishedName(((Attribute("2.5.4.3", "  "),),)))
    @example(DistinguishedName(((Attribute("2.5.4.3", "# "),),)))
    @example(DistinguishedName(((Attribute("2.5.4.3", ""),),)))
    @example(DistinguishedName(((Attribute("2.5.4.3", "\n "),),)))
    def test_is_read_back_as_it_was(self, name: DistinguishedName) -> None:
        text = str(name)

        assert parse_dn(text) == name
        assert "\n" not in text

    @given(NAMES)
    def test_never_breaks_or_turns_a_line(self, name: DistinguishedName) -> None:
        """Rows of the console: control characters, line separators and bidirectional overrides stand in hex."""
        assert not set(str(name)) & set("\x00\r\n\t\x1b\x7f\x85\u2028\u2029\u200b\u200e\u202a\u202e\u2066\ufeff")

    @given(st.text() | PIECES)
    @example("CN=\ud800")
    @example("CN=\\")
    @example("CN=a,")
    @example("2.5.4.3")
    def test_is_a_name_or_an_error_that_says_so(self, text: str) -> None:
        name = read_or_refused(parse_dn, text)

        assert name is None or parse_dn(str(name)) == name

    @given(RFC_4514 | PIECES | NAMES.map(str))
    @example("CN=a\\,b,O=c\\2Cd+OU=\\C3\\A9")
    @example("CN=\\#a,O=\\ b\\ ")
    @example("2.5.4.3=dev,DC=a,DC=b")
    @example("CN=a=b")
    def test_agrees_with_cryptography(self, text: str) -> None:
        """RFC 4514 as another reader understands it, wherever both take a text."""
        try:
            ours, theirs = parse_dn(text), x509.Name.from_rfc4514_string(text)
        except ValueError:
            event("refused by one")
            return
        event("taken by both")
        assert [{(attribute.oid, attribute.value) for attribute in rdn} for rdn in ours.rdns] == [
            {(attribute.oid.dotted_string, attribute.value) for attribute in rdn} for rdn in theirs.rdns
        ]

    @given(st.lists(st.tuples(st.sampled_from(["CN", "O", "OU", "L", "DC", "UID"]), VALUES), min_size=1, max_size=4))
    def test_reads_what_cryptography_writes(self, fields: list[tuple[str, str]]) -> None:
        assume(all(label != "CN" or 1 <= len(value.encode()) <= 64 for label, value in fields))
        name = x509.Name(
            [x509.NameAttribute(x509.ObjectIdentifier(DN_FIELDS[label]), value) for label, value in fields]
        )

        assert [(attribute.label, attribute.value) for attribute in parse_dn(name.rfc4514_string())] == fields

    @pytest.mark.parametrize("text", ["", " ", "\t\n"])
    def test_nothing_is_the_empty_name(self, text: str) -> None:
        assert not parse_dn(text)
        assert str(parse_dn(text)) == ""

    def test_white_space_around_separators(self) -> None:
        assert parse_dn(" CN = dev ,  O=Lab + OU = a ") == parse_dn("CN=dev,O=Lab+OU=a")

    def test_labels_in_every_spelling(self) -> None:
        """B-4: SN is serialNumber; E, S and STREET are other spellings; OIDs stand for themselves, after OID. too."""
        text = "sn=1,E=a@b,s=x,STREET=y,oid.2.5.4.4=z,OID.2.999=w,Cn=dev"
        assert str(parse_dn(text)) == "serialNumber=1,emailAddress=a@b,ST=x,streetAddress=y,surname=z,2.999=w,CN=dev"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("/CN=dev/O=Lab", "with commas"),
            ("dev", "'dev' has no '='"),
            ("CN=a,,O=b", "has no '='"),
            ("CN=a+b", "'b' has no '='"),
            ("XX=a", "'XX' is no DN field; use one of CN, UID"),
            ("3.1.2=a", "no DN field"),
            ("1.40.2=a", "no DN field"),
            ("1.02.3=a", "no DN field"),
            ("CN=a;O=b", r"in the value of CN, write ; as \\;"),
            ('O="Acme"', r'in the value of O, write " as \\"'),
            ("O=<a", "write < as"),
            ("CN=#0403616263", r"write # as \\#"),
            ("CN=a\\", "a backslash stands before"),
            ("CN=\\zz", "a backslash stands before"),
            ("CN=\\C3", "not UTF-8"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, message: str) -> None:
        with pytest.raises(NameSyntaxError, match=message):
            parse_dn(text)

    def test_escaped_specials_are_no_separators(self) -> None:
        assert list(parse_dn('O=a\\,b\\+c\\;d\\"e\\<f\\>g\\=h\\\\i')) == [Attribute("2.5.4.10", 'a,b+c;d"e<f>g=h\\i')]

    def test_an_unknown_type_is_its_own_label(self) -> None:
        assert Attribute("2.999.7", "x").label == "2.999.7"


class TestFields:
    def test_values_of_a_field_in_encoded_order(self) -> None:
        name = parse_dn("CN=c,OU=b,OU=a+CN=x,O=o")

        assert name.values("ou") == ("a", "b")
        assert name.values("CN") == ("x", "c")
        assert name.values("SN") == ()

    @pytest.mark.parametrize(("typed", "label"), [(" cn ", "CN"), ("SN", "serialNumber"), ("E", "emailAddress")])
    def test_a_field_in_any_spelling(self, typed: str, label: str) -> None:
        """B-4."""
        assert dn_field(typed) == label

    @pytest.mark.parametrize("typed", ["", "DN", "XX", "2.5.4.3"])
    def test_no_field(self, typed: str) -> None:
        with pytest.raises(NameSyntaxError, match="use one of CN, UID, OU"):
            dn_field(typed)

    def test_usernames_in_a_subject(self) -> None:
        """B-3, B-16: none, one or several candidates; the whole DN is one."""
        assert username_in(parse_dn("O=Lab"), "CN") == ()
        assert username_in(parse_dn("CN=a,CN=b"), "CN") == ("b", "a")
        assert username_in(parse_dn("CN=a,O=Lab"), "DN") == ("CN=a,O=Lab",)
        assert username_in(parse_dn(""), "DN") == ()

    @given(st.lists(RDNS, max_size=4), VALUES, st.integers(0, 4), st.booleans())
    def test_a_masked_value_is_hidden_wherever_it_stands(
        self, rdns: list[tuple[Attribute, ...]], code: str, place: int, joined: bool
    ) -> None:
        """B-45: first or last, alone or in a multi-valued RDN, once or twice; whatever has to be escaped in it."""
        secret = Attribute(DN_FIELDS["OU"], f"k7Wn{code}q9Zx")
        others = rdns[place] if joined and place < len(rdns) else ()
        name = DistinguishedName((*rdns[:place], (secret, *others), *rdns[place + 1 :], (secret,)))
        shown = name.masked(["ou"])

        assert "k7Wn" not in shown
        assert "q9Zx" not in shown
        assert [attribute.oid for attribute in parse_dn(shown)] == [attribute.oid for attribute in name]
        assert set(parse_dn(shown).values("OU")) == {"••••"}
        assert [one for one in parse_dn(shown) if one.label != "OU"] == [one for one in name if one.label != "OU"]

    @given(NAMES)
    def test_nothing_else_is_masked(self, name: DistinguishedName) -> None:
        assert name.masked([]) == str(name)
        assert name.masked(["role"]) == str(name) or name.values("role")

    def test_every_field_of_b_4(self) -> None:
        """B-4: SN there is serialNumber."""
        fields = (
            "CN, UID, OU, O, L, ST, DC, C, emailAddress, SN, givenName, initials, surname, title, unstructuredAddress, "
            "unstructuredName, postalCode, businessCategory, dnQualifier, postalAddress, telephoneNumber, pseudonym, "
            "streetAddress, name, role"
        )
        assert ", ".join(DN_FIELDS) == fields.replace("SN", dn_field("SN"))
        assert len(set(DN_FIELDS.values())) == len(DN_FIELDS)


DIRECTORY_NAMES = (
    st.lists(st.builds(Attribute, st.sampled_from(OIDS), VALUES.filter(bool)).map(lambda one: (one,)), min_size=1)
    .map(tuple)
    .map(DistinguishedName)
)
HOST_TEXT = st.text("abcXYZ019.-_*", min_size=1)
URI_TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
SANS = st.frozensets(
    st.builds(GeneralName, st.just(SanKind.DNS_NAME), HOST_TEXT)
    | st.builds(GeneralName, st.just(SanKind.IP_ADDRESS), st.ip_addresses().map(str))
    | st.builds(GeneralName, st.just(SanKind.RFC822_NAME), st.from_regex(r"\A[a-z+]{1,5}@[a-z.]{1,5}\Z"))
    | st.builds(GeneralName, st.just(SanKind.URI), URI_TEXT.map("urn:".__add__))
    | st.builds(GeneralName, st.just(SanKind.REGISTERED_ID), st.sampled_from(OIDS))
    | st.builds(GeneralName, st.just(SanKind.DIRECTORY_NAME), DIRECTORY_NAMES.map(str))
    | st.builds(GeneralName, st.just(SanKind.OTHER_NAME), st.binary(min_size=1).map(lambda der: f"1.2.3:{der.hex()}")),
    max_size=6,
)


class TestAlternativeNames:
    @given(SANS)
    def test_are_read_back_as_they_were(self, names: frozenset[GeneralName]) -> None:
        assert parse_sans(format_sans(names)) == names
        assert same_sans(names, names)

    @given(st.text() | st.tuples(st.sampled_from(SanKind), st.text() | PIECES).map("=".join))
    def test_are_names_or_an_error_that_says_so(self, text: str) -> None:
        names = read_or_refused(parse_sans, text)

        assert names is None or parse_sans(format_sans(names)) == names

    def test_in_ejbcas_form(self) -> None:
        """White space, case and empty parts aside; `uri` and `ip` are short for theirs."""
        assert parse_sans("DNSNAME=a.example , ip=2001:DB8::1,, uri=urn:x\\,y;z") == frozenset(
            {
                GeneralName(SanKind.DNS_NAME, "a.example"),
                GeneralName(SanKind.IP_ADDRESS, "2001:db8::1"),
                GeneralName(SanKind.URI, "urn:x,y;z"),
            }
        )

    def test_stand_in_a_stable_order(self) -> None:
        assert format_sans(parse_sans("iPAddress=192.0.2.1,dNSName=b,dNSName=a")) == (
            "dNSName=a, dNSName=b, iPAddress=192.0.2.1"
        )
        assert format_sans(frozenset()) == ""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a.example", "'a.example' is no alternative name; write dNSName=host.example"),
            ("host=a.example", "no alternative name"),
            ("dNSName=", "dNSName has no value"),
            ("dNSName=b\u00fccher.example", "xn-- form"),
            ("dNSName=a\\00.example", "write host.example"),
            ("dNSName=a example", "write host.example"),
            ("rfc822Name=me", "write me@example.org"),
            ("rfc822Name=a\\<b@c\\>", "write me@example.org"),
            ("uri=a.example", "with its scheme"),
            ("iPAddress=192.0.2", "is no IP address; write 192.0.2.1"),
            ("iPAddress=192.0.2.0/24", "is no IP address"),
            ("iPAddress=fe80::1%eth0", "leave the zone out"),
            ("registeredID=3.1", "write an OID"),
            ("otherName=1.2.3:0", "OID:hex"),
            ("otherName=1.2.3", "OID:hex"),
            ("directoryName=\\ ", "takes a DN"),
            ("directoryName=CN=", "takes a DN"),
            ("directoryName=dev", "has no '='"),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, message: str) -> None:
        with pytest.raises(NameSyntaxError, match=message):
            parse_sans(text)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("dNSName=a.example,dNSName=b", "dNSName=B,dNSName=A.EXAMPLE,dNSName=b"),
            ("rfc822Name=Me@EXAMPLE.org", "rfc822Name=Me@example.org"),
            ("directoryName=CN=a\\,O=b", "directoryName=O=B\\,CN=A"),
            ("iPAddress=2001:db8:0::1", "iPAddress=2001:DB8::1"),
            ("", ""),
        ],
    )
    def test_equal_as_sets(self, one: str, other: str) -> None:
        """B-18; host names compare without case (RFC 5280 7.2, 7.5)."""
        assert same_sans(parse_sans(one), parse_sans(other))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("dNSName=a.example", "dNSName=a.example,dNSName=b.example"),
            ("dNSName=a.example", "uri=a:a.example"),
            ("rfc822Name=Me@example.org", "rfc822Name=me@example.org"),
            ("directoryName=CN=a", "directoryName=O=a"),
            ("dNSName=192.0.2.1", "iPAddress=192.0.2.1"),
        ],
    )
    def test_not_equal(self, one: str, other: str) -> None:
        """B-18."""
        assert not same_sans(parse_sans(one), parse_sans(other))

    @given(NAMES.filter(bool))
    def test_a_directory_name_from_the_wire_always_compares(self, name: DistinguishedName) -> None:
        """A CSR may carry what no operator could type, such as a field without a value: no rule may fail over it."""
        wire = frozenset({GeneralName(SanKind.DIRECTORY_NAME, str(name))})

        assert same_sans(wire, wire)
        assert not same_sans(wire, frozenset())

    @given(st.ip_addresses())
    def test_an_address_has_one_text(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
        assert parse_sans(f"iPAddress={address.exploded}") == {GeneralName(SanKind.IP_ADDRESS, str(address))}
