"""simpleenroll in vendor mode, without TLS, store or Textual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from estconsole.domain.certificate import CLIENT_AUTH, SERVER_AUTH
from estconsole.domain.decision import Refused
from estconsole.domain.model import AuthenticationModule, EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import ChangeSubjectName, CsrFacts, EnrollmentRequest
from estconsole.domain.situation import IssuerStep
from tests.domain.builders import (
    CODE,
    DAY,
    DEVICE_DN,
    NO_CRL,
    NOT_IN_CRL,
    NOW,
    OTHER_CODE,
    RefusalCase,
    came,
    csr,
    decided,
    granted,
    record,
    refused,
    step,
    vendor_alias,
    vendor_certificate,
    vendor_entity,
    vendor_request,
    vendor_root,
    vendor_situation,
    vendor_step,
)
from tests.domain.check_orders import VENDOR_CHECKS
from tests.domain.module_refusals import EMPTY_VENDOR_MODE
from tests.domain.vendor_refusals import (
    NAME_REFUSALS,
    NEW_DN,
    PATH_REFUSALS,
    SANS,
    WITHOUT_CHANGE,
    asking,
    change,
)


@pytest.mark.parametrize("case", [EMPTY_VENDOR_MODE, *PATH_REFUSALS], ids=lambda case: case.title)
def test_the_certificate_is_refused(case: RefusalCase) -> None:
    refused(case, VENDOR_CHECKS)


@pytest.mark.parametrize("case", NAME_REFUSALS, ids=lambda case: case.title)
def test_the_name_is_refused(case: RefusalCase) -> None:
    refused(case, VENDOR_CHECKS)


def test_a_grant_spends_one_request() -> None:
    """B-10: as with a code; the specification's device is registered without one."""
    decision = granted(vendor_request(), vendor_situation(), VENDOR_CHECKS)

    assert decision.entity_after == vendor_entity(
        remaining_requests=0, status=EntityStatus.GENERATED, enrolled_at=NOW, modified_at=NOW
    )
    again = decided(vendor_request(), vendor_situation(entity=decision.entity_after))
    assert isinstance(again, Refused)
    assert again.reason is RefusalReason.ENTITY_NOT_OPEN


@pytest.mark.parametrize("status", [EntityStatus.FAILED, EntityStatus.INPROCESS], ids=lambda status: status.name)
def test_the_other_open_statuses(status: EntityStatus) -> None:
    """B-9."""
    granted(vendor_request(), vendor_situation(entity=vendor_entity(status=status)), VENDOR_CHECKS)


def test_no_code_is_asked_for_nor_looked_at() -> None:
    """B-5: vendor mode is used instead of a module; a code that came may be wrong."""
    both = vendor_alias(authentication_module=AuthenticationModule.CHALLENGE_PWD)
    decision = granted(vendor_request(csr(DEVICE_DN, codes=(OTHER_CODE,))), vendor_situation(alias=both), VENDOR_CHECKS)

    assert decision.entity_after is not None
    assert decision.entity_after.remaining_logins == 3


