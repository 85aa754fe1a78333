"""What simpleenroll with ChallengePwd refuses: one case for each reason, and for each way to bring it about."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.certificate import KeyAlgorithm, KeyFacts
from estconsole.domain.model import (
    TLS_CLIENT_EE_PROFILE,
    TLS_END_ENTITY_CERT_PROFILE,
    EndEntityProfile,
    EntityStatus,
)
from estconsole.domain.names import GeneralName, SanKind
from estconsole.domain.refusal import RefusalReason
from tests.domain.builders import (
    CODE,
    DAY,
    NOW,
    OTHER_CODE,
    REVOKED,
    STALE_CRL,
    RefusalCase,
    alias,
    authority,
    csr,
    ec_key,
    enroll_request,
    enroll_situation,
    entity,
    rsa_key,
)

OPEN = (EntityStatus.NEW, EntityStatus.FAILED, EntityStatus.INPROCESS)
STRANGE_KEY = KeyFacts(KeyAlgorithm.OTHER, 0, "", "spki")
STRICT_PROFILE = EndEntityProfile(
    name="StrictProfile", required_fields=frozenset({"CN", "O"}), allowed_fields=frozenset({"CN", "O"})
)

CODE_REQUIRED = replace(TLS_CLIENT_EE_PROFILE, name="CodeRequired", code_required=True)
SANS_OF_THE_CSR = replace(TLS_END_ENTITY_CERT_PROFILE, name="SansOfTheCsr", san_from_request=True)
NO_SANS = replace(TLS_CLIENT_EE_PROFILE, name="NoSans", subject_alt_names_allowed=False)

REFUSALS = (
    RefusalCase(
        title="B-23: the CSR is signed by another key",
        reason=RefusalReason.CSR_BAD_SIGNATURE,
        check="proof of possession",
        request=enroll_request(csr(signature_valid=False)),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-16: the CSR's subject is empty",
        reason=RefusalReason.USERNAME_ABSENT,
        check="username in the CSR",
        request=enroll_request(csr("")),
        situation=enroll_situation(entity=None, code=None),
    ),
    RefusalCase(
        title="B-16: the username's field is another one",
        reason=RefusalReason.USERNAME_ABSENT,
        check="username in the CSR",
        request=enroll_request(csr("CN=device")),
        situation=enroll_situation(alias=alias(extract_username_component="serialNumber")),
    ),
    RefusalCase(
        title="B-8: the username's field is empty, as no username is",
        reason=RefusalReason.ENTITY_UNKNOWN,
        check="end entity registered",
        request=enroll_request(csr("CN=")),
        situation=enroll_situation(entity=None, code=None),
    ),
    RefusalCase(
        title="B-16: the username's field stands twice, once inside a multi-valued RDN",
        reason=RefusalReason.USERNAME_REPEATED,
        check="username in the CSR",
        request=enroll_request(csr("CN=device,OU=lab+CN=device")),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-16: no challengePassword",
        reason=RefusalReason.CODE_ABSENT,
        check="code in the CSR",
        request=enroll_request(csr(codes=())),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-14: an empty challengePassword",
        reason=RefusalReason.CODE_ABSENT,
        check="code in the CSR",
        request=enroll_request(csr(codes=("",))),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-14: an empty challengePassword matches no absent code",
        reason=RefusalReason.CODE_ABSENT,
        check="code in the CSR",
        request=enroll_request(csr(codes=("",))),
        situation=enroll_situation(code=None),
    ),
    RefusalCase(
        title="B-16: two challengePasswords, though one is right",
        reason=RefusalReason.CODE_REPEATED,
        check="code in the CSR",
        request=enroll_request(csr(codes=(CODE, OTHER_CODE))),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-16: the right challengePassword twice",
        reason=RefusalReason.CODE_REPEATED,
        check="code in the CSR",
        request=enroll_request(csr(codes=(CODE, CODE))),
        situation=enroll_situation(),
    ),
    RefusalCase(
        title="B-8: not registered",
        reason=RefusalReason.ENTITY_UNKNOWN,
        check="end entity registered",
        request=enroll_request(),
        situation=enroll_situation(entity=None, code=None),
    ),
    *(
        RefusalCase(
            title=f"B-9: {status.name}, with the right code",
            reason=RefusalReason.ENTITY_NOT_OPEN,
            check="status",
            request=enroll_request(),
            situation=enroll_situation(entity=entity(status=status)),
        )
        for status in EntityStatus
        if status not in OPEN
    ),
    RefusalCase(
        title="B-9: a wrong code where the status is not open counts nothing",
        reason=RefusalReason.ENTITY_NOT_OPEN,
        check="status",
        request=enroll_request(csr(codes=(OTHER_CODE,))),
        situation=enroll_situation(entity=entity(status=EntityStatus.GENERATED)),
    ),
    RefusalCase(
        title="B-11: a wrong code counts down",
        reason=RefusalReason.WRONG_CODE,
        check="code",
        request=enroll_request(csr(codes=(OTHER_CODE,))),
        situation=enroll_situation(),
        entity_after=entity(remaining_logins=2, modified_at=NOW),
    ),
    RefusalCase(
        title="B-11: the last wrong code closes the entity and resets the counter",
        reason=RefusalReason.WRONG_CODE,
        check="code",
        request=enroll_request(csr(codes=(OTHER_CODE,))),
        situation=enroll_situation(entity=entity(remaining_logins=1)),
        entity_after=entity(remaining_logins=3, status=EntityStatus.GENERATED, modified_at=NOW),
    ),
    RefusalCase(
        title="B-11: -1 is no limit, so a wrong code changes nothing",
        reason=RefusalReason.WRONG_CODE,
        check="code",
        request=enroll_request(csr(codes=(OTHER_CODE,))),
        situation=enroll_situation(entity=entity(max_failed_logins=-1, remaining_logins=-1)),
    ),
    RefusalCase(
        title="B-11: a code is compared exactly",
        reason=RefusalReason.WRONG_CODE,
        check="code",
        request=enroll_request(csr(codes=(CODE.upper(),))),
        situation=enroll_situation(),
        entity_after=entity(remaining_logins=2, modified_at=NOW),
    ),
    *(
        RefusalCase(
            title=f"B-14: no code is registered, and {came!r} comes",
            reason=RefusalReason.ENTITY_WITHOUT_CODE,
            check="code",
            request=enroll_request(csr(codes=(came,))),
            situation=enroll_situation(entity=entity(sealed_code=None), code=None),
        )
        for came in ("null", "NULL", "None", "no code is registered")
    ),
    RefusalCase(
        title="B-8: the end entity is bound to another alias",
        reason=RefusalReason.ENTITY_OTHER_ALIAS,
        check="end entity may use the alias",
        request=enroll_request(),
        situation=enroll_situation(entity=entity(aliases=frozenset({"alias-other"}))),
    ),
    RefusalCase(
        title="B-11: guessing through another alias does not count against the end entity",
        reason=RefusalReason.ENTITY_OTHER_ALIAS,
        check="end entity may use the alias",
        request=enroll_request(csr(codes=(OTHER_CODE,))),
        situation=enroll_situation(entity=entity(aliases=frozenset({"alias-other"}))),
    ),
    *(
        RefusalCase(
            title=f"B-15: {key}",
            reason=RefusalReason.KEY_NOT_ALLOWED,
            check="key allowed by the profile",
            request=enroll_request(csr(key=key)),
            situation=enroll_situation(),
        )
        for key in (
            rsa_key(bits=2047),
            ec_key("secp256k1"),
            KeyFacts(KeyAlgorithm.ED25519, 256, "", "spki"),
            STRANGE_KEY,
        )
    ),
    RefusalCase(
        title="B-15: the certificate profile is not in this lab",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="key allowed by the profile",
        request=enroll_request(),
        situation=enroll_situation(certificate_profile=None),
    ),
    RefusalCase(
        title="B-15: the end entity profile is not in this lab",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="registration fits its profile",
        request=enroll_request(),
        situation=enroll_situation(end_entity_profile=None),
    ),
    RefusalCase(
        title="B-15: the registered subject lacks a field that the profile requires",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="registration fits its profile",
        request=enroll_request(),
        situation=enroll_situation(end_entity_profile=STRICT_PROFILE),
    ),
    RefusalCase(
        title="B-15: the registered subject has a field that the profile does not allow",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="registration fits its profile",
        request=enroll_request(),
        situation=enroll_situation(entity=entity("CN=device,L=Stockholm")),
    ),
    RefusalCase(
        title="B-15: the registration has alternative names, which the profile does not allow",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="registration fits its profile",
        request=enroll_request(),
        situation=enroll_situation(entity=entity(sans="dNSName=a.example"), end_entity_profile=NO_SANS),
    ),
    RefusalCase(
        title="B-15: the CSR has alternative names that its certificate would take, and the profile allows none",
        reason=RefusalReason.PROFILE_NOT_SATISFIED,
        check="registration fits its profile",
        request=enroll_request(csr(sans="dNSName=a.example")),
        situation=enroll_situation(certificate_profile=SANS_OF_THE_CSR, end_entity_profile=NO_SANS),
    ),
    *(
        RefusalCase(
            title=f"B-12: the CSR's alternative name {name.value!a} cannot stand in a certificate",
            reason=RefusalReason.CSR_SANS_UNUSABLE,
            check="alternative names to certify",
            request=enroll_request(csr(subject_alt_names=frozenset({name}))),
            situation=enroll_situation(certificate_profile=SANS_OF_THE_CSR),
        )
        for name in (
            GeneralName(SanKind.DNS_NAME, "dévice.example"),
            GeneralName(SanKind.DNS_NAME, "a.example\0.b.example"),
            GeneralName(SanKind.RFC822_NAME, ""),
        )
    ),
    RefusalCase(
        title="B-25: the issuing CA is gone",
        reason=RefusalReason.ISSUING_CA_MISSING,
        check="issuing CA is live",
        request=enroll_request(),
        situation=enroll_situation(issuing_ca=None),
    ),
    RefusalCase(
        title="B-25: the issuing CA has expired",
        reason=RefusalReason.ISSUING_CA_NOT_IN_DATE,
        check="issuing CA is live",
        request=enroll_request(),
        situation=enroll_situation(issuing_ca=authority(not_after=NOW - DAY)),
    ),
    RefusalCase(
        title="B-25: the issuing CA is not valid yet",
        reason=RefusalReason.ISSUING_CA_NOT_IN_DATE,
        check="issuing CA is live",
        request=enroll_request(),
        situation=enroll_situation(issuing_ca=authority(not_before=NOW + DAY)),
    ),
    *(
        RefusalCase(
            title=f"B-44: the issuing CA, {status.words}",
            reason=RefusalReason.ISSUING_CA_REVOKED,
            check="issuing CA is live",
            request=enroll_request(),
            situation=enroll_situation(issuing_ca_status=status),
        )
        for status in (REVOKED, STALE_CRL)
    ),
)
