"""What simpleenroll refuses in vendor mode: the certificate and its path, then the names (B-17 to B-19)."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.certificate import SERVER_AUTH
from estconsole.domain.model import TLS_CLIENT_EE_PROFILE, AuthenticationModule, CertificatePurpose, EntityStatus
from estconsole.domain.names import parse_dn, parse_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import ChangeSubjectName, EnrollmentRequest, Operation
from estconsole.domain.secret import Secret
from tests.domain.builders import (
    CODE,
    DAY,
    DEVICE_DN,
    NOW,
    REVOKED,
    STALE_CRL,
    RefusalCase,
    basic,
    csr,
    entity,
    record,
    request,
    rsa_key,
    step,
    vendor_alias,
    vendor_certificate,
    vendor_entity,
    vendor_request,
    vendor_root,
    vendor_situation,
    vendor_step,
)

OTHER_DN = "CN=9999.primekey.com,O=PrimeKey,C=SE"
NEW_DN = "CN=operator device,O=Operator"
SANS = "dNSName=a.example, iPAddress=192.0.2.1"
WITHOUT_CHANGE = vendor_alias(allow_change_subject_name=False)


def change(subject: str | None = None, sans: str | None = None) -> ChangeSubjectName:
    return ChangeSubjectName(None if subject is None else parse_dn(subject), None if sans is None else parse_sans(sans))


def asking(*changes: ChangeSubjectName | None, sans: str = "") -> EnrollmentRequest:
    """The device's CSR, with these values of ChangeSubjectName."""
    return vendor_request(csr(DEVICE_DN, sans, codes=(), change_subject_names=changes))


def vendor(
    title: str, reason: RefusalReason, check: str, of: EnrollmentRequest | None = None, **known: object
) -> RefusalCase:
    """A request that is refused, and leaves the end entity as it is: in vendor mode nothing is guessed at."""
    return RefusalCase(
        title=title, reason=reason, check=check, request=of or vendor_request(), situation=vendor_situation(**known)
    )


OWN_CA_LISTED = {"alias": vendor_alias(vendor_cas=("ManagementCA",)), "issuers": (step(),)}

