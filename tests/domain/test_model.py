"""What the values of a lab say of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.domain.certificate import (
    CA_KEY_KINDS,
    CLIENT_AUTH,
    SERVER_AUTH,
    KeyAlgorithm,
    KeyFacts,
    KeyKind,
    key_kind_of,
)
from estconsole.domain.model import (
    CERTIFICATE_PROFILES,
    END_ENTITY_PROFILES,
    TLS_CLIENT_EE_PROFILE,
    TLS_END_ENTITY_CERT_PROFILE,
    AuthenticationModule,
    EstAlias,
    KeyRule,
    KeyUsage,
)
from tests.domain.builders import alias, ec_key, rsa_key, vendor_alias


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
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072, maximum_bits=4096), "RSA from 3072 to 4096"),
    ],
)
def test_a_key_rule_in_words(rule: KeyRule, words: str) -> None:
    assert str(rule) == words


@pytest.mark.parametrize(
    ("rule", "key", "admits"),
    [
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072, maximum_bits=4096), rsa_key(bits=3071), False),
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072, maximum_bits=4096), rsa_key(bits=3072), True),
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072, maximum_bits=4096), rsa_key(bits=4096), True),
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=3072, maximum_bits=4096), rsa_key(bits=4097), False),
        (KeyRule(algorithm=KeyAlgorithm.RSA, minimum_bits=2048), rsa_key(bits=16384), True),
        (KeyRule(algorithm=KeyAlgorithm.RSA), rsa_key(bits=512), True),
        (KeyRule(algorithm=KeyAlgorithm.RSA), ec_key("P-256"), False),
        (KeyRule(algorithm=KeyAlgorithm.EC), ec_key("P-256"), True),
        (KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset({"P-384"})), ec_key("P-384", 384), True),
        (KeyRule(algorithm=KeyAlgorithm.EC, curves=frozenset({"P-384"})), ec_key("P-256"), False),
        (KeyRule(algorithm=KeyAlgorithm.EC, minimum_bits=384), ec_key("P-256"), False),
        (KeyRule(algorithm=KeyAlgorithm.EC, maximum_bits=256), ec_key("P-521", 521), False),
    ],
    ids=str,
)
def test_what_a_key_rule_admits(rule: KeyRule, key: KeyFacts, admits: bool) -> None:
    """B-15: an algorithm, sizes, a maximum of 0 being none, and curves."""
    assert rule.admits(key) is admits
    assert replace(TLS_END_ENTITY_CERT_PROFILE, key_rules=(rule,)).admits(key) is admits


def test_a_profile_admits_what_one_of_its_rules_does() -> None:
    assert TLS_END_ENTITY_CERT_PROFILE.admits(ec_key("P-256"))
    assert not replace(TLS_END_ENTITY_CERT_PROFILE, key_rules=()).admits(rsa_key())


@pytest.mark.parametrize(
    ("on", "field"),
    [
        (alias(), ""),
        (alias(authentication_module=None), ""),
        (alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH), ""),
        (alias(authentication_module=AuthenticationModule.DN_PART_PWD), "OU"),
        (alias(authentication_module=AuthenticationModule.DN_PART_PWD, extract_dn_part_pwd_component="title"), "title"),
        (vendor_alias(authentication_module=AuthenticationModule.DN_PART_PWD), ""),
    ],
)
def test_the_field_that_is_masked(on: EstAlias, field: str) -> None:
    """B-45: where the code stands in the DN, and nowhere else; vendor mode is used instead of the module (B-5)."""
    assert on.code_field == field


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
    assert TLS_END_ENTITY_CERT_PROFILE.key_usages == {KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_ENCIPHERMENT}
    assert TLS_CLIENT_EE_PROFILE.subject_alt_names_allowed
    assert (TLS_CLIENT_EE_PROFILE.allowed_requests, TLS_CLIENT_EE_PROFILE.max_failed_logins) == (1, 10)
    assert CERTIFICATE_PROFILES == {"TLSEndEntityCertProfile": TLS_END_ENTITY_CERT_PROFILE}
    assert END_ENTITY_PROFILES == {"TLSClientEEProfile": TLS_CLIENT_EE_PROFILE}


@pytest.mark.parametrize("kind", CA_KEY_KINDS, ids=str)
def test_a_kind_of_ca_key_is_read_as_it_is_written(kind: KeyKind) -> None:
    """B-42: case and white space aside."""
    assert key_kind_of(str(kind)) == kind
    assert key_kind_of(f"  {str(kind).lower().replace(' ', '   ')} ") == kind
    assert KeyFacts(kind.algorithm, kind.bits, kind.curve, "spki").kind == kind


def test_the_kinds_of_ca_key() -> None:
    """B-42."""
    assert [str(kind) for kind in CA_KEY_KINDS] == [
        "RSA 2048",
        "RSA 3072",
        "RSA 4096",
        "EC P-256",
        "EC P-384",
        "EC P-521",
        "Ed25519",
    ]


@pytest.mark.parametrize("text", ["", "RSA", "RSA 1024", "EC secp256k1", "P-256", "RSA2048"])
def test_no_kind_of_ca_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no kind of CA key; use one of RSA 2048, RSA 3072"):
        key_kind_of(text)
