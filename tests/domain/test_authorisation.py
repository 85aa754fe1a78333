"""Which way a request is authorised, whom it claims to be for, and when HTTP Basic credentials are asked for."""

from __future__ import annotations

import pytest

from estconsole.domain.authorisation import (
    asks_for_http_basic,
    carried_codes,
    claimed_usernames,
    is_authorised_by_certificate,
)
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import EnrollmentRequest, Operation, Unreadable
from tests.domain.builders import CODE, alias, basic, csr, request, vendor_alias, vendor_certificate
from tests.domain.module_refusals import BASIC_ALIAS, DN_PART_ALIAS

UNREADABLE = Unreadable(RefusalReason.CSR_UNDECODABLE, "no CSR")
ENROLL = request(Operation.SIMPLEENROLL, csr(f"CN=device,OU={CODE}", codes=()))
VENDOR = request(Operation.SIMPLEENROLL, csr("CN=device"), vendor_certificate("CN=from the vendor,SN=1+SN=2"))


@pytest.mark.parametrize("operation", [None, *Operation])
@pytest.mark.parametrize("own", [True, False])
def test_what_a_certificate_authorises(operation: Operation | None, own: bool) -> None:
    """B-20, B-22: renewals always, key generation where an own certificate is presented."""
    by_certificate = is_authorised_by_certificate(request(operation, csr()), presented_is_own=own)

    assert by_certificate is (operation is Operation.SIMPLEREENROLL or (operation is Operation.SERVERKEYGEN and own))


@pytest.mark.parametrize(
    ("of", "on", "usernames"),
    [
        pytest.param(ENROLL, alias(), ("device",), id="from the CSR"),
        pytest.param(ENROLL, alias(extract_username_component="O"), (), id="no such field"),
        pytest.param(ENROLL, DN_PART_ALIAS, ("device",), id="DnPartPwd"),
        pytest.param(ENROLL, BASIC_ALIAS, (), id="HttpBasicAuth without credentials"),
        pytest.param(request(None, UNREADABLE), alias(), (), id="no CSR"),
        pytest.param(request(Operation.SIMPLEENROLL, UNREADABLE), DN_PART_ALIAS, (), id="unreadable"),
        pytest.param(
            request(Operation.SIMPLEENROLL, UNREADABLE, basic=basic()),
            BASIC_ALIAS,
            ("device",),
            id="HttpBasicAuth, unreadable",
        ),
        pytest.param(VENDOR, vendor_alias(), ("from the vendor",), id="from the vendor certificate"),
        pytest.param(VENDOR, vendor_alias(extract_username_component="serialNumber"), ("1", "2"), id="twice"),
        pytest.param(ENROLL, vendor_alias(), (), id="vendor mode without a certificate"),
        pytest.param(
            VENDOR,
            vendor_alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH),
            ("from the vendor",),
            id="vendor mode is used instead of the module",
        ),
    ],
)
def test_whom_a_request_claims_to_be_for(of: EnrollmentRequest, on: EstAlias, usernames: tuple[str, ...]) -> None:
    """B-16, B-17."""
    assert claimed_usernames(of, on) == usernames


@pytest.mark.parametrize(
    ("of", "on", "number"),
    [
        (request(Operation.SIMPLEENROLL, csr(codes=("a", "b"))), alias(), 2),
        (ENROLL, alias(), 0),
        (ENROLL, DN_PART_ALIAS, 1),
        (ENROLL, BASIC_ALIAS, 0),
        (request(Operation.SIMPLEENROLL, UNREADABLE), alias(), 0),
        (request(Operation.SIMPLEENROLL, UNREADABLE), DN_PART_ALIAS, 0),
        (request(Operation.SIMPLEENROLL, UNREADABLE, basic=basic()), BASIC_ALIAS, 1),
        (ENROLL, alias(authentication_module=None), 0),
    ],
)
def test_codes_are_looked_for_in_the_modules_place_alone(of: EnrollmentRequest, on: EstAlias, number: int) -> None:
    """B-16."""
    assert len(carried_codes(of, on)) == number


class TestHttpBasic:
    @pytest.mark.parametrize("operation", [Operation.SIMPLEENROLL, Operation.SERVERKEYGEN])
    def test_is_asked_for_where_the_alias_uses_it(self, operation: Operation) -> None:
        assert asks_for_http_basic(request(operation), BASIC_ALIAS, presented_is_own=False)

    @pytest.mark.parametrize(
        "on",
        [
            None,
            alias(),
            DN_PART_ALIAS,
            alias(authentication_module=None),
            vendor_alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH),
        ],
        ids=["unknown alias", "ChallengePwd", "DnPartPwd", "no module", "vendor mode"],
    )
    def test_is_not_asked_for_on_other_aliases(self, on: EstAlias | None) -> None:
        assert not asks_for_http_basic(request(Operation.SIMPLEENROLL), on, presented_is_own=False)

    @pytest.mark.parametrize(
        ("operation", "own"),
        [
            (None, False),
            (Operation.CACERTS, False),
            (Operation.CSRATTRS, False),
            (Operation.SIMPLEREENROLL, False),
            (Operation.SIMPLEREENROLL, True),
            (Operation.SERVERKEYGEN, True),
        ],
    )
    def test_is_never_asked_for_what_it_cannot_authorise(self, operation: Operation | None, own: bool) -> None:
        """B-20, B-25: a password cannot renew."""
        assert not asks_for_http_basic(request(operation), BASIC_ALIAS, presented_is_own=own)
