"""When two distinguished names are equal (B-18): types, values and their number, the order among one type alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from estconsole.domain.names import Attribute, DistinguishedName, parse_dn, same_name
from tests.domain.test_names import ATTRIBUTES, NAMES, OIDS

# Names in which equal values are likely.
SMALL_ATTRIBUTES = st.builds(Attribute, st.sampled_from(["2.5.4.3", "2.5.4.11", "2.5.4.10"]), st.sampled_from("abA"))
SMALL_RDNS = st.lists(SMALL_ATTRIBUTES, min_size=1, max_size=2, unique_by=lambda attribute: attribute.oid).map(tuple)
SMALL_NAMES = st.lists(SMALL_RDNS, max_size=4).map(lambda rdns: DistinguishedName(tuple(rdns)))
SMALL_PAIRS = SMALL_NAMES.flatmap(
    lambda name: st.tuples(st.just(name), st.permutations(name.rdns).map(lambda rdns: DistinguishedName(tuple(rdns))))
)
SINGLE_VALUED = st.lists(ATTRIBUTES | SMALL_ATTRIBUTES, min_size=1, max_size=6)
WORDS = st.lists(st.text("abcXYZé0", min_size=1, max_size=3), min_size=1, max_size=4)
WHITE_SPACE = st.text(" \t\u00a0", min_size=1, max_size=3)


def single_valued(attributes: list[Attribute]) -> DistinguishedName:
    return DistinguishedName(tuple((attribute,) for attribute in attributes))


def reordered(name: DistinguishedName, random: Random) -> DistinguishedName:
    """Any order of the relative names in which those that share a type keep theirs; a relative name is a set."""
    left, order = list(name.rdns), []
    while left:
        free = [
            place
            for place, rdn in enumerate(left)
            if not any({one.oid for one in rdn} & {one.oid for one in before} for before in left[:place])
        ]
        rdn = left.pop(random.choice(free))
        order.append(tuple(random.sample(rdn, len(rdn))))
    return DistinguishedName(tuple(order))


class TestSameName:
    @given(NAMES)
    def test_is_reflexive_through_its_text(self, name: DistinguishedName) -> None:
        assert same_name(name, name)
        assert same_name(name, parse_dn(str(name)))

    @given(SMALL_PAIRS | st.tuples(SMALL_NAMES, SMALL_NAMES) | st.tuples(NAMES, NAMES))
    def test_is_symmetric(self, pair: tuple[DistinguishedName, DistinguishedName]) -> None:
        one, other = pair
        assert same_name(one, other) is same_name(other, one)

    @given(st.permutations(["CN=dev", "O=Lab", "C=SE", "OU=a", "serialNumber=1", "L=x+ST=y"]))
    def test_ignores_the_order_of_different_types(self, parts: list[str]) -> None:
        """B-18: the specification's own vendor certificate is C,O,CN and its CSR CN,O,C."""
        assert same_name(parse_dn(",".join(parts)), parse_dn("CN=dev,O=Lab,C=SE,OU=a,serialNumber=1,ST=y+L=x"))

    @given(SMALL_PAIRS | st.tuples(SMALL_NAMES, SMALL_NAMES))
    def test_respects_types_values_and_their_number(self, pair: tuple[DistinguishedName, DistinguishedName]) -> None:
        """B-18: what is equal holds the same attributes, and those of each type in the same order."""

        def by_type(name: DistinguishedName) -> dict[str, list[list[str]]]:
            types: dict[str, list[list[str]]] = {}
            for rdn in name.rdns:
                for oid in sorted({attribute.oid for attribute in rdn}):
                    values = sorted(attribute.value.lower() for attribute in rdn if attribute.oid == oid)
                    types.setdefault(oid, []).append(values)
            return types

        one, other = map(by_type, pair)
        event("equal" if same_name(*pair) else "not equal")
        assert one == other or not same_name(*pair)

    @given(NAMES | SMALL_NAMES, st.randoms(use_true_random=False))
    def test_ignores_every_order_that_keeps_that_of_each_type(self, name: DistinguishedName, random: Random) -> None:
        """B-18: over any types, values and multi-valued RDNs."""
        other = reordered(name, random)
        event("another order" if other != name else "the same order")

        assert same_name(name, other)

    @given(SINGLE_VALUED, st.data())
    def test_respects_the_order_among_one_type(self, attributes: list[Attribute], data: st.DataObject) -> None:
        """B-18: whatever stands between, two different values of one type that swap places make another name."""
        one = data.draw(st.integers(0, len(attributes) - 1))
        another = Attribute(attributes[one].oid, data.draw(ATTRIBUTES).value)
        assume(not same_name(single_valued([attributes[one]]), single_valued([another])))
        other = data.draw(st.integers(one + 1, len(attributes)))
        there = [*attributes[:other], another, *attributes[other:]]
        swapped = there.copy()
        swapped[one], swapped[other] = there[other], there[one]

        assert not same_name(single_valued(there), single_valued(swapped))

    @given(SINGLE_VALUED, st.data())
    def test_respects_types(self, attributes: list[Attribute], data: st.DataObject) -> None:
        """B-18: the same value under another type is another name."""
        place = data.draw(st.integers(0, len(attributes) - 1))
        oid = data.draw(st.sampled_from(OIDS).filter(lambda oid: oid != attributes[place].oid))
        other = [*attributes[:place], Attribute(oid, attributes[place].value), *attributes[place + 1 :]]

        assert not same_name(single_valued(attributes), single_valued(other))

    @given(SINGLE_VALUED, st.data())
    def test_counts(self, attributes: list[Attribute], data: st.DataObject) -> None:
        """B-18: one attribute fewer, or one twice, is another name."""
        place = data.draw(st.integers(0, len(attributes) - 1))
        fewer = attributes[:place] + attributes[place + 1 :]
        more = [*attributes, attributes[place]]

        assert not same_name(single_valued(attributes), single_valued(fewer))
        assert not same_name(single_valued(attributes), single_valued(more))

    @given(WORDS, st.data())
    def test_sets_case_and_white_space_aside(self, words: list[str], data: st.DataObject) -> None:
        """RFC 5280 7.1: how much white space stands between words, before and after them; but not whether."""
        spaced = "".join(word + data.draw(WHITE_SPACE) for word in words)
        one, other = " ".join(words), f"{data.draw(st.just('') | WHITE_SPACE)}{spaced}".swapcase()

        assert same_name(single_valued([Attribute("2.5.4.3", one)]), single_valued([Attribute("2.5.4.3", other)]))
        if len(words) > 1:
            assert not same_name(
                single_valued([Attribute("2.5.4.3", one)]), single_valued([Attribute("2.5.4.3", "".join(words))])
            )

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("CN=Dev", "CN=dEV"),
            ("O=Prime  Key", "O= prime key "),
            ("O=a\\09b", "O=a b"),
            ("O=\\ a\\ ", "O=a"),
            ("O=a\u00a0b", "O=a b"),
            ("O=a\u1680b", "O=a b"),
            ("CN=STRASSE", "CN=stra\u00dfe"),
            ("CN=caf\u00e9", "CN=CAFE\u0301"),
            ("CN=\uff24ev", "CN=dev"),
            ("CN=a+O=b", "O=B+CN=A"),
            ("DC=example,DC=com", "DC=EXAMPLE,DC=COM"),
        ],
    )
    def test_equal_by_rfc_5280(self, one: str, other: str) -> None:
        """B-18, RFC 5280 7.1, RFC 4518: case, inner white space and compatibility forms aside."""
        assert same_name(parse_dn(one), parse_dn(other))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("CN=dev", "O=dev"),
            ("CN=dev", ""),
            ("CN=dev", "CN=dev,CN=dev"),
            ("CN=dev,O=Lab", "CN=dev"),
            ("DC=example,DC=com", "DC=com,DC=example"),
            ("OU=a,CN=x,OU=b", "OU=b,CN=x,OU=a"),
            ("CN=a+OU=b", "CN=a,OU=b"),
            ("CN=x+OU=a,OU=b", "OU=b,CN=x+OU=a"),
            ("O=a b", "O=ab"),
            ("O=a\\1Cb", "O=a b"),
            ("O=a\\00b", "O=ab"),
            ("CN=dev\u200b", "CN=dev"),
            ("CN=\u202edev", "CN=dev"),
            ("CN=d\u0435v", "CN=dev"),
            ("CN=\u0131", "CN=i"),
            ("CN=cafe", "CN=caf\u00e9"),
        ],
    )
    def test_not_equal(self, one: str, other: str) -> None:
        """B-18; look-alikes and invisible characters make another name, and control characters separate nothing."""
        assert not same_name(parse_dn(one), parse_dn(other))
