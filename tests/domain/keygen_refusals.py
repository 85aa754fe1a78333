"""What serverkeygen refuses: as a first request by code or vendor certificate, and by an own certificate (B-22)."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.certificate import CertificateFacts, KeyAlgorithm, KeyFacts
from estconsole.domain.model import (
    TLS_END_ENTITY_CERT_PROFILE,
    AuthenticationModule,
    EntityStatus,
    EstAlias,
    KeyRule,
)
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.registration import reopened
from estconsole.domain.request import BasicCredentials, CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from tests.domain import renew_refusals, vendor_refusals
from tests.domain.builders import (
    CODE,
    DEVICE_DN,
    NOW,
    OTHER_CODE,
    REVOKED,
    RefusalCase,
    alias,
    certificate,
    csr,
    ec_key,
    enroll_situation,
    enrolled,
    entity,
    renew_situation,
    request,
    rsa_key,
    vendor_alias,
    vendor_certificate,
    vendor_request,
    vendor_situation,
)
from tests.domain.check_orders import BY_BASIC, BY_CERTIFICATE, BY_CODE, BY_VENDOR, with_key_generation
from tests.domain.module_refusals import EMPTY_VENDOR_MODE

CODE_CHECKS = with_key_generation(BY_CODE)
BASIC_CHECKS = with_key_generation(BY_BASIC)
VENDOR_CHECKS = with_key_generation(BY_VENDOR)
CERTIFICATE_CHECKS = with_key_generation(BY_CERTIFICATE)

ED25519 = KeyFacts(KeyAlgorithm.ED25519, 256, "", "spki of an Ed25519 key")
ANY_KEY = replace(
    TLS_END_ENTITY_CERT_PROFILE, name="AnyKey", key_rules=tuple(KeyRule(algorithm=one) for one in KeyAlgorithm)
)


def keygen_alias(
    module: AuthenticationModule | None = AuthenticationModule.CHALLENGE_PWD, **options: object
) -> EstAlias:
    return alias(**({"authentication_module": module, "server_key_generation": True} | options))


VENDOR_ALIAS = vendor_alias(server_key_generation=True)


def keygen_request(
    body: CsrFacts | None = None,
    presented: CertificateFacts | None = None,
    credentials: BasicCredentials | None = None,
) -> EnrollmentRequest:
    return request(Operation.SERVERKEYGEN, body or csr(), presented, basic=credentials)


def by_code(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    return RefusalCase(
        title=f"by code, {title}",
        reason=reason,
        check=check,
        request=of or keygen_request(),
        situation=enroll_situation(**({"alias": keygen_alias()} | known)),
        entity_after=entity(remaining_logins=2, modified_at=NOW) if reason is RefusalReason.WRONG_CODE else None,
    )


def by_vendor(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    return RefusalCase(
        title=f"by vendor certificate, {title}",
        reason=reason,
        check=check,
        request=of or vendor_request(operation=Operation.SERVERKEYGEN),
        situation=vendor_situation(**({"alias": VENDOR_ALIAS} | known)),
    )


def own_request(body: CsrFacts | None = None, presented: CertificateFacts | None = None) -> EnrollmentRequest:
    """A CSR with the right code, over a connection that presents a certificate of this console."""
    return keygen_request(body, presented or certificate())


def by_certificate(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    """An own certificate that fails. The code would be right, and the end entity open: it never falls through to it."""
    return RefusalCase(
        title=f"by own certificate, {title}",
        reason=reason,
        check=check,
        request=of or own_request(),
        situation=renew_situation(**({"alias": keygen_alias(), "entity": entity(), "code": Secret(CODE)} | known)),
    )


def met_at_keygen(case: RefusalCase, checks: tuple[str, ...]) -> bool:
    """Whether serverkeygen has this refusal of another operation as well, at the same check.

    Without an alias there is nothing to switch on. Where a key is not allowed, it is RSA 1024 in those tables, which
    meets "key can be made here" before the profile's check.
    """
    return (
        case.check in checks and case.reason is not RefusalReason.KEY_NOT_ALLOWED and case.situation.alias is not None
    )


def at_keygen(case: RefusalCase) -> RefusalCase:
    """The refusal of another operation at serverkeygen, where a good code does not help either (B-17, B-22).

    The end entity of an own certificate has spent its requests and would refuse the code, so it is open again.
    """
    body, known = case.request.csr, case.situation
    assert isinstance(body, CsrFacts)
    assert known.alias is not None
    registered = known.entity
    if known.presented_is_own and registered is not None and registered.status is EntityStatus.GENERATED:
        registered = reopened(registered, NOW)
    return replace(
        case,
        request=replace(
            case.request,
            operation=Operation.SERVERKEYGEN,
            csr=replace(body, challenge_passwords=(Secret(CODE),)),
        ),
        situation=replace(
            known,
            alias=replace(known.alias, server_key_generation=True),
            entity=registered,
            code=Secret(CODE),
        ),
    )


CODE_REFUSALS = (
    by_code("B-3: switched off", RefusalReason.SERVERKEYGEN_DISABLED, "alias makes keys", alias=alias()),
    by_code(
        "RFC 7030 4.4.1: the key is to be enciphered",
        RefusalReason.KEY_ENCRYPTION_ASKED,
        "key may go in clear",
        keygen_request(csr(asks_for_key_encryption=True)),
    ),
    by_code(
        "B-23: the CSR is signed by another key",
        RefusalReason.CSR_BAD_SIGNATURE,
        "proof of possession",
        keygen_request(csr(signature_valid=False)),
    ),
    by_code(
        "B-22: S's printed CSR has no challengePassword",
        RefusalReason.CODE_ABSENT,
        "code in the CSR",
        keygen_request(csr(codes=())),
    ),
    by_code(
        "B-11: a wrong code counts down",
        RefusalReason.WRONG_CODE,
        "code",
        keygen_request(csr(codes=(OTHER_CODE,))),
    ),
    by_code(
        "B-10: the code is spent, and the connection presents no certificate",
        RefusalReason.ENTITY_NOT_OPEN,
        "status",
        entity=enrolled(),
    ),
    by_code(
        "B-8: an end entity of another alias",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        entity=entity(aliases=frozenset({"alias-other"})),
    ),
    by_code(
        "B-16: no code in the DN",
        RefusalReason.DN_CODE_ABSENT,
        "code in the CSR",
        alias=keygen_alias(AuthenticationModule.DN_PART_PWD),
    ),
    *(
        by_code(
            f"B-22: {key}, which the profile admits, is not made here",
            RefusalReason.KEY_NOT_ALLOWED,
            "key can be made here",
            keygen_request(csr(key=key)),
            certificate_profile=ANY_KEY,
        )
        for key in (
            rsa_key(bits=8192),
            rsa_key(bits=4097),
            rsa_key(bits=2047),
            ec_key("secp256k1"),
            KeyFacts(KeyAlgorithm.OTHER, 2048, "P-256", "spki"),
        )
    ),
    by_code(
        "B-22: the profile bounds the key that is made",
        RefusalReason.KEY_NOT_ALLOWED,
        "key allowed by the profile",
        keygen_request(csr(key=ED25519)),
    ),
    by_code("B-25: the issuing CA is gone", RefusalReason.ISSUING_CA_MISSING, "issuing CA is live", issuing_ca=None),
)

BASIC_REFUSAL = by_code(
    "B-16: no HTTP Basic credentials",
    RefusalReason.BASIC_ABSENT,
    "HTTP Basic credentials",
    alias=keygen_alias(AuthenticationModule.HTTP_BASIC_AUTH),
)

VENDOR_REFUSALS = (
    by_vendor("B-3: switched off", RefusalReason.SERVERKEYGEN_DISABLED, "alias makes keys", alias=vendor_alias()),
    by_vendor(
        "B-17: no client certificate, and a good code",
        RefusalReason.VENDOR_CERTIFICATE_ABSENT,
        "vendor certificate presented",
        keygen_request(),
        entity=entity(),
        code=Secret(CODE),
        issuers=(),
    ),
    by_vendor(
        "RFC 7030 4.4.1: the key is to be enciphered",
        RefusalReason.KEY_ENCRYPTION_ASKED,
        "key may go in clear",
        request(Operation.SERVERKEYGEN, csr(DEVICE_DN, asks_for_key_encryption=True), vendor_certificate()),
    ),
    by_vendor(
        "B-22: a key that takes minutes",
        RefusalReason.KEY_NOT_ALLOWED,
        "key can be made here",
        request(Operation.SERVERKEYGEN, csr(DEVICE_DN, key=rsa_key(bits=8192)), vendor_certificate()),
    ),
    *(
        at_keygen(case)
        for case in (EMPTY_VENDOR_MODE, *vendor_refusals.REFUSALS)
        if met_at_keygen(case, VENDOR_CHECKS) and not case.situation.presented_is_own
    ),
)

CERTIFICATE_REFUSALS = (
    by_certificate("B-3: switched off", RefusalReason.SERVERKEYGEN_DISABLED, "alias makes keys", alias=alias()),
    by_certificate(
        "RFC 7030 4.4.1: the key is to be enciphered",
        RefusalReason.KEY_ENCRYPTION_ASKED,
        "key may go in clear",
        own_request(csr(asks_for_key_encryption=True)),
    ),
    by_certificate(
        "B-22: a key that takes minutes",
        RefusalReason.KEY_NOT_ALLOWED,
        "key can be made here",
        own_request(csr(key=rsa_key(bits=8192))),
    ),
    by_certificate(
        "on an alias in vendor mode: revoked",
        RefusalReason.CERTIFICATE_REVOKED,
        "certificate not revoked",
        alias=VENDOR_ALIAS,
        presented_status=REVOKED,
    ),
    by_certificate(
        "on an alias in vendor mode that lists the own CA: not on record",
        RefusalReason.CERTIFICATE_FOREIGN,
        "certificate issued here",
        alias=vendor_alias(server_key_generation=True, vendor_cas=("ManagementCA",)),
        presented=None,
    ),
    *(
        at_keygen(case)
        for case in renew_refusals.REFUSALS
        if met_at_keygen(case, CERTIFICATE_CHECKS) and case.situation.presented_is_own
    ),
)

REFUSALS = (*CODE_REFUSALS, BASIC_REFUSAL, *VENDOR_REFUSALS, *CERTIFICATE_REFUSALS)
