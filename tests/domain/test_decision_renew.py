"""simplereenroll, without TLS, store or Textual."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.domain.certificate import CLIENT_AUTH, SERVER_AUTH
from estconsole.domain.model import (
    TLS_END_ENTITY_CERT_PROFILE,
    CertificateProfile,
    CertificatePurpose,
    EntityStatus,
    Revocation,
    RevocationReason,
)
from estconsole.domain.names import parse_dn
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import EnrollmentRequest, Operation
from estconsole.domain.situation import IssuerStep
from tests.domain.builders import (
    CODE,
    DAY,
    NOW,
    OTHER_CODE,
    RENEW_CHECKS,
    RefusalCase,
    alias,
    authority,
    certificate,
    csr,
    enrolled,
    granted,
    record,
    refused,
    renew_request,
    renew_situation,
    request,
    rsa_key,
    step,
)

SAN_FROM_REQUEST = CertificateProfile(
    name="SansOfTheCsr",
    key_rules=TLS_END_ENTITY_CERT_PROFILE.key_rules,
    validity=timedelta(days=1),
    extended_key_usages=(CLIENT_AUTH,),
    san_from_request=True,
)


def renewal(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    """A renewal that is refused, and leaves the end entity as it is (B-20)."""
    return RefusalCase(
        title=title, reason=reason, check=check, request=of or renew_request(), situation=renew_situation(**known)
    )


REFUSALS = (
    renewal(
        "B-23: the CSR is signed by another key",
        RefusalReason.CSR_BAD_SIGNATURE,
        "proof of possession",
        renew_request(csr(codes=(), signature_valid=False)),
    ),
    renewal("B-2: unknown alias", RefusalReason.UNKNOWN_ALIAS, "alias exists", alias=None),
    renewal(
        "B-20: no client certificate; a code does not stand in for it",
        RefusalReason.NO_CLIENT_CERTIFICATE,
        "client certificate presented",
        request(Operation.SIMPLEREENROLL, csr(codes=(CODE,))),
        presented=None,
        issuers=(),
    ),
    renewal(
        "B-20: a certificate of the same name and serial, but of another SHA-256",
        RefusalReason.CERTIFICATE_FOREIGN,
        "certificate issued here",
        presented=None,
    ),
    *(
        renewal(
            f"B-20: a {purpose} certificate",
            RefusalReason.CERTIFICATE_NOT_END_ENTITY,
            "certificate of an end entity",
            presented=record(purpose=purpose),
        )
        for purpose in CertificatePurpose
        if purpose is not CertificatePurpose.END_ENTITY
    ),
    renewal(
        "B-19: the leaf says that it is a CA, whatever its record says",
        RefusalReason.CERTIFICATE_NOT_END_ENTITY,
        "certificate of an end entity",
        renew_request(presented=certificate(is_ca=True)),
    ),
    *(
        renewal(
            f"B-44: revoked, {reason.name}",
            RefusalReason.CERTIFICATE_REVOKED,
            "certificate not revoked",
            presented=record(revocation=Revocation(NOW - DAY, reason)),
        )
        for reason in RevocationReason
    ),
    renewal(
        "B-41: expired",
        RefusalReason.CERTIFICATE_NOT_IN_DATE,
        "certificate in date",
        renew_request(presented=certificate(not_after=NOW - timedelta(seconds=1))),
    ),
    renewal(
        "B-19: not valid yet",
        RefusalReason.CERTIFICATE_NOT_IN_DATE,
        "certificate in date",
        renew_request(presented=certificate(not_before=NOW + timedelta(seconds=1))),
    ),
    renewal("B-19: no known CA above", RefusalReason.CERTIFICATE_PATH_INVALID, "certificate's path", issuers=()),
    renewal(
        "B-19: the path ends at a CA that is not trusted",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step("CN=Sub CA", trusted=False), step("CN=Root CA", trusted=False)),
    ),
    renewal(
        "B-19: an expired sub CA below a live root",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step("CN=Sub CA", trusted=False, not_after=NOW - DAY), step("CN=Root CA")),
    ),
    renewal(
        "B-19: a trusted sub CA that is expired",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step("CN=Sub CA", not_after=NOW - DAY), step("CN=Root CA")),
    ),
    renewal(
        "B-19: a sub CA that is not valid yet",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step("CN=Sub CA", trusted=False, not_before=NOW + DAY), step("CN=Root CA")),
    ),
    renewal(
        "B-19: an expired root",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step("CN=Sub CA", trusted=False), step("CN=Root CA", not_after=NOW - DAY)),
    ),
    renewal(
        "B-19: the issuer is no CA, though it is trusted",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(IssuerStep(facts=authority("CN=Device", is_ca=False), trusted=True),),
    ),
    renewal(
        "B-19: the issuer is a CA that may not sign certificates",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(IssuerStep(facts=authority(may_sign_certificates=False), trusted=True),),
    ),
    renewal(
        "B-19: another extended key usage",
        RefusalReason.CERTIFICATE_WRONG_USAGE,
        "certificate's usage",
        renew_request(presented=certificate(extended_key_usages=frozenset({SERVER_AUTH}))),
    ),
    renewal(
        "B-19: an extended key usage of nothing",
        RefusalReason.CERTIFICATE_WRONG_USAGE,
        "certificate's usage",
        renew_request(presented=certificate(extended_key_usages=frozenset())),
    ),
    renewal(
        "B-20: the registration was deleted", RefusalReason.REGISTRATION_GONE, "registration still there", entity=None
    ),
    renewal(
        "B-8: the username was deleted and added again",
        RefusalReason.REGISTRATION_GONE,
        "registration still there",
        entity=enrolled(registration="second registration"),
    ),
    *(
        renewal(
            f"B-20: the end entity is {status.name}",
            RefusalReason.REGISTRATION_CLOSED,
            "registration not closed",
            entity=enrolled(status=status),
        )
        for status in (EntityStatus.REVOKED, EntityStatus.HISTORICAL)
    ),
    renewal(
        "B-21: issued through another alias",
        RefusalReason.CERTIFICATE_OTHER_ALIAS,
        "certificate of this alias",
        presented=record(alias_uid="alias-other"),
    ),
    renewal(
        "B-20: another subject is registered now",
        RefusalReason.REGISTERED_NAME_CHANGED,
        "registered name unchanged",
        entity=enrolled(subject=parse_dn("CN=device,O=Lab")),
    ),
    renewal(
        "B-20: an alternative name was registered since",
        RefusalReason.REGISTERED_NAME_CHANGED,
        "registered name unchanged",
        renew_request(csr(sans="dNSName=a.example", codes=()), certificate(sans="dNSName=a.example")),
    ),
    renewal(
        "RFC 7030 4.2.2: another subject",
        RefusalReason.RENEWAL_OTHER_SUBJECT,
        "subject as in the certificate",
        renew_request(csr("CN=device,O=Lab", codes=())),
    ),
    renewal(
        "B-18: the same attribute twice",
        RefusalReason.RENEWAL_OTHER_SUBJECT,
        "subject as in the certificate",
        renew_request(csr("CN=device,CN=device", codes=())),
    ),
    renewal(
        "RFC 7030 4.2.2: an alternative name more than the certificate has",
        RefusalReason.RENEWAL_OTHER_SANS,
        "alternative names as in the certificate",
        renew_request(csr(sans="dNSName=a.example", codes=())),
    ),
    renewal(
        "B-20: the same key, where the alias wants a new one",
        RefusalReason.RENEWAL_SAME_KEY,
        "key",
        renew_request(csr(codes=(), key=rsa_key("the enrolled key"))),
        alias=alias(allow_update_with_same_key=False),
    ),
    renewal(
        "B-15: a key that the profile does not admit",
        RefusalReason.KEY_NOT_ALLOWED,
        "key allowed by the profile",
        renew_request(csr(codes=(), key=rsa_key(bits=1024))),
    ),
    renewal(
        "B-15: the certificate profile is not in this lab",
        RefusalReason.PROFILE_NOT_SATISFIED,
        "key allowed by the profile",
        certificate_profile=None,
    ),
    renewal(
        "B-15: the end entity profile is not in this lab",
        RefusalReason.PROFILE_NOT_SATISFIED,
        "registration fits its profile",
        end_entity_profile=None,
    ),
    renewal("B-20: the issuing CA is gone", RefusalReason.ISSUING_CA_MISSING, "issuing CA is live", issuing_ca=None),
    renewal(
        "B-20: the issuing CA has expired",
        RefusalReason.ISSUING_CA_NOT_IN_DATE,
        "issuing CA is live",
        issuing_ca=authority(not_after=NOW - DAY),
    ),
)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.title)
def test_refused(case: RefusalCase) -> None:
    refused(case, RENEW_CHECKS)


@pytest.mark.parametrize(
    "status", [status for status in EntityStatus if status not in (EntityStatus.REVOKED, EntityStatus.HISTORICAL)]
)
def test_a_renewal_leaves_the_end_entity_as_it_is(status: EntityStatus) -> None:
    """B-20: GENERATED renews, as every status but two; neither status nor count changes."""
    decision = granted(renew_request(), renew_situation(entity=enrolled(status=status)), RENEW_CHECKS)

    assert decision.entity_after is None


@pytest.mark.parametrize("codes", [(), (CODE,), (OTHER_CODE,), ("",), (CODE, OTHER_CODE)])
def test_a_challenge_password_is_ignored(codes: tuple[str, ...]) -> None:
    """B-23: devices renew with the CSR that they enrolled with; B-20: never by a code, nor against one."""
    granted(renew_request(csr(codes=codes)), renew_situation(), RENEW_CHECKS)


def test_an_alias_without_a_module_renews() -> None:
    """B-5, B-20: what the alias says of initial requests does not matter."""
    granted(renew_request(), renew_situation(alias=alias(authentication_module=None)), RENEW_CHECKS)


@pytest.mark.parametrize("key", ["the enrolled key", "a new key"])
def test_the_same_key_where_it_is_allowed(key: str) -> None:
    """B-20: allowed by default (B-3)."""
    granted(renew_request(csr(codes=(), key=rsa_key(key))), renew_situation(), RENEW_CHECKS)


def test_a_new_key_where_the_same_is_not_allowed() -> None:
    """B-20."""
    granted(renew_request(), renew_situation(alias=alias(allow_update_with_same_key=False)), RENEW_CHECKS)


def test_an_alias_that_accepts_other_aliases() -> None:
    """B-21."""
    situation = renew_situation(alias=alias(accept_other_aliases=True), presented=record(alias_uid="alias-other"))
    granted(renew_request(), situation, RENEW_CHECKS)


def test_the_subject_in_another_order_and_case() -> None:
    """B-18: CN, O, C in the CSR, and C, O, CN in the certificate."""
    granted(
        renew_request(csr("C=SE,O=primekey  LAB,CN=device", codes=()), certificate("CN=device,O=PrimeKey Lab,C=SE")),
        renew_situation(entity=enrolled(subject=parse_dn("O=PrimeKey Lab,CN=Device,C=se"))),
        RENEW_CHECKS,
    )


def test_alternative_names_are_sets() -> None:
    """B-18."""
    granted(
        renew_request(
            csr(sans="iPAddress=192.0.2.1, dNSName=A.example", codes=()),
            certificate(sans="dNSName=a.EXAMPLE, iPAddress=192.0.2.1"),
        ),
        renew_situation(
            entity=enrolled(
                subject_alt_names=certificate(sans="dNSName=a.example,iPAddress=192.0.2.1").subject_alt_names
            )
        ),
        RENEW_CHECKS,
    )


def test_alternative_names_that_the_profile_took_from_the_csr_are_not_the_registrations() -> None:
    """B-12, B-20: with such a profile, the registered names say nothing about the certificate's."""
    granted(
        renew_request(csr(sans="dNSName=a.example", codes=()), certificate(sans="dNSName=a.example")),
        renew_situation(certificate_profile=SAN_FROM_REQUEST),
        RENEW_CHECKS,
    )


