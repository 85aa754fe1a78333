"""EJBCA's ids of CAs: Java's `String.hashCode` of the subject DN as EJBCA prints it (B-3)."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.alias_options import AliasDraft, ca_id, check_alias_options
from estconsole.domain.model import EstAlias
from estconsole.domain.names import parse_dn
from tests.domain.test_alias_options import BARE, LAB, changed

PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"], exclude_characters=',+"\\<>;=#'))
"""What stands in a DN as it is."""


def java_hash(text: str) -> int:
    """`String.hashCode` as its documentation has it: s[0]*31^(n-1) + ... + s[n-1] over UTF-16 units, in an int."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(encoded[place : place + 2], "big") for place in range(0, len(encoded), 2)]
    total: int = sum(unit * 31 ** (len(units) - 1 - place) for place, unit in enumerate(units))
    return (total + 2**31) % 2**32 - 2**31


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("", 0),
        ("CN=a", ((67 * 31 + 78) * 31 + 61) * 31 + 97),
        (
            "CN=ManagementCA",
            functools.reduce(lambda so_far, unit: (so_far * 31 + unit) % 2**32, b"CN=ManagementCA", 0),
        ),
    ],
)
def test_vectors(subject: str, number: int) -> None:
    """B-3: by hand, as Java's documentation has it, signed."""
    assert ca_id(parse_dn(subject)) == (number if number < 2**31 else number - 2**32)


def test_an_id_of_ejbcas_own() -> None:
    """The CA id of EJBCA's old default installation, as its public tests have it: a negative one, C last."""
    assert ca_id(parse_dn("CN=AdminCA1,O=EJBCA Sample,C=SE")) == -1688117755


@pytest.mark.parametrize("value", ["\U0001f511", "a\U00010000\uffff", "\u00e9"])
def test_counts_utf_16_units(value: str) -> None:
    """Java's chars: two for what lies outside of the basic plane."""
    assert ca_id(parse_dn(f"CN={value}")) == java_hash(f"CN={value}")


@given(PLAIN)
def test_is_javas_hash(value: str) -> None:
    number = ca_id(parse_dn(f"CN={value},O=Lab"))

    assert number == java_hash(f"CN={value},O=Lab")
    assert -(2**31) <= number < 2**31


@pytest.mark.parametrize(
    ("ours", "ejbcas"),
    [
        ("CN=Root,serialNumber=1,C=SE", "CN=Root,SN=1,C=SE"),
        ("emailAddress=ca@example.org,CN=Root", "E=ca@example.org,CN=Root"),
        ("title=x+surname=y,givenName=z", "T=x+SURNAME=y,GIVENNAME=z"),
        ("street=a,dnQualifier=b,postalCode=c", "STREET=a,DN=b,PostalCode=c"),
        ("CN=a\\,b\\=c,O=Lab", "CN=a\\,b\\=c,O=Lab"),
        ("2.999.1=x,DC=lab", "2.999.1=x,DC=lab"),
    ],
)
def test_over_the_text_that_ejbca_prints(ours: str, ejbcas: str) -> None:
    """B-3: EJBCA labels some fields otherwise than this console."""
    assert ca_id(parse_dn(ours)) == java_hash(ejbcas)


def test_are_understood_when_they_come_from_ejbca() -> None:
    """B-3: in both options, beside names, and once for each CA."""
    root, sub = (ca_id(LAB.vendor_cas[name]) for name in ("Vendor Root CA", "Vendor Sub CA"))
    own = ca_id(LAB.own_cas["ManagementCA"])
    found = changed(defaultca=f" {own} ", vendorcaids=f"{sub};Vendor Root CA; {root};{own};")

    assert found.default_ca == "ManagementCA"
    assert found.vendor_cas == ("Vendor Sub CA", "Vendor Root CA", "ManagementCA")


def test_a_name_goes_before_an_id() -> None:
    number = str(ca_id(parse_dn("CN=ManagementCA")))
    lab = replace(LAB, own_cas={**LAB.own_cas, number: parse_dn("CN=Confusing")})
    found = check_alias_options(BARE, AliasDraft(name="est", options={"defaultca": number}), lab)

    assert isinstance(found, EstAlias)
    assert found.default_ca == number
