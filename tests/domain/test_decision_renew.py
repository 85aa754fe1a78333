"""simplereenroll, without TLS, store or Textual."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.domain.certificate import CLIENT_AUTH
from estconsole.domain.model import (
    TLS_END_ENTITY_CERT_PROFILE,
    CertificateProfile,
    CertificatePurpose,
    EntityStatus,
)
from estconsole.domain.names import parse_dn
from estconsole.domain.request import EnrollmentRequest
from tests.domain.builders import (
    CODE,
    DAY,
    NOW,
    OTHER_CODE,
    RefusalCase,
    alias,
    certificate,
    csr,
    decided,
    enrolled,
    granted,
    record,
    refused,
    renew_request,
    renew_situation,
    rsa_key,
    step,
)
from tests.domain.check_orders import RENEW_CHECKS
from tests.domain.renew_refusals import REFUSALS

SAN_FROM_REQUEST = CertificateProfile(
    name="SansOfTheCsr",
    key_rules=TLS_END_ENTITY_CERT_PROFILE.key_rules,
    validity=timedelta(days=1),
    extended_key_usages=(CLIENT_AUTH,),
    san_from_request=True,
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


def test_a_live_register_of_every_ca_above() -> None:
    """B-44: an own sub CA that was not revoked, below an own root."""
    situation = renew_situation(issuers=(step("CN=Sub CA", issuer=parse_dn("CN=Root CA")), step("CN=Root CA")))
    decision = granted(renew_request(), situation, RENEW_CHECKS)

    assert "not revoked" in [check.came for check in decision.trace if check.name == "certificate not revoked"]


def test_what_the_alias_asks_of_a_first_enrollment_is_not_asked() -> None:
    """B-20: neither a vendor certificate nor its list; the specification renews on `estvendor` with its own."""
    alias_now = alias(vendor_certificate_mode=True, vendor_cas=("Vendor Sub CA",), authentication_module=None)
    granted(renew_request(), renew_situation(alias=alias_now), RENEW_CHECKS)


def test_a_certificate_whose_ca_is_gone_is_told_so() -> None:
    """B-24."""
    decision = decided(renew_request(), renew_situation(issuers=()))

    assert "its issuer is not known here" in [check.came for check in decision.trace]


def test_dates_are_inclusive() -> None:
    """RFC 5280 4.1.2.5."""
    granted(renew_request(presented=certificate(not_before=NOW, not_after=NOW)), renew_situation(), RENEW_CHECKS)


def test_a_certificate_issued_before_the_entity_was_set_new_renews() -> None:
    """B-10, B-20: the same registration, whatever its count."""
    granted(
        renew_request(), renew_situation(entity=enrolled(status=EntityStatus.NEW, remaining_requests=1)), RENEW_CHECKS
    )


@pytest.mark.parametrize(
    ("of", "known", "check", "words"),
    [
        (
            renew_request(presented=certificate(is_ca=True)),
            {},
            "certificate of an end entity",
            ("an end entity's certificate", "a CA certificate"),
        ),
        (
            renew_request(),
            {"presented": record(purpose=CertificatePurpose.SERVER)},
            "certificate of an end entity",
            ("an end entity's certificate", "certificate of: server"),
        ),
        (renew_request(), {}, "certificate's usage", ("clientAuth, or no extended key usage", "allowed")),
        (
            renew_request(presented=certificate(extended_key_usages=frozenset())),
            {},
            "certificate's usage",
            ("clientAuth, or no extended key usage", "another usage"),
        ),
        (renew_request(), {}, "no other name asked for", ("no ChangeSubjectName", "none")),
        (
            renew_request(csr(codes=(), change_subject_names=(None,))),
            {},
            "no other name asked for",
            ("no ChangeSubjectName", "one"),
        ),
        (renew_request(), {}, "alternative names as in the certificate", ("none", "none")),
        (
            renew_request(csr(sans="dNSName=a", codes=()), certificate(sans="dNSName=b")),
            {"entity": enrolled(subject_alt_names=certificate(sans="dNSName=b").subject_alt_names)},
            "alternative names as in the certificate",
            ("dNSName=b", "dNSName=a"),
        ),
        (renew_request(), {}, "key", ("a new key or the same", "a new key")),
        (
            renew_request(csr(codes=(), key=rsa_key("the enrolled key"))),
            {"alias": alias(allow_update_with_same_key=False)},
            "key",
            ("a new key", "the same key"),
        ),
    ],
)
def test_what_the_operator_is_told(
    of: EnrollmentRequest, known: dict[str, object], check: str, words: tuple[str, str]
) -> None:
    """B-24: what was expected and what came."""
    decision = decided(of, renew_situation(**known))

    assert [(one.expected, one.came) for one in decision.trace if one.name == check] == [words]