PATH_REFUSALS = (
    vendor(
        "B-8: a certificate of this lab, of a registration that was deleted and added again",
        RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
        "vendor certificate of this registration",
        presented=record(registration="an earlier registration"),
        **OWN_CA_LISTED,
    ),
    vendor(
        "B-8: a certificate of this lab, of another end entity of the same subject",
        RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
        "vendor certificate of this registration",
        presented=record(username="other", registration="another registration"),
        **OWN_CA_LISTED,
    ),
    vendor(
        "B-17: no client certificate, and a code does not stand in for it",
        RefusalReason.VENDOR_CERTIFICATE_ABSENT,
        "vendor certificate presented",
        request(Operation.SIMPLEENROLL, csr(DEVICE_DN), basic=basic()),
        entity=None,
        issuers=(),
    ),
    vendor(
        "B-5: vendor mode is used instead of a module: a good code does not stand in for the certificate",
        RefusalReason.VENDOR_CERTIFICATE_ABSENT,
        "vendor certificate presented",
        request(Operation.SIMPLEENROLL, csr()),
        entity=entity(),
        code=Secret(CODE),
        alias=vendor_alias(authentication_module=AuthenticationModule.CHALLENGE_PWD),
        issuers=(),
    ),
    vendor(
        "B-17: no CA here has the issuer's name and key",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        issuers=(),
    ),
    vendor(
        "B-17: the issuer is a vendor CA here, and the alias does not list it",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        issuers=(vendor_step("CN=Other Vendor CA"),),
    ),
    vendor(
        "B-17: the issuer's issuer is listed, which is not the direct one",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        alias=vendor_alias(vendor_cas=("Vendor Root CA",)),
    ),
    vendor(
        "B-19: a second CA with the listed one's subject and another key",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        issuers=(vendor_step(name="Vendor Sub CA, the second", key=rsa_key("another")),),
    ),
    vendor(
        "B-20: this console's own certificate of the device",
        RefusalReason.VENDOR_CERTIFICATE_FOREIGN,
        "issuer in the list of vendor CAs",
        presented=record(),
        issuers=(step(),),
    ),
    vendor(
        "B-19: the sub CA's own certificate as the leaf",
        RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
        "vendor certificate of a device",
        vendor_request(presented=vendor_certificate(is_ca=True, may_sign_certificates=True)),
    ),
    *(
        vendor(
            f"B-19: a {purpose} certificate, where the alias lists the CA of this lab that issued it",
            RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
            "vendor certificate of a device",
            alias=vendor_alias(vendor_cas=("ManagementCA",)),
            presented=record(purpose=purpose),
            issuers=(step(),),
        )
        for purpose in CertificatePurpose
        if purpose is not CertificatePurpose.END_ENTITY
    ),
    vendor(
        "B-44: the leaf is revoked",
        RefusalReason.VENDOR_CERTIFICATE_REVOKED,
        "vendor certificate not revoked",
        presented_status=REVOKED,
    ),
    vendor(
        "B-44: the sub CA is revoked, though it is trusted itself",
        RefusalReason.VENDOR_CERTIFICATE_REVOKED,
        "vendor certificate not revoked",
        issuers=(vendor_step(status=REVOKED), vendor_root()),
    ),
    vendor(
        "B-19: the sub CA's CRL is stale",
        RefusalReason.VENDOR_CRL_STALE,
        "vendor certificate not revoked",
        presented_status=STALE_CRL,
    ),
    vendor(
        "B-19: the root's CRL is stale",
        RefusalReason.VENDOR_CRL_STALE,
        "vendor certificate not revoked",
        issuers=(vendor_step(status=STALE_CRL), vendor_root()),
    ),
    vendor(
        "B-41: expired",
        RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE,
        "vendor certificate in date",
        vendor_request(presented=vendor_certificate(not_after=NOW - DAY)),
    ),
    vendor(
        "B-19: not valid yet",
        RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE,
        "vendor certificate in date",
        vendor_request(presented=vendor_certificate(not_before=NOW + DAY)),
    ),
    *(
        vendor(f"B-19: {title}", RefusalReason.VENDOR_PATH_INVALID, "vendor certificate's path", issuers=issuers)
        for title, issuers in {
            "a leaf above a leaf, though it is in the list": (vendor_step(is_ca=False),),
            "a CA that may not sign certificates": (vendor_step(may_sign_certificates=False), vendor_root()),
            "the trust is switched off in the only CA": (vendor_step(trusted=False),),
            "the trust is switched off in every CA above": (vendor_step(trusted=False), vendor_root(trusted=False)),
            "a trusted sub CA that is expired": (vendor_step(not_after=NOW - DAY), vendor_root()),
            "a sub CA that is expired, below a trusted root": (
                vendor_step(trusted=False, not_after=NOW - DAY),
                vendor_root(),
            ),
            "a sub CA that is not valid yet": (vendor_step(not_before=NOW + DAY), vendor_root()),
            "the trusted root is expired": (vendor_step(trusted=False), vendor_root(not_after=NOW - DAY)),
            "a root that is no CA": (vendor_step(trusted=False), vendor_root(is_ca=False)),
        }.items()
    ),
    *(
        vendor(
            f"B-19: the extended key usage {title}",
            RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
            "vendor certificate's usage",
            vendor_request(presented=vendor_certificate(extended_key_usages=usages)),
        )
        for title, usages in {"is serverAuth": frozenset({SERVER_AUTH}), "is empty": frozenset[str]()}.items()
    ),
)

