"""simpleenroll with DnPartPwd, HttpBasicAuth and without a module, and what all modules have in common."""

from __future__ import annotations

import pytest

from estconsole.domain.decision import Refused
from estconsole.domain.model import AuthenticationModule, EntityStatus, EstAlias
from estconsole.domain.names import parse_dn
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from tests.domain.builders import (
    CODE,
    NOW,
    OTHER_CODE,
    RefusalCase,
    alias,
    basic,
    came,
    certificate,
    csr,
    decided,
    enroll_request,
    enroll_situation,
    enrolled,
    entity,
    granted,
    refused,
    renew_request,
    renew_situation,
    request,
    vendor_alias,
)
from tests.domain.check_orders import BASIC_CHECKS, ENROLL_CHECKS, INCOMPLETE_CHECKS
from tests.domain.module_refusals import (
    BASIC_ALIAS,
    BASIC_REFUSALS,
    DN_PART_ALIAS,
    DN_PART_REFUSALS,
    INCOMPLETE_REFUSALS,
    UNKNOWN_ALIAS,
    basic_request,
    dn_part_request,
)

SPENT = entity(remaining_requests=0, status=EntityStatus.GENERATED, enrolled_at=NOW, modified_at=NOW)


@pytest.mark.parametrize("case", DN_PART_REFUSALS, ids=lambda case: case.title)
def test_dn_part_pwd_refused(case: RefusalCase) -> None:
    refused(case, ENROLL_CHECKS)


@pytest.mark.parametrize("case", BASIC_REFUSALS, ids=lambda case: case.title)
def test_http_basic_auth_refused(case: RefusalCase) -> None:
    refused(case, BASIC_CHECKS)


@pytest.mark.parametrize("case", [*INCOMPLETE_REFUSALS, UNKNOWN_ALIAS], ids=lambda case: case.title)
def test_an_incomplete_alias_refuses_whatever_comes(case: RefusalCase) -> None:
    refused(case, INCOMPLETE_CHECKS)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (alias(), "ChallengePwd"),
        (BASIC_ALIAS, "HttpBasicAuth"),
        (alias(authentication_module=None), "none"),
        (vendor_alias(vendor_cas=()), "vendor mode without CAs"),
        (vendor_alias(vendor_cas=("Vendor Sub CA", "Other CA")), "vendor mode with Vendor Sub CA, Other CA"),
    ],
)
def test_what_the_operator_is_told_of_the_alias(on: EstAlias, words: str) -> None:
    """B-5, B-24."""
    assert came(decided(enroll_request(), enroll_situation(alias=on)), "alias is complete") == words


class TestDnPartPwd:
    @pytest.mark.parametrize("codes", [(), (OTHER_CODE,), ("",), (OTHER_CODE, CODE)])
    def test_a_challenge_password_is_ignored(self, codes: tuple[str, ...]) -> None:
        """B-16: whatever it is, and however many there are."""
        decision = granted(dn_part_request(codes=codes), enroll_situation(alias=DN_PART_ALIAS), ENROLL_CHECKS)

        assert decision.entity_after == SPENT

    @pytest.mark.parametrize("subject", [f"CN=device+OU={CODE}", f"OU={CODE},CN=device,O=Lab"])
    def test_the_field_stands_anywhere_in_the_subject(self, subject: str) -> None:
        granted(dn_part_request(subject), enroll_situation(alias=DN_PART_ALIAS), ENROLL_CHECKS)

    def test_the_field_is_the_aliass(self) -> None:
        """B-3: `extractdnpartpwdcomponent`; another OU is then a part of the name like any other."""
        code_in_title = alias(
            authentication_module=AuthenticationModule.DN_PART_PWD, extract_dn_part_pwd_component="title"
        )
        decision = granted(
            dn_part_request(f"CN=device,OU=Lab,title={CODE}"), enroll_situation(alias=code_in_title), ENROLL_CHECKS
        )

        assert came(decision, "code in the CSR") == "one"

    @pytest.mark.parametrize(
        "subject", [f"CN=device,OU={CODE}", f"OU={CODE}+CN=device", f"CN=device,OU={OTHER_CODE},OU={CODE}"]
    )
    def test_the_enrollment_csr_at_a_renewal_shows_no_code(self, subject: str) -> None:
        """B-45: such a CSR's subject is not the certificate's, so it is refused, and the trace shows it masked."""
        decision = decided(renew_request(csr(subject, codes=())), renew_situation(alias=DN_PART_ALIAS))

        assert isinstance(decision, Refused)
        assert decision.reason is RefusalReason.RENEWAL_OTHER_SUBJECT
        assert came(decision, "subject as in the certificate") == str(
            parse_dn(subject.replace(OTHER_CODE, "••••").replace(CODE, "••••"))
        )

    def test_the_enrollment_csr_at_a_later_key_generation_shows_no_code(self) -> None:
        """B-45, B-22: the rules are those of a renewal."""
        keygen = alias(authentication_module=AuthenticationModule.DN_PART_PWD, server_key_generation=True)
        decision = decided(
            request(Operation.SERVERKEYGEN, csr(f"CN=device,OU={CODE}", codes=()), certificate()),
            renew_situation(alias=keygen),
        )

        assert isinstance(decision, Refused)
        assert came(decision, "subject as in the certificate") == "CN=device,OU=••••"

    def test_a_device_renews_with_the_name_of_its_certificate(self) -> None:
        assert not isinstance(decided(renew_request(), renew_situation(alias=DN_PART_ALIAS)), Refused)


