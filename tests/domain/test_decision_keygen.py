"""serverkeygen: a first request by code or vendor certificate, and a later one by an own certificate (B-22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from estconsole.domain.certificate import KeyFacts
from estconsole.domain.decision import Refused
from estconsole.domain.model import AuthenticationModule, EntityStatus
from estconsole.domain.request import EnrollmentRequest, Operation
from estconsole.domain.revocation import Revocation, RevocationReason, status_of
from estconsole.domain.situation import IssuerStep
from tests.domain.builders import (
    CODE,
    DAY,
    NOT_IN_CRL,
    NOW,
    OTHER_CODE,
    REVOKED,
    RefusalCase,
    basic,
    csr,
    decided,
    ec_key,
    enroll_situation,
    enrolled,
    entity,
    granted,
    record,
    refused,
    renew_situation,
    rsa_key,
    vendor_alias,
    vendor_certificate,
    vendor_entity,
    vendor_request,
    vendor_root,
    vendor_situation,
    vendor_step,
)
from tests.domain.keygen_refusals import (
    ANY_KEY,
    BASIC_CHECKS,
    BASIC_REFUSAL,
    CERTIFICATE_CHECKS,
    CERTIFICATE_REFUSALS,
    CODE_CHECKS,
    CODE_REFUSALS,
    ED25519,
    VENDOR_ALIAS,
    VENDOR_CHECKS,
    VENDOR_REFUSALS,
    keygen_alias,
    keygen_request,
    own_request,
)

SPENT: dict[str, Any] = {
    "remaining_requests": 0,
    "status": EntityStatus.GENERATED,
    "enrolled_at": NOW,
    "modified_at": NOW,
}


@pytest.mark.parametrize("case", CODE_REFUSALS, ids=lambda case: case.title)
def test_by_code_refused(case: RefusalCase) -> None:
    refused(case, CODE_CHECKS)


def test_http_basic_auth_refused() -> None:
    refused(BASIC_REFUSAL, BASIC_CHECKS)


@pytest.mark.parametrize("case", VENDOR_REFUSALS, ids=lambda case: case.title)
def test_by_vendor_certificate_refused(case: RefusalCase) -> None:
    refused(case, VENDOR_CHECKS)


@pytest.mark.parametrize("case", CERTIFICATE_REFUSALS, ids=lambda case: case.title)
def test_an_own_certificate_that_fails_never_falls_through_to_a_good_code(case: RefusalCase) -> None:
    refused(case, CERTIFICATE_CHECKS)


class TestFirst:
    """As simpleenroll: it takes a code or a vendor certificate, and spends a request."""

    @pytest.mark.parametrize(
        ("module", "of", "checks"),
        [
            pytest.param(AuthenticationModule.CHALLENGE_PWD, keygen_request(), CODE_CHECKS, id="ChallengePwd"),
            pytest.param(
                AuthenticationModule.DN_PART_PWD,
                keygen_request(csr(f"CN=device,OU={CODE}", codes=())),
                CODE_CHECKS,
                id="DnPartPwd",
            ),
            pytest.param(
                AuthenticationModule.HTTP_BASIC_AUTH,
                keygen_request(csr(codes=()), credentials=basic()),
                BASIC_CHECKS,
                id="HttpBasicAuth, with S's printed CSR",
            ),
        ],
    )
    def test_by_code(self, module: AuthenticationModule, of: EnrollmentRequest, checks: tuple[str, ...]) -> None:
        decision = granted(of, enroll_situation(alias=keygen_alias(module)), checks)

        assert decision.entity_after == entity(**SPENT)

    def test_by_vendor_certificate(self) -> None:
        of = vendor_request(operation=Operation.SERVERKEYGEN)
        decision = granted(of, vendor_situation(alias=VENDOR_ALIAS), VENDOR_CHECKS)

        assert decision.entity_after == vendor_entity(**SPENT)

    @pytest.mark.parametrize(
        "issuers", [(), (vendor_step(), vendor_root())], ids=["an issuer that is not known", "a vendor CA of this lab"]
    )
    def test_a_vendor_certificate_keeps_no_code_from_being_used(self, issuers: tuple[IssuerStep, ...]) -> None:
        """B-22: only a certificate of this console decides for the other way; this one may even be revoked."""
        situation = enroll_situation(
            alias=keygen_alias(), presented_status=REVOKED if issuers else NOT_IN_CRL, issuers=issuers
        )
        decision = granted(keygen_request(presented=vendor_certificate()), situation, CODE_CHECKS)

        assert decision.entity_after == entity(**SPENT)

    @pytest.mark.parametrize(
        "key",
        [rsa_key(bits=2048), rsa_key(bits=4096), ec_key("P-256"), ec_key("P-384", 384), ec_key("P-521", 521), ED25519],
        ids=str,
    )
    def test_keys_that_are_made(self, key: KeyFacts) -> None:
        """B-22: of the algorithm and size of the CSR's."""
        decision = granted(
            keygen_request(csr(key=key)),
            enroll_situation(alias=keygen_alias(), certificate_profile=ANY_KEY),
            CODE_CHECKS,
        )

        assert f"a new {key}" in [check.came for check in decision.trace]