class TestPath:
    def test_both_of_the_specifications_cas_are_known(self) -> None:
        decision = granted(vendor_request(), vendor_situation(), VENDOR_CHECKS)

        assert came(decision, "issuer in the list of vendor CAs") == "Vendor Sub CA"
        assert came(decision, "vendor certificate's path") == "trusted: CN=Vendor Sub CA"

    @pytest.mark.parametrize(
        "issuers",
        [
            pytest.param((vendor_step(),), id="B-40: the sub CA alone is known"),
            pytest.param((vendor_step(trusted=False), vendor_root()), id="the root alone is trusted"),
            pytest.param((vendor_step(), vendor_root(trusted=False)), id="the sub CA alone is trusted"),
            pytest.param(
                (vendor_step(), vendor_root(not_after=NOW - DAY, is_ca=False)), id="what stands above is not asked for"
            ),
            pytest.param((vendor_step(key=vendor_certificate().key, not_before=NOW, not_after=NOW),), id="inclusive"),
        ],
    )
    def test_leads_to_a_trusted_ca(self, issuers: tuple[IssuerStep, ...]) -> None:
        """B-19: the first trusted one ends it."""
        granted(vendor_request(), vendor_situation(issuers=issuers), VENDOR_CHECKS)

    def test_the_list_holds_several(self) -> None:
        several = vendor_alias(vendor_cas=("Other Vendor CA", "Vendor Sub CA", "Gone CA"))
        granted(vendor_request(), vendor_situation(alias=several), VENDOR_CHECKS)

    @pytest.mark.parametrize("usages", [{CLIENT_AUTH}, {CLIENT_AUTH, SERVER_AUTH}])
    def test_usages(self, usages: set[str]) -> None:
        """B-19: absent, as in the specification's certificate, or with clientAuth."""
        presented = vendor_certificate(extended_key_usages=frozenset(usages))
        granted(vendor_request(presented=presented), vendor_situation(), VENDOR_CHECKS)

    def test_no_crl_accepts_and_says_so(self) -> None:
        """B-19: for the leaf and for the sub CA, each by its name."""
        situation = vendor_situation(presented_status=NO_CRL, issuers=(vendor_step(status=NO_CRL), vendor_root()))
        decision = granted(vendor_request(), situation, VENDOR_CHECKS)

        assert came(decision, "vendor certificate not revoked") == (
            "the certificate: not known: no CRL of its CA is imported; "
            "CN=Vendor Sub CA: not known: no CRL of its CA is imported"
        )

    def test_a_crl_for_the_leaf_alone_says_what_is_open(self) -> None:
        situation = vendor_situation(issuers=(vendor_step(status=NO_CRL), vendor_root()))
        decision = granted(vendor_request(), situation, VENDOR_CHECKS)

        assert came(decision, "vendor certificate not revoked") == (
            "CN=Vendor Sub CA: not known: no CRL of its CA is imported"
        )

    def test_no_crl_is_asked_of_a_root(self) -> None:
        situation = vendor_situation(presented_status=NOT_IN_CRL, issuers=(vendor_step(), vendor_root()))
        decision = granted(vendor_request(), situation, VENDOR_CHECKS)

        assert came(decision, "vendor certificate not revoked") == "not in its CA's CRL"

    def test_a_device_certificate_of_a_listed_ca_of_this_lab(self) -> None:
        """B-3: the list takes any CA here, so that a first certificate of this lab can stand for a vendor's."""
        situation = vendor_situation(
            alias=vendor_alias(vendor_cas=("ManagementCA",)), presented=record(), issuers=(step(),)
        )
        granted(vendor_request(), situation, VENDOR_CHECKS)

    def test_a_ca_that_was_renewed_with_its_key_is_listed_under_any_of_its_names(self) -> None:
        """B-19: the path goes by one of its certificates, the alias may list another."""
        renewed = replace(vendor_step(), name="Vendor Sub CA of 2030", also=frozenset({"Vendor Sub CA"}))
        granted(vendor_request(), vendor_situation(issuers=(renewed, vendor_root())), VENDOR_CHECKS)

    def test_a_code_in_the_field_of_another_aliass_codes_is_masked(self) -> None:
        """B-45: the device called the wrong alias."""
        of = vendor_request(csr(f"CN=1234.primekey.com,OU={CODE}", codes=()))
        decision = decided(of, vendor_situation(code_fields=("OU",)))

        assert isinstance(decision, Refused)
        assert came(decision, "subject as in the vendor certificate") == "CN=1234.primekey.com,OU=••••"


class TestUsername:
    def test_comes_from_another_field_of_the_certificate(self) -> None:
        """B-17: the CSR's field plays no part but that of its subject."""
        named = "CN=anything,serialNumber=1234,C=SE"
        by_serial_number = vendor_alias(extract_username_component="serialNumber")
        decision = granted(
            vendor_request(csr(named, codes=()), vendor_certificate(named)),
            vendor_situation(alias=by_serial_number, entity=vendor_entity(named)),
            VENDOR_CHECKS,
        )

        assert came(decision, "username in the vendor certificate") == "1234"

    def test_is_the_whole_dn_of_the_certificate(self) -> None:
        """B-3: as RFC 4514 text of the certificate's order, whatever the CSR's."""
        decision = granted(
            vendor_request(csr("C=SE,O=PrimeKey,CN=1234.primekey.com", codes=())),
            vendor_situation(alias=vendor_alias(extract_username_component="DN")),
            VENDOR_CHECKS,
        )

        assert came(decision, "username in the vendor certificate") == DEVICE_DN


