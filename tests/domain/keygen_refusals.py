"""What serverkeygen refuses: as a first request by code or vendor certificate, and by an own certificate (B-22)."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.certificate import SERVER_AUTH, CertificateFacts, KeyAlgorithm, KeyFacts
from estconsole.domain.model import (
    TLS_END_ENTITY_CERT_PROFILE,
    AuthenticationModule,
    CertificatePurpose,
    EntityStatus,
    EstAlias,
    KeyRule,
)
from estconsole.domain.names import parse_dn
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import BasicCredentials, ChangeSubjectName, CsrFacts, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from tests.domain.builders import (
    CODE,
    DAY,
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
    record,
    renew_situation,
    request,
    rsa_key,
    vendor_alias,
    vendor_certificate,
    vendor_request,
    vendor_situation,
)
from tests.domain.check_orders import BY_BASIC, BY_CERTIFICATE, BY_CODE, BY_VENDOR, with_key_generation

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
        "B-17: a foreign certificate",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        issuers=(),
    ),
    by_vendor(
        "B-44: revoked",
        RefusalReason.VENDOR_CERTIFICATE_REVOKED,
        "vendor certificate not revoked",
        presented_status=REVOKED,
    ),
    by_vendor(
        "B-17: another device's CSR",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        request(Operation.SERVERKEYGEN, csr(codes=()), vendor_certificate()),
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
        "signed by an own CA and not on record",
        RefusalReason.CERTIFICATE_FOREIGN,
        "certificate issued here",
        presented=None,
    ),
    *(
        by_certificate(
            f"a {purpose} certificate",
            RefusalReason.CERTIFICATE_NOT_END_ENTITY,
            "certificate of an end entity",
            presented=record(purpose=purpose),
        )
        for purpose in CertificatePurpose
        if purpose is not CertificatePurpose.END_ENTITY
    ),
    by_certificate(
        "B-44: revoked", RefusalReason.CERTIFICATE_REVOKED, "certificate not revoked", presented_status=REVOKED
    ),
    by_certificate(
        "B-41: expired",
        RefusalReason.CERTIFICATE_NOT_IN_DATE,
        "certificate in date",
        own_request(presented=certificate(not_after=NOW - DAY)),
    ),
    by_certificate(
        "B-19: its CA is gone from this lab, and it is still on record",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(),
    ),
    by_certificate(
        "B-19: another extended key usage",
        RefusalReason.CERTIFICATE_WRONG_USAGE,
        "certificate's usage",
        own_request(presented=certificate(extended_key_usages=frozenset({SERVER_AUTH}))),
    ),
    by_certificate(
        "B-20: the registration is gone", RefusalReason.REGISTRATION_GONE, "registration still there", entity=None
    ),
    by_certificate(
        "B-8: the username was deleted and added again",
        RefusalReason.REGISTRATION_GONE,
        "registration still there",
        entity=entity(registration="second registration"),
    ),
    by_certificate(
        "B-20: the end entity is revoked",
        RefusalReason.REGISTRATION_CLOSED,
        "registration not closed",
        entity=entity(status=EntityStatus.REVOKED),
    ),
    by_certificate(
        "B-8: the end entity may no longer use the alias",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        entity=entity(aliases=frozenset({"alias-other"})),
    ),
    by_certificate(
        "B-21: issued through another alias",
        RefusalReason.CERTIFICATE_OTHER_ALIAS,
        "certificate of this alias",
        presented=record(alias_uid="alias-other"),
    ),
    by_certificate(
        "B-20: another subject is registered now",
        RefusalReason.REGISTERED_NAME_CHANGED,
        "registered name unchanged",
        entity=entity("CN=device,O=Lab"),
    ),
    by_certificate(
        "B-17: ChangeSubjectName",
        RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED,
        "no other name asked for",
        own_request(csr(change_subject_names=(ChangeSubjectName(parse_dn("CN=device"), None),))),
        alias=keygen_alias(allow_change_subject_name=True),
    ),
    by_certificate(
        "RFC 7030 4.2.2: another end entity's CSR",
        RefusalReason.RENEWAL_OTHER_SUBJECT,
        "subject as in the certificate",
        own_request(csr("CN=other device")),
    ),
    by_certificate(
        "RFC 7030 4.2.2: other alternative names",
        RefusalReason.RENEWAL_OTHER_SANS,
        "alternative names as in the certificate",
        own_request(csr(sans="dNSName=a.example")),
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
)

REFUSALS = (*CODE_REFUSALS, BASIC_REFUSAL, *VENDOR_REFUSALS, *CERTIFICATE_REFUSALS)