NAME_REFUSALS = (
    vendor(
        "B-17: the vendor certificate has no such DN field, though the CSR has",
        RefusalReason.VENDOR_USERNAME_ABSENT,
        "username in the vendor certificate",
        vendor_request(csr(DEVICE_DN + ",serialNumber=1", codes=())),
        alias=vendor_alias(extract_username_component="serialNumber"),
    ),
    vendor(
        "B-17: the vendor certificate's subject is empty, and the whole DN is the username",
        RefusalReason.VENDOR_USERNAME_ABSENT,
        "username in the vendor certificate",
        vendor_request(presented=vendor_certificate("", sans="dNSName=a.example")),
        alias=vendor_alias(extract_username_component="DN"),
    ),
    vendor(
        "B-16: the username's field twice in the vendor certificate",
        RefusalReason.VENDOR_USERNAME_REPEATED,
        "username in the vendor certificate",
        vendor_request(presented=vendor_certificate("CN=1234.primekey.com,CN=1234.primekey.com")),
    ),
    vendor(
        "B-8: the username's field is empty, as no username is",
        RefusalReason.ENTITY_UNKNOWN,
        "end entity registered",
        vendor_request(presented=vendor_certificate("CN=,O=PrimeKey")),
        entity=None,
    ),
    vendor("B-8: not registered", RefusalReason.ENTITY_UNKNOWN, "end entity registered", entity=None),
    vendor(
        "B-8: the end entity is bound to another alias",
        RefusalReason.ENTITY_OTHER_ALIAS,
        "end entity may use the alias",
        entity=vendor_entity(aliases=frozenset({"alias-other"})),
    ),
    *(
        vendor(
            f"B-9: the status is {status.name}",
            RefusalReason.ENTITY_NOT_OPEN,
            "status",
            entity=vendor_entity(status=status),
        )
        for status in (EntityStatus.GENERATED, EntityStatus.REVOKED, EntityStatus.HISTORICAL)
    ),
    vendor(
        "B-17: another device's CSR",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        vendor_request(csr(OTHER_DN, codes=())),
    ),
    vendor(
        "B-17: another device's CSR, which asks for this device's registered name",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        vendor_request(csr(OTHER_DN, codes=(), change_subject_names=(change(DEVICE_DN),))),
    ),
    vendor(
        "B-17: a CSR with the registered subject in place of the vendor's, without ChangeSubjectName",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        vendor_request(csr(NEW_DN, codes=())),
        entity=vendor_entity(NEW_DN),
    ),
    vendor(
        "B-17: an empty subject",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        vendor_request(csr("", codes=())),
    ),
    vendor(
        "B-18: a DC order that was turned around",
        RefusalReason.VENDOR_OTHER_SUBJECT,
        "subject as in the vendor certificate",
        vendor_request(
            csr("CN=1234.primekey.com,DC=com,DC=primekey", codes=()),
            vendor_certificate("CN=1234.primekey.com,DC=primekey,DC=com"),
        ),
        entity=vendor_entity("CN=1234.primekey.com,DC=primekey,DC=com"),
    ),
    vendor(
        "RFC 6402 2.8: malformed",
        RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED,
        "ChangeSubjectName well formed",
        asking(None),
    ),
    *(
        vendor(
            f"B-17: doubled, {title}",
            RefusalReason.CHANGE_SUBJECT_NAME_REPEATED,
            "ChangeSubjectName well formed",
            asking(*changes),
        )
        for title, changes in {
            "though both are right": (change(DEVICE_DN), change(DEVICE_DN)),
            "one for each kind of name": (change(DEVICE_DN), change(sans="")),
            "one of them malformed": (change(DEVICE_DN), None),
        }.items()
    ),
    *(
        vendor(
            f"B-3: ChangeSubjectName is not allowed, not even {title}",
            RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED,
            "ChangeSubjectName allowed",
            asking(asked),
            alias=WITHOUT_CHANGE,
        )
        for title, asked in {
            "for its own name": change(DEVICE_DN, ""),
            "for SANs alone": change(sans=""),
        }.items()
    ),
    vendor(
        "B-17: another subject is registered, and the CSR asks for no change",
        RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT,
        "names as registered",
        entity=vendor_entity(NEW_DN),
    ),
    vendor(
        "B-17: another subject is registered, and the CSR asks for SANs alone",
        RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT,
        "names as registered",
        asking(change(sans="")),
        entity=vendor_entity(NEW_DN),
    ),
    *(
        vendor(
            f"B-17: ChangeSubjectName asks for {title}",
            RefusalReason.CHANGE_SUBJECT_NAME_OTHER,
            "names as registered",
            asking(asked, sans=SANS),
            entity=vendor_entity(NEW_DN, SANS),
        )
        for title, asked in {
            "a subject that is not the registered one": change(OTHER_DN),
            "the vendor's subject, which is not the registered one": change(DEVICE_DN),
            "an empty subject": change(""),
            "another subject, with the registered SANs": change(OTHER_DN, SANS),
            "one SAN fewer": change(NEW_DN, "dNSName=a.example"),
            "one SAN more": change(NEW_DN, SANS + ", dNSName=b.example"),
            "a SAN that differs": change(NEW_DN, "dNSName=b.example, iPAddress=192.0.2.1"),
            "a SAN of another kind": change(NEW_DN, "uri=dns:a.example, iPAddress=192.0.2.1"),
            "no SANs, in so many words": change(NEW_DN, ""),
        }.items()
    ),
    vendor(
        "B-17: SANs alone that are not the registered ones",
        RefusalReason.CHANGE_SUBJECT_NAME_OTHER,
        "names as registered",
        asking(change(sans="dNSName=b.example")),
        entity=vendor_entity(sans=SANS),
    ),
    vendor(
        "B-15: the key",
        RefusalReason.KEY_NOT_ALLOWED,
        "key allowed by the profile",
        vendor_request(csr(DEVICE_DN, codes=(), key=rsa_key(bits=1024))),
    ),
    vendor(
        "B-15: the profile requires a code, which S's device does not have",
        RefusalReason.PROFILE_NOT_SATISFIED,
        "registration fits its profile",
        end_entity_profile=replace(TLS_CLIENT_EE_PROFILE, code_required=True),
    ),
    vendor("B-25: the issuing CA is gone", RefusalReason.ISSUING_CA_MISSING, "issuing CA is live", issuing_ca=None),
)

REFUSALS = (*PATH_REFUSALS, *NAME_REFUSALS)