class TestSubsequent:
    """As simplereenroll: it takes an own certificate and no code, and leaves the end entity as it is."""

    @pytest.mark.parametrize("codes", [(), (CODE,), (OTHER_CODE,), ("",), (OTHER_CODE, CODE)])
    @pytest.mark.parametrize("status", [EntityStatus.GENERATED, EntityStatus.NEW], ids=lambda status: status.name)
    def test_by_own_certificate(self, status: EntityStatus, codes: tuple[str, ...]) -> None:
        """B-20, B-22: neither the status nor a count changes; what stands in challengePassword is not looked at."""
        situation = renew_situation(alias=keygen_alias(), entity=enrolled(status=status, remaining_requests=1))
        decision = granted(own_request(csr(codes=codes)), situation, CERTIFICATE_CHECKS)

        assert decision.entity_after is None

    @pytest.mark.parametrize(
        "on",
        [keygen_alias(module) for module in (None, *AuthenticationModule)] + [VENDOR_ALIAS],
        ids=["no module", *AuthenticationModule, "vendor mode"],
    )
    def test_what_the_alias_asks_of_first_requests_is_not_asked(self, on: object) -> None:
        granted(own_request(csr(codes=())), renew_situation(alias=on), CERTIFICATE_CHECKS)

    def test_the_csrs_key_only_signs_the_request(self) -> None:
        """B-22: so it may be the certificate's, also where a renewal needs another; the new one is always new."""
        wants_new = keygen_alias(allow_update_with_same_key=False)
        granted(
            own_request(csr(codes=(), key=rsa_key("the enrolled key"))),
            renew_situation(alias=wants_new),
            CERTIFICATE_CHECKS,
        )

    def test_an_alias_that_accepts_other_aliases(self) -> None:
        """B-21."""
        situation = renew_situation(
            alias=keygen_alias(accept_other_aliases=True), presented=record(alias_uid="alias-other")
        )
        granted(own_request(csr(codes=())), situation, CERTIFICATE_CHECKS)

    def test_a_hold_that_was_lifted(self) -> None:
        """B-43: held, the certificate authenticates nothing; released, it does again."""
        held = status_of(Revocation(NOW - DAY, RevocationReason.CERTIFICATE_HOLD))
        known = renew_situation(alias=keygen_alias())

        assert isinstance(decided(own_request(), replace(known, presented_status=held)), Refused)
        granted(own_request(), replace(known, presented_status=status_of(None)), CERTIFICATE_CHECKS)

    def test_the_device_certificate_of_a_listed_own_ca_counts_as_own(self) -> None:
        """B-22: also where the alias lists this lab's CA as a vendor's, it is a renewal and spends nothing."""
        lists_own = vendor_alias(server_key_generation=True, vendor_cas=("ManagementCA",))
        decision = granted(own_request(csr(codes=())), renew_situation(alias=lists_own), CERTIFICATE_CHECKS)

        assert decision.entity_after is None
