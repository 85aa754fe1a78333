"""What simplereenroll refuses: one case for each reason, and for each way to bring it about."""

from __future__ import annotations

from datetime import timedelta

from estconsole.domain.certificate import SERVER_AUTH
from estconsole.domain.model import CertificatePurpose, EntityStatus
from estconsole.domain.names import parse_dn, parse_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import ChangeSubjectName, EnrollmentRequest, Operation
from estconsole.domain.revocation import Revocation, RevocationReason, status_of
from tests.domain.builders import (
    CODE,
    DAY,
    DEVICE_DN,
    NOW,
    REVOKED,
    STALE_CRL,
    RefusalCase,
    alias,
    authority,
    certificate,
    csr,
    enrolled,
    record,
    renew_request,
    renew_situation,
    request,
    rsa_key,
    step,
    vendor_alias,
    vendor_certificate,
    vendor_entity,
    vendor_root,
    vendor_step,
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
    renewal(
        "B-20: a certificate that a CA of this lab signed, and that is not on record",
        RefusalReason.CERTIFICATE_FOREIGN,
        "certificate issued here",
        presented=None,
        issuers=(step(),),
    ),
    renewal(
        "B-17, B-20: a good vendor certificate, which is for first enrollments only",
        RefusalReason.CERTIFICATE_FOREIGN,
        "certificate issued here",
        request(Operation.SIMPLEREENROLL, csr(DEVICE_DN, codes=()), vendor_certificate()),
        alias=vendor_alias(),
        entity=vendor_entity(),
        presented=None,
        issuers=(vendor_step(), vendor_root()),
    ),
    *(
        renewal(
            f"B-44: revoked, {reason}",
            RefusalReason.CERTIFICATE_REVOKED,
            "certificate not revoked",
            presented_status=status_of(Revocation(NOW - DAY, reason)),
        )
        for reason in RevocationReason
    ),
    renewal(
        "B-44: the own sub CA above it is revoked, though it is trusted itself",
        RefusalReason.CERTIFICATE_REVOKED,
        "certificate not revoked",
        issuers=(step("CN=Sub CA", issuer=parse_dn("CN=Root CA"), status=REVOKED), step("CN=Root CA")),
    ),
    renewal(
        "B-44: the root above it is revoked in this console's register",
        RefusalReason.CERTIFICATE_REVOKED,
        "certificate not revoked",
        issuers=(step(status=REVOKED),),
    ),
    renewal(
        "B-19: a CRL that is stale above an own sub CA",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate not revoked",
        issuers=(step("CN=Sub CA", issuer=parse_dn("CN=Vendor Root CA"), status=STALE_CRL), vendor_root()),
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
        issuers=(step("CN=Device", is_ca=False),),
    ),
    renewal(
        "B-19: the issuer is a CA that may not sign certificates",
        RefusalReason.CERTIFICATE_PATH_INVALID,
        "certificate's path",
        issuers=(step(may_sign_certificates=False),),
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
        "B-8: the end entity may no longer use the alias, though it accepts certificates of others",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        alias=alias(accept_other_aliases=True),
        entity=enrolled(aliases=frozenset({"alias-other"})),
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
    *(
        renewal(
            f"B-17: a renewal asks for {what} by ChangeSubjectName",
            RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED,
            "no other name asked for",
            renew_request(csr(codes=(), change_subject_names=changes)),
            alias=alias(allow_change_subject_name=True),
        )
        for what, changes in {
            "another subject": (ChangeSubjectName(parse_dn("CN=other"), None),),
            "its own subject": (ChangeSubjectName(parse_dn("CN=device"), None),),
            "alternative names": (ChangeSubjectName(None, parse_sans("dNSName=a.example")),),
            "what cannot be decoded": (None,),
        }.items()
    ),
    renewal(
        "RFC 7030 4.2.2: another end entity's CSR",
        RefusalReason.RENEWAL_OTHER_SUBJECT,
        "subject as in the certificate",
        renew_request(csr("CN=other device", codes=())),
    ),
    renewal(
        "RFC 7030 4.2.2: no subject",
        RefusalReason.RENEWAL_OTHER_SUBJECT,
        "subject as in the certificate",
        renew_request(csr("", codes=())),
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
    renewal(
        "B-44: the issuing CA is revoked, and the certificate is of another one",
        RefusalReason.ISSUING_CA_REVOKED,
        "issuing CA is live",
        issuing_ca_status=REVOKED,
    ),
    renewal("B-20: the issuing CA is gone", RefusalReason.ISSUING_CA_MISSING, "issuing CA is live", issuing_ca=None),
    renewal(
        "B-20: the issuing CA has expired",
        RefusalReason.ISSUING_CA_NOT_IN_DATE,
        "issuing CA is live",
        issuing_ca=authority(not_after=NOW - DAY),
    ),
)