def test_no_extended_key_usage_leaves_the_use_open() -> None:
    """B-19."""
    granted(renew_request(presented=certificate(extended_key_usages=None)), renew_situation(), RENEW_CHECKS)


def test_a_path_over_a_sub_ca_to_a_trusted_root() -> None:
    """B-19."""
    situation = renew_situation(issuers=(step("CN=Sub CA", trusted=False), step("CN=Root CA")))
    granted(renew_request(), situation, RENEW_CHECKS)


def test_a_trusted_sub_ca_ends_the_path() -> None:
    """B-40: what stands above the first trusted CA is not asked for."""
    situation = renew_situation(issuers=(step("CN=Sub CA"), step("CN=Root CA", trusted=False, not_after=NOW - DAY)))
    granted(renew_request(), situation, RENEW_CHECKS)


def test_dates_are_inclusive() -> None:
    """RFC 5280 4.1.2.5."""
    granted(renew_request(presented=certificate(not_before=NOW, not_after=NOW)), renew_situation(), RENEW_CHECKS)


def test_a_certificate_issued_before_the_entity_was_set_new_renews() -> None:
    """B-10, B-20: the same registration, whatever its count."""
    granted(
        renew_request(), renew_situation(entity=enrolled(status=EntityStatus.NEW, remaining_requests=1)), RENEW_CHECKS
    )
