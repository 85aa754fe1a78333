"""What the values of a lab say of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.domain.certificate import CLIENT_AUTH, SERVER_AUTH, KeyAlgorithm, KeyFacts
from estconsole.domain.model import TLS_CLIENT_EE_PROFILE, TLS_END_ENTITY_CERT_PROFILE, KeyRule
from tests.domain.builders import ec_key, rsa_key


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa_key(bits=2048), "RSA 2048"),
        (ec_key("P-256"), "EC P-256"),
        (KeyFacts(KeyAlgorithm.ED25519, 256, "", ""), "Ed25519"),
        (KeyFacts(KeyAlgorithm.OTHER, 1024, "", ""), "other 1024"),
    ],
)
def test_a_key_in_words(key: KeyFacts, words: str) -> None:
    assert str(key) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=2048), "RSA from 2048"),
        (KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset({"P-384", "P-256"})), "EC P-256, P-384"),
        (KeyRule(algorithm=KeyAlgorithm.ED25519), "Ed25519"),
    ],
)
def test_a_key_rule_in_words(rule: KeyRule, words: str) -> None:
    assert str(rule) == words


@pytest.mark.parametrize(
    ("usages", "can_renew"),
    [((CLIENT_AUTH,), True), ((SERVER_AUTH, CLIENT_AUTH), True), ((SERVER_AUTH,), False), ((), True)],
)
def test_a_profile_renews_with_client_auth(usages: tuple[str, ...], can_renew: bool) -> None:
    """B-15: a profile without clientAuth cannot renew; one without any usage leaves the use open (B-19)."""
    assert replace(TLS_END_ENTITY_CERT_PROFILE, extended_key_usages=usages).can_renew is can_renew


def test_the_built_in_profiles() -> None:
    """B-15: two years, clientAuth; CN required; O, C, OU and serialNumber allowed; the code optional."""
    assert TLS_END_ENTITY_CERT_PROFILE.validity.days == 730
    assert TLS_END_ENTITY_CERT_PROFILE.extended_key_usages == (CLIENT_AUTH,)
    assert not TLS_END_ENTITY_CERT_PROFILE.san_from_request
    assert TLS_CLIENT_EE_PROFILE.required_fields == {"CN"}
    assert TLS_CLIENT_EE_PROFILE.allowed_fields == {"CN", "O", "C", "OU", "serialNumber"}
    assert not TLS_CLIENT_EE_PROFILE.code_required
