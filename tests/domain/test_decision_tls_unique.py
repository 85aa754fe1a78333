"""The link to the TLS session: on an alias that wants it, challengePassword is tls-unique (B-23, RFC 7030 3.5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.domain.model import AuthenticationModule
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from estconsole.domain.situation import Situation
from tests.domain.builders import (
    CODE,
    DEVICE_DN,
    TLS_UNIQUE,
    TLS_UNIQUE_TEXT,
    RefusalCase,
    alias,
    basic,
    certificate,
    csr,
    decided,
    enroll_situation,
    granted,
    refused,
    renew_situation,
    request,
    vendor_alias,
    vendor_certificate,
    vendor_situation,
)
from tests.domain.check_orders import (
    BASIC_CHECKS,
    BY_CERTIFICATE,
    ENROLL_CHECKS,
    RENEW_CHECKS,
    VENDOR_CHECKS,
    with_key_generation,
    with_tls_link,
)

BY_DN_PART = enroll_situation(alias=alias(authentication_module=AuthenticationModule.DN_PART_PWD))
BY_BASIC = enroll_situation(alias=alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH))

# A good request and its situation for each way to be authorised, with the checks that it meets.
WAYS: dict[str, tuple[EnrollmentRequest, Situation, tuple[str, ...]]] = {
    "DnPartPwd": (request(Operation.SIMPLEENROLL, csr(f"CN=device,OU={CODE}")), BY_DN_PART, ENROLL_CHECKS),
    "HttpBasicAuth": (request(Operation.SIMPLEENROLL, csr(), basic=basic()), BY_BASIC, BASIC_CHECKS),
    "vendor mode": (
        request(Operation.SIMPLEENROLL, csr(DEVICE_DN), vendor_certificate()),
        vendor_situation(alias=vendor_alias()),
        VENDOR_CHECKS,
    ),
    "renewal": (request(Operation.SIMPLEREENROLL, csr(), certificate()), renew_situation(), RENEW_CHECKS),
    "serverkeygen": (
        request(Operation.SERVERKEYGEN, csr(), certificate()),
        renew_situation(alias=alias(server_key_generation=True)),
        with_key_generation(BY_CERTIFICATE),
    ),
}


def linked(way: str, codes: tuple[str, ...], unique: bytes | None, version: str) -> tuple[EnrollmentRequest, Situation]:
    """The good request with these challengePasswords over this session, to an alias that wants the link."""
    of, situation, _ = WAYS[way]
    assert isinstance(of.csr, CsrFacts)
    assert situation.alias is not None
    body = replace(of.csr, challenge_passwords=tuple(map(Secret, codes)))
    return (
        replace(of, csr=body, tls_unique=unique, tls_version=version),
        replace(situation, alias=replace(situation.alias, tls_unique_required=True)),
    )


def link(
    way: str,
    title: str,
    reason: RefusalReason,
    codes: tuple[str, ...],
    unique: bytes | None = TLS_UNIQUE,
    version: str = "TLSv1.2",
) -> RefusalCase:
    of, situation = linked(way, codes, unique, version)
    return RefusalCase(
        title=f"{way}, {title}", reason=reason, check="link to the TLS session", request=of, situation=situation
    )


REFUSALS = tuple(
    case
    for way in WAYS
    for case in (
        link(way, "no challengePassword", RefusalReason.TLS_UNIQUE_ABSENT, ()),
        link(way, "TLS 1.3 has no tls-unique", RefusalReason.TLS_UNIQUE_ABSENT, (TLS_UNIQUE_TEXT,), None, "TLSv1.3"),
        link(way, "an empty one on TLS 1.3", RefusalReason.TLS_UNIQUE_ABSENT, ("",), None, "TLSv1.3"),
        link(way, "an empty one of an empty session", RefusalReason.TLS_UNIQUE_ABSENT, ("",), b""),
        link(way, "no TLS that is known of", RefusalReason.TLS_UNIQUE_ABSENT, (TLS_UNIQUE_TEXT,), None, ""),
        link(way, "an empty challengePassword", RefusalReason.TLS_UNIQUE_WRONG, ("",)),
        link(way, "the code instead", RefusalReason.TLS_UNIQUE_WRONG, (CODE,)),
        link(way, "of another session", RefusalReason.TLS_UNIQUE_WRONG, (TLS_UNIQUE_TEXT,), TLS_UNIQUE[::-1]),
        link(way, "in hexadecimal", RefusalReason.TLS_UNIQUE_WRONG, (TLS_UNIQUE.hex(),)),
        link(way, "the right one and another", RefusalReason.TLS_UNIQUE_WRONG, (TLS_UNIQUE_TEXT, CODE)),
        link(way, "the right one twice", RefusalReason.TLS_UNIQUE_WRONG, (TLS_UNIQUE_TEXT, TLS_UNIQUE_TEXT)),
    )
)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused(case: RefusalCase) -> None:
    checks = WAYS[case.title.partition(",")[0]][2]
    decision = refused(case, with_tls_link(checks))

    assert TLS_UNIQUE_TEXT not in repr(decision)


@pytest.mark.parametrize("way", WAYS)
def test_granted_with_the_right_one(way: str) -> None:
    """B-23: beside the code, the vendor certificate or the own one, which are asked for all the same."""
    of, situation = linked(way, (TLS_UNIQUE_TEXT,), TLS_UNIQUE, "TLSv1.2")
    decision = granted(of, situation, with_tls_link(WAYS[way][2]))

    assert TLS_UNIQUE_TEXT not in repr(decision)


@pytest.mark.parametrize("way", WAYS)
def test_an_alias_that_does_not_want_it_does_not_look(way: str) -> None:
    """B-23: a challengePassword that the alias does not use is ignored, on every version of TLS."""
    of, situation, checks = WAYS[way]
    granted(replace(of, tls_version="TLSv1.2", tls_unique=TLS_UNIQUE), situation, checks)
    granted(of, situation, checks)


def test_the_link_is_asked_for_before_who_it_is() -> None:
    """A relayed CSR learns nothing of the code, and counts nothing against the end entity (B-11)."""
    of, situation = linked("HttpBasicAuth", (CODE,), TLS_UNIQUE, "TLSv1.2")
    decision = decided(replace(of, basic=basic("a wrong code")), situation)

    assert decision.entity_after is None


def test_what_came_is_said() -> None:
    """The operator sees which version of TLS the client spoke."""
    of, situation = linked("renewal", (TLS_UNIQUE_TEXT,), None, "TLSv1.3")
    decision = decided(of, situation)

    assert "TLSv1.3, which has no tls-unique" in [check.came for check in decision.trace]
