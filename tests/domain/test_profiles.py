"""Profiles as typed: kinds of key, usages and DN fields, each wrong one named with what would be right (B-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.domain.certificate import CLIENT_AUTH, KeyAlgorithm, KeyFacts
from estconsole.domain.model import (
    TLS_CLIENT_EE_PROFILE,
    TLS_END_ENTITY_CERT_PROFILE,
    UNLIMITED,
    CertificateProfile,
    EndEntityProfile,
    KeyUsage,
)
from estconsole.domain.profiles import (
    CertificateProfileDraft,
    EndEntityProfileDraft,
    certificate_profile_draft,
    certificate_profile_warnings,
    check_certificate_profile,
    check_end_entity_profile,
    end_entity_profile_draft,
    parse_key_rules,
)


def key_facts(text: str) -> KeyFacts:
    """`RSA2048`, `P-256`, `Ed25519` as facts."""
    if text.startswith("RSA"):
        return KeyFacts(KeyAlgorithm.RSA, int(text[3:]), "", "")
    if text == "Ed25519":
        return KeyFacts(KeyAlgorithm.ED25519, 256, "", "")
    return KeyFacts(KeyAlgorithm.EC, 256, text, "")


EVERY_KEY = ("RSA1024", "RSA2048", "RSA4096", "RSA8192", "P-256", "P-384", "secp256k1", "Ed25519")


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        ("RSA", ("RSA2048", "RSA4096", "RSA8192")),
        ("rsa from 4096", ("RSA4096", "RSA8192")),
        ("RSA 2048", ("RSA2048",)),
        ("RSA 2048-4096", ("RSA2048", "RSA4096")),
        ("RSA from 2048 to 4096", ("RSA2048", "RSA4096")),
        ("EC", ("P-256", "P-384")),
        ("EC P-256", ("P-256",)),
        ("p-256; RSA 1024", ("RSA1024", "P-256")),
        ("EC P-256, P-384\nEd25519", ("P-256", "P-384", "Ed25519")),
        ("RSA 2048, RSA 2048,", ("RSA2048",)),
    ],
)
def test_kinds_of_key_are_read(text: str, admitted: tuple[str, ...]) -> None:
    profile = check_certificate_profile(CertificateProfileDraft(name="x", key_rules=text))
    assert isinstance(profile, CertificateProfile)
    assert tuple(name for name in EVERY_KEY if profile.admits(key_facts(name))) == admitted


@pytest.mark.parametrize(
    "text",
    ["", " , ", "DSA 1024", "RSA 512", "RSA 99999", "RSA from 4096 to 2048", "EC P-224", "RSA of 2048"],
)
def test_what_is_no_kind_of_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RSA"):
        parse_key_rules(text)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "needed"),
        ({"key_rules": "DSA"}, "key_rules", "EC P-256"),
        ({"validity": "soon"}, "validity", "2y"),
        ({"key_usages": ()}, "key_usages", "at least one"),
        ({"key_usages": ("keyCertSign",)}, "key_usages", "digitalSignature"),
        ({"key_usages": ("keyEncipherment",)}, "key_usages", "for EC keys"),
        ({"key_usages": ("keyAgreement",), "key_rules": "RSA, EC, Ed25519"}, "key_usages", "for RSA keys"),
        ({"extended_key_usages": ("clientauthentication",)}, "extended_key_usages", "clientAuth"),
        ({"extended_key_usages": ("1.2.3." + "9" * 70,)}, "extended_key_usages", "OID"),
    ],
)
def test_a_wrong_field_of_a_certificate_profile_is_named(change: dict[str, object], field: str, words: str) -> None:
    problems = check_certificate_profile(replace(CertificateProfileDraft(name="x"), **change))  # type: ignore[arg-type]
    assert isinstance(problems, tuple)
    assert {problem.field for problem in problems} == {field}
    assert words in problems[0].message


def test_every_problem_of_a_profile_is_said_at_once() -> None:
    certificate = CertificateProfileDraft(name="", key_rules="", validity="", key_usages=(), extended_key_usages=("",))
    assert [problem.field for problem in check_certificate_profile(certificate)] == [  # type: ignore[union-attr]
        "name",
        "key_rules",
        "validity",
        "key_usages",
        "extended_key_usages",
    ]
    entity = EndEntityProfileDraft(
        name="", required_fields=("x",), allowed_fields=("y",), allowed_requests="0", max_failed_logins="-2"
    )
    assert [problem.field for problem in check_end_entity_profile(entity)] == [  # type: ignore[union-attr]
        "name",
        "required_fields",
        "allowed_fields",
        "allowed_requests",
        "max_failed_logins",
    ]


def test_a_certificate_profile_is_shown_as_it_can_be_typed() -> None:
    draft = CertificateProfileDraft(
        name="Short",
        key_rules="RSA from 2048 to 4096, EC P-256, P-384, Ed25519",
        validity="12h",
        key_usages=("digitalSignature", "nonRepudiation"),
        extended_key_usages=("serverAuth", "1.3.6.1.4.1.311.20.2.2", "clientAuth"),
        san_from_request=True,
        crl_distribution_point=False,
    )
    profile = check_certificate_profile(draft)
    assert isinstance(profile, CertificateProfile)
    assert certificate_profile_draft(profile) == draft
    assert (profile.validity, CLIENT_AUTH in profile.extended_key_usages) == (timedelta(hours=12), True)
    built_in = check_certificate_profile(certificate_profile_draft(TLS_END_ENTITY_CERT_PROFILE))
    assert built_in == TLS_END_ENTITY_CERT_PROFILE
    assert certificate_profile_warnings(TLS_END_ENTITY_CERT_PROFILE) == ()


def test_what_is_odd_about_a_certificate_profile_is_said() -> None:
    """B-15."""
    odd = check_certificate_profile(
        CertificateProfileDraft(
            name="odd", key_rules="RSA from 1024", key_usages=("keyEncipherment",), extended_key_usages=("SERVERAUTH",)
        )
    )
    assert isinstance(odd, CertificateProfile)
    warnings = certificate_profile_warnings(odd)
    assert [word in warning for word, warning in zip(("clientAuth", "TLS", "2048"), warnings, strict=True)] == [
        True
    ] * 3
    open_use = replace(TLS_END_ENTITY_CERT_PROFILE, extended_key_usages=(), key_usages=frozenset(KeyUsage))
    assert certificate_profile_warnings(open_use) == ()


def test_an_end_entity_profile_is_read_and_shown() -> None:
    draft = EndEntityProfileDraft(
        name="Strict",
        required_fields=("cn", "SN"),
        allowed_fields=("O",),
        subject_alt_names_allowed=False,
        code_required=True,
        allowed_requests="3",
        max_failed_logins="-1",
    )
    profile = check_end_entity_profile(draft)
    assert isinstance(profile, EndEntityProfile)
    assert profile.required_fields == {"CN", "serialNumber"}
    assert profile.allowed_fields == {"CN", "serialNumber", "O"}
    assert profile.max_failed_logins == UNLIMITED
    assert check_end_entity_profile(end_entity_profile_draft(profile)) == profile
    assert check_end_entity_profile(end_entity_profile_draft(TLS_CLIENT_EE_PROFILE)) == TLS_CLIENT_EE_PROFILE


def test_an_end_entity_profile_without_any_field_registers_nobody() -> None:
    problems = check_end_entity_profile(EndEntityProfileDraft(name="x", required_fields=()))
    assert isinstance(problems, tuple)
    assert problems[0].field == "allowed_fields"