class TestHttpBasicAuth:
    @pytest.mark.parametrize("subject", ["CN=device", "", "CN=somebody else,CN=twice", "O=Lab"])
    def test_the_csrs_own_name_plays_no_part(self, subject: str) -> None:
        """B-12, B-16: neither for the username nor for the certificate's subject."""
        body = csr(subject, codes=(OTHER_CODE,))
        decision = granted(
            request(Operation.SIMPLEENROLL, body, basic=basic()), enroll_situation(alias=BASIC_ALIAS), BASIC_CHECKS
        )

        assert decision.entity_after == SPENT
        assert came(decision, "HTTP Basic credentials") == "those of device"

    def test_what_is_missing_is_said(self) -> None:
        for credentials, missing in ((None, "none"), (basic(""), "no code"), (basic(username=""), "no user name")):
            decision = decided(basic_request(credentials), enroll_situation(alias=BASIC_ALIAS))
            assert came(decision, "HTTP Basic credentials") == missing

    def test_credentials_do_not_stand_in_for_a_challenge_password(self) -> None:
        """B-16: each module looks in its own place."""
        decision = decided(
            request(Operation.SIMPLEENROLL, csr(codes=()), basic=basic()), enroll_situation(alias=alias())
        )

        assert isinstance(decision, Refused)
        assert decision.reason is RefusalReason.CODE_ABSENT

    def test_credentials_are_ignored_where_nobody_asks_for_them(self) -> None:
        """A client may send them with each request."""
        wrong = request(Operation.SIMPLEENROLL, csr(), basic=basic(OTHER_CODE, "somebody else"))
        granted(wrong, enroll_situation(), ENROLL_CHECKS)

    def test_credentials_do_not_stand_in_for_a_certificate(self) -> None:
        """B-20: a password cannot renew."""
        decision = decided(
            request(Operation.SIMPLEREENROLL, csr(codes=()), basic=basic()),
            renew_situation(alias=BASIC_ALIAS, presented=None, issuers=()),
        )

        assert isinstance(decision, Refused)
        assert decision.reason is RefusalReason.NO_CLIENT_CERTIFICATE


BY_MODULE = (
    pytest.param(alias(), enroll_request(csr(codes=(OTHER_CODE,))), id="ChallengePwd"),
    pytest.param(DN_PART_ALIAS, dn_part_request(f"CN=device,OU={OTHER_CODE}"), id="DnPartPwd"),
    pytest.param(BASIC_ALIAS, basic_request(basic(OTHER_CODE)), id="HttpBasicAuth"),
)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="wrong code"),
        pytest.param({"entity": None, "code": None}, id="unknown user"),
        pytest.param({"entity": enrolled()}, id="spent code"),
        pytest.param({"code": None}, id="no code registered"),
        pytest.param({"entity": entity(aliases=frozenset({"alias-other"}))}, id="entity of another alias"),
    ],
)
@pytest.mark.parametrize(("on", "of"), BY_MODULE)
def test_a_code_is_compared_once_whatever_is_wrong(
    monkeypatch: pytest.MonkeyPatch, on: object, of: EnrollmentRequest, changes: dict[str, object]
) -> None:
    """B-11, B-24: time does not tell a username that exists from one that does not."""
    comparisons, compare = [], Secret.matches

    def counted(one: Secret, other: Secret) -> bool:
        comparisons.append(one.reveal())
        return compare(one, other)

    situation = enroll_situation(**({"alias": on} | changes))
    with monkeypatch.context() as spying:
        spying.setattr(Secret, "matches", counted)
        decision = decided(of, situation)

    assert isinstance(decision, Refused)
    assert comparisons == [OTHER_CODE]
