"""Paths upwards, found by name and signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from estconsole.domain.model import TLS_END_ENTITY_CERT_PROFILE
from estconsole.domain.names import parse_dn
from estconsole.pki.certificates import Issuer, issue_root, read_certificate
from estconsole.pki.chains import Paths, path_above
from estconsole.pki.keys import SigningKey, public_key_der
from tests.support import ec_key

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
ROOT_KEY, SUB_KEY = ec_key(), ec_key()
ROOT = issue_root(ROOT_KEY, parse_dn("CN=Root"), NOW, 10 * YEAR)
SUB = Issuer(ROOT, ROOT_KEY).issue_authority(public_key_der(SUB_KEY), parse_dn("CN=Sub"), NOW, YEAR)


def leaf(issuer: bytes, key: SigningKey) -> bytes:
    profile = TLS_END_ENTITY_CERT_PROFILE
    return Issuer(issuer, key).issue_end_entity(public_key_der(ec_key()), parse_dn("CN=dev"), frozenset(), profile, NOW)


def test_a_path_goes_up_to_the_root() -> None:
    assert path_above(leaf(SUB, SUB_KEY), [ROOT, SUB]) == (SUB, ROOT)
    assert path_above(SUB, [SUB, ROOT]) == (ROOT,)
    assert path_above(ROOT, [ROOT]) == ()


def test_a_path_ends_where_no_issuer_is_known() -> None:
    assert path_above(leaf(SUB, SUB_KEY), [SUB]) == (SUB,)
    assert path_above(leaf(SUB, SUB_KEY), [ROOT]) == ()


def test_namesakes_are_told_apart_by_key() -> None:
    """B-19."""
    namesake = issue_root(ec_key(), parse_dn("CN=Root"), NOW, YEAR)
    below = leaf(ROOT, ROOT_KEY)
    assert path_above(below, [namesake, ROOT]) == (ROOT,)
    assert path_above(below, [namesake]) == ()


def test_two_cas_that_issued_each_other_end_a_path() -> None:
    other_key = ec_key()
    one = Issuer(issue_root(other_key, parse_dn("CN=Two"), NOW, YEAR), other_key).issue_authority(
        public_key_der(ROOT_KEY), parse_dn("CN=One"), NOW, YEAR
    )
    two = Issuer(one, ROOT_KEY).issue_authority(public_key_der(other_key), parse_dn("CN=Two"), NOW, YEAR)
    assert path_above(leaf(one, ROOT_KEY), [one, two]) == (one, two)


def test_one_index_serves_many_certificates() -> None:
    paths = Paths([ROOT, SUB])
    assert [paths.above(der) for der in (SUB, leaf(SUB, SUB_KEY), ROOT)] == [(ROOT,), (SUB, ROOT), ()]


def test_a_leaf_that_signed_another_leaf_is_no_issuer() -> None:
    key = ec_key()
    careless = Issuer(ROOT, ROOT_KEY).issue_end_entity(
        public_key_der(key), parse_dn("CN=careless"), frozenset(), TLS_END_ENTITY_CERT_PROFILE, NOW
    )
    facts = read_certificate(path_above(leaf(careless, key), [careless, ROOT])[0])
    assert not facts.is_ca
    assert not facts.may_sign_certificates
