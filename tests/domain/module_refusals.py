"""What DnPartPwd, HttpBasicAuth and an alias without a module refuse (B-3, B-5, B-16)."""

from __future__ import annotations

from estconsole.domain.model import AuthenticationModule, EntityStatus
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import BasicCredentials, EnrollmentRequest, Operation
from tests.domain.builders import (
    CODE,
    NOW,
    OTHER_CODE,
    RefusalCase,
    alias,
    basic,
    csr,
    enroll_situation,
    entity,
    request,
    vendor_alias,
)

DN_PART_ALIAS = alias(authentication_module=AuthenticationModule.DN_PART_PWD)
"""The code stands in OU."""
BASIC_ALIAS = alias(authentication_module=AuthenticationModule.HTTP_BASIC_AUTH)


def dn_part_request(subject: str = f"CN=device,OU={CODE}", codes: tuple[str, ...] = ()) -> EnrollmentRequest:
    return request(Operation.SIMPLEENROLL, csr(subject, codes=codes))


def basic_request(credentials: BasicCredentials | None) -> EnrollmentRequest:
    """A CSR without a code, and credentials in the Authorization header."""
    return request(Operation.SIMPLEENROLL, csr(codes=()), basic=credentials)


def by_dn_part(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    return RefusalCase(
        title=f"DnPartPwd, {title}",
        reason=reason,
        check=check,
        request=of or dn_part_request(),
        situation=enroll_situation(**({"alias": DN_PART_ALIAS} | known)),
        entity_after=entity(remaining_logins=2, modified_at=NOW) if reason is RefusalReason.WRONG_CODE else None,
    )


def by_basic(
    title: str, reason: RefusalReason, check: str, credentials: BasicCredentials | None, **known: object
) -> RefusalCase:
    return RefusalCase(
        title=f"HttpBasicAuth, {title}",
        reason=reason,
        check=check,
        request=basic_request(credentials),
        situation=enroll_situation(**({"alias": BASIC_ALIAS} | known)),
        entity_after=entity(remaining_logins=2, modified_at=NOW) if reason is RefusalReason.WRONG_CODE else None,
    )


def incomplete(title: str, of: EnrollmentRequest, **options: object) -> RefusalCase:
    return RefusalCase(
        title=f"B-5: {title}",
        reason=RefusalReason.INCOMPLETE_ALIAS,
        check="alias is complete",
        request=of,
        situation=enroll_situation(alias=alias(**({"authentication_module": None} | options))),
    )


DN_PART_REFUSALS = (
    by_dn_part(
        "B-16: the code's field is absent, and a challengePassword does not stand in for it",
        RefusalReason.DN_CODE_ABSENT,
        "code in the CSR",
        dn_part_request("CN=device", codes=(CODE,)),
    ),
    by_dn_part(
        "B-14: the code's field is empty",
        RefusalReason.DN_CODE_ABSENT,
        "code in the CSR",
        dn_part_request("CN=device,OU="),
    ),
    by_dn_part(
        "B-14: an empty field matches no absent code",
        RefusalReason.DN_CODE_ABSENT,
        "code in the CSR",
        dn_part_request("CN=device,OU="),
        code=None,
    ),
    by_dn_part(
        "B-16: the code's field twice",
        RefusalReason.DN_CODE_REPEATED,
        "code in the CSR",
        dn_part_request(f"CN=device,OU={CODE},OU={OTHER_CODE}"),
    ),
    by_dn_part(
        "B-16: the right code twice, once inside a multi-valued RDN",
        RefusalReason.DN_CODE_REPEATED,
        "code in the CSR",
        dn_part_request(f"CN=device+OU={CODE},OU={CODE}"),
    ),
    by_dn_part(
        "B-3: the code stands in another field than the alias says",
        RefusalReason.DN_CODE_ABSENT,
        "code in the CSR",
        dn_part_request(f"CN=device,O={CODE}"),
    ),
    by_dn_part(
        "B-16: no username",
        RefusalReason.USERNAME_ABSENT,
        "username in the CSR",
        dn_part_request(f"OU={CODE}"),
        entity=None,
        code=None,
    ),
    by_dn_part("B-8: not registered", RefusalReason.ENTITY_UNKNOWN, "end entity registered", entity=None, code=None),
    by_dn_part(
        "B-8: the end entity is bound to another alias",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        entity=entity(aliases=frozenset({"alias-other"})),
    ),
    by_dn_part(
        "B-9: the code is spent",
        RefusalReason.ENTITY_NOT_OPEN,
        "status",
        entity=entity(status=EntityStatus.GENERATED),
    ),
    by_dn_part("B-14: no code is registered", RefusalReason.ENTITY_WITHOUT_CODE, "code", code=None),
    by_dn_part(
        "B-11: a wrong code counts down, though the right one is the challengePassword",
        RefusalReason.WRONG_CODE,
        "code",
        dn_part_request(f"CN=device,OU={OTHER_CODE}", codes=(CODE,)),
    ),
    by_dn_part(
        "B-11: a code is no name: it is compared exactly",
        RefusalReason.WRONG_CODE,
        "code",
        dn_part_request(f"CN=device,OU={CODE.upper()}"),
    ),
)

BASIC_REFUSALS = (
    by_basic("B-16: no Authorization header", RefusalReason.BASIC_ABSENT, "HTTP Basic credentials", None),
    by_basic("B-14: an empty password", RefusalReason.BASIC_ABSENT, "HTTP Basic credentials", basic("")),
    by_basic(
        "B-14: an empty password matches no absent code",
        RefusalReason.BASIC_ABSENT,
        "HTTP Basic credentials",
        basic(""),
        code=None,
    ),
    by_basic(
        "B-16: no user name",
        RefusalReason.BASIC_ABSENT,
        "HTTP Basic credentials",
        basic(username=""),
        entity=None,
        code=None,
    ),
    by_basic(
        "B-8: unknown user",
        RefusalReason.ENTITY_UNKNOWN,
        "end entity registered",
        basic(username="nobody"),
        entity=None,
        code=None,
    ),
    by_basic(
        "B-8: the end entity is bound to another alias",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        basic(),
        entity=entity(aliases=frozenset({"alias-other"})),
    ),
    by_basic(
        "B-9: the code is spent",
        RefusalReason.ENTITY_NOT_OPEN,
        "status",
        basic(),
        entity=entity(status=EntityStatus.GENERATED),
    ),
    by_basic("B-14: no code is registered", RefusalReason.ENTITY_WITHOUT_CODE, "code", basic(), code=None),
    by_basic("B-11: a wrong code counts down", RefusalReason.WRONG_CODE, "code", basic(OTHER_CODE)),
)

INCOMPLETE_REFUSALS = (
    incomplete("no authentication module, and a challengePassword", request(Operation.SIMPLEENROLL, csr())),
    incomplete("no authentication module, and a code in the DN", dn_part_request()),
    incomplete("no authentication module, and HTTP Basic", basic_request(basic())),
    incomplete("vendor CAs are listed, and vendor mode is off", dn_part_request(), vendor_cas=("Vendor Sub CA",)),
)
EMPTY_VENDOR_MODE = RefusalCase(
    title="B-5: vendor mode without vendor CAs; the module beside it does not count",
    reason=RefusalReason.INCOMPLETE_ALIAS,
    check="alias is complete",
    request=request(Operation.SIMPLEENROLL, csr()),
    situation=enroll_situation(
        alias=vendor_alias(vendor_cas=(), authentication_module=AuthenticationModule.CHALLENGE_PWD)
    ),
)
UNKNOWN_ALIAS = RefusalCase(
    title="B-2: unknown alias, so that no module is known either",
    reason=RefusalReason.UNKNOWN_ALIAS,
    check="alias exists",
    request=request(Operation.SIMPLEENROLL, csr()),
    situation=enroll_situation(alias=None),
)
REFUSALS = (*DN_PART_REFUSALS, *BASIC_REFUSALS, *INCOMPLETE_REFUSALS, EMPTY_VENDOR_MODE, UNKNOWN_ALIAS)