class TestNames:
    @pytest.mark.parametrize("on", [vendor_alias(), WITHOUT_CHANGE], ids=["change allowed", "change not allowed"])
    def test_without_a_change(self, on: object) -> None:
        """B-17: vendor's, CSR's and registered subject are one, which needs no permission."""
        granted(vendor_request(), vendor_situation(alias=on), VENDOR_CHECKS)

    def test_a_dn_order_that_was_turned_around(self) -> None:
        """B-18: the specification's own: C,O,CN in the certificate, CN,O,C in the CSR."""
        turned = vendor_request(csr("C=SE,O=PrimeKey,CN=1234.primekey.com", codes=()))
        granted(turned, vendor_situation(entity=vendor_entity("O=PrimeKey,C=se,CN=1234.PRIMEKEY.com")), VENDOR_CHECKS)

    @pytest.mark.parametrize(
        ("asked", "registered"),
        [
            pytest.param(change(NEW_DN), vendor_entity(NEW_DN), id="subject alone"),
            pytest.param(change(NEW_DN), vendor_entity(NEW_DN, SANS), id="subject alone, SANs registered besides"),
            pytest.param(change(NEW_DN, SANS), vendor_entity(NEW_DN, SANS), id="both"),
            pytest.param(change(sans=SANS), vendor_entity(sans=SANS), id="SANs alone"),
            pytest.param(change(sans=""), vendor_entity(), id="no SANs, in so many words"),
            pytest.param(change(DEVICE_DN), vendor_entity(), id="the name that it has"),
            pytest.param(
                change("O=operator,CN=Operator  Device"), vendor_entity(NEW_DN), id="B-18: in another order and case"
            ),
            pytest.param(
                change(sans="iPAddress=192.0.2.1, dNSName=A.EXAMPLE"),
                vendor_entity(sans=SANS),
                id="B-18: SANs are sets",
            ),
        ],
    )
    def test_a_change_to_the_registered_names(self, asked: ChangeSubjectName, registered: object) -> None:
        """B-17, RFC 6402 2.8."""
        granted(asking(asked), vendor_situation(entity=registered), VENDOR_CHECKS)

    @pytest.mark.parametrize(
        "body",
        [csr(DEVICE_DN, codes=()), csr(DEVICE_DN, SANS, codes=()), csr(DEVICE_DN, "dNSName=other.example", codes=())],
        ids=["no SAN in the CSR", "the registered ones", "others"],
    )
    def test_sans_outside_of_a_change_are_not_compared(self, body: CsrFacts) -> None:
        """B-12, B-17: the registered ones are issued, whatever the CSR and the vendor certificate have."""
        presented = vendor_certificate(sans="dNSName=factory.example")
        granted(vendor_request(body, presented), vendor_situation(entity=vendor_entity(sans=SANS)), VENDOR_CHECKS)

    def test_what_is_shown_of_names(self) -> None:
        """The trace shows subject and alternative names where both were asked for."""
        situation = vendor_situation(entity=vendor_entity(NEW_DN, SANS))
        decision = granted(asking(change(NEW_DN, SANS)), situation, VENDOR_CHECKS)
        shown = next(check for check in decision.trace if check.name == "names as registered")

        assert shown.expected == shown.came == f"{NEW_DN} ({SANS})"


@pytest.mark.parametrize(
    ("of", "known", "check", "words"),
    [
        (
            vendor_request(csr("", codes=())),
            {},
            "subject as in the vendor certificate",
            (DEVICE_DN, "an empty subject"),
        ),
        (
            vendor_request(csr("CN=x", codes=())),
            {},
            "subject as in the vendor certificate",
            (DEVICE_DN, "CN=x"),
        ),
        (vendor_request(), {}, "ChangeSubjectName allowed", ("ChangeSubjectName or none", "none")),
        (asking(change(DEVICE_DN)), {}, "ChangeSubjectName allowed", ("ChangeSubjectName or none", "one")),
        (
            asking(change(DEVICE_DN)),
            {"alias": WITHOUT_CHANGE},
            "ChangeSubjectName allowed",
            ("no ChangeSubjectName", "one"),
        ),
        (asking(change("")), {}, "names as registered", (DEVICE_DN, "an empty subject")),
        (asking(change("CN=x")), {}, "names as registered", (DEVICE_DN, "CN=x")),
        (
            asking(change(sans="")),
            {"entity": vendor_entity(sans=SANS)},
            "names as registered",
            (f"{DEVICE_DN} ({SANS})", f"{DEVICE_DN} (no alternative names)"),
        ),
        (
            asking(change(sans=SANS)),
            {},
            "names as registered",
            (f"{DEVICE_DN} (no alternative names)", f"{DEVICE_DN} ({SANS})"),
        ),
        (
            vendor_request(),
            {"issuers": (vendor_step(trusted=False), vendor_root(trusted=False))},
            "vendor certificate's path",
            ("a path to a trusted CA", "trust in Vendor Sub CA, Vendor Root CA is switched off"),
        ),
    ],
)
def test_what_the_operator_is_told(
    of: EnrollmentRequest, known: dict[str, object], check: str, words: tuple[str, str]
) -> None:
    """B-24: what was expected and what came, in names that the console knows."""
    decision = decided(of, vendor_situation(**known))

    assert [(one.expected, one.came) for one in decision.trace if one.name == check] == [words]
