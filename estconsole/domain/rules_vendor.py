"""Rules of an initial request with a vendor certificate: who the device is, and which names it may have (B-17)."""

from __future__ import annotations

from estconsole.domain.authorisation import claimed_usernames
from estconsole.domain.checks import Finding, Rule
from estconsole.domain.model import CertificatePurpose
from estconsole.domain.names import format_sans, same_name, same_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import ChangeSubjectName
from estconsole.domain.rules_enroll import COMPLETE, REGISTERED
from estconsole.domain.rules_path import PathReasons, PathRules
from estconsole.domain.rules_request import csr_of
from estconsole.domain.situation import Case


def certificate_is_presented(case: Case) -> Finding:
    """Vendor mode takes a TLS client certificate instead of a code (B-17)."""
    expected = "a vendor certificate in TLS"
    if case.request.presented is None:
        return Finding(expected, "none", RefusalReason.VENDOR_CERTIFICATE_ABSENT)
    return Finding(expected, f"{case.presented.subject}, issued by {case.presented.issuer}")


def issuer_is_listed(case: Case) -> Finding:
    """The direct issuer, found by name and signature, is one of the alias's vendor CAs (B-17)."""
    expected = f"issued by {' or '.join(case.alias.vendor_cas)}"
    issuers = case.situation.issuers
    if not issuers:
        came = f"{case.presented.issuer}, of which no CA here has the name and the key"
        return Finding(expected, came, RefusalReason.VENDOR_CERTIFICATE_FOREIGN)
    listed = not issuers[0].names.isdisjoint(case.alias.vendor_cas)
    return Finding(expected, issuers[0].name, None if listed else RefusalReason.VENDOR_CERTIFICATE_FOREIGN)


def certificate_is_a_devices(case: Case) -> Finding:
    """The leaf is no CA (B-19), nor a server's or administrator's where a CA of this lab is listed as a vendor's."""
    facts, record = case.presented, case.situation.presented
    expected = "a device's certificate"
    if facts.is_ca:
        return Finding(expected, "a CA certificate", RefusalReason.VENDOR_CERTIFICATE_UNUSABLE)
    if record is not None and record.purpose is not CertificatePurpose.END_ENTITY:
        return Finding(expected, f"certificate of: {record.purpose}", RefusalReason.VENDOR_CERTIFICATE_UNUSABLE)
    return Finding(expected, "no CA")


def certificate_is_of_this_registration(case: Case) -> Finding:
    """Where a CA of this lab is listed as a vendor's, its certificate is for the registration that it was issued for.

    A username that was deleted and added again is another one (B-8), and so is another end entity of the same subject.
    """
    record, expected = case.situation.presented, "a vendor's certificate, or one of this very registration"
    if record is None:
        return Finding(expected, "a vendor's")
    same = record.registration == case.entity.registration
    came = "of this registration" if same else f"issued to {record.username}, of another registration"
    return Finding(expected, came, None if same else RefusalReason.VENDOR_CERTIFICATE_UNUSABLE)


def certificate_names_a_username(case: Case) -> Finding:
    """The username comes from the vendor certificate, never from the CSR, and stands there once (B-17)."""
    component = case.alias.extract_username_component
    names = claimed_usernames(case.request, case.alias)
    expected = f"{component} once in the vendor certificate's subject"
    if not names:
        return Finding(expected, "none", RefusalReason.VENDOR_USERNAME_ABSENT)
    if len(names) > 1:
        return Finding(expected, f"{len(names)} of them", RefusalReason.VENDOR_USERNAME_REPEATED)
    return Finding(expected, names[0] or "an empty one")


def csr_subject_is_the_vendors(case: Case) -> Finding:
    """The CSR is of the device that presents the certificate: their subjects are equal (B-17, B-18)."""
    csr, vendor = csr_of(case), case.presented.subject
    same = same_name(csr.subject, vendor)
    came = case.shown(csr.subject)
    return Finding(str(vendor), came, None if same else RefusalReason.VENDOR_OTHER_SUBJECT)


def change_of_name_is_well_formed(case: Case) -> Finding:
    """ChangeSubjectName stands there once at most, and can be decoded (RFC 6402 2.8, B-17)."""
    expected = "one ChangeSubjectName at most"
    match csr_of(case).change_subject_names:
        case ():
            return Finding(expected, "none")
        case (None,):
            return Finding(expected, "one that cannot be decoded", RefusalReason.CHANGE_SUBJECT_NAME_MALFORMED)
        case (ChangeSubjectName(),):
            return Finding(expected, "one")
        case several:
            return Finding(expected, f"{len(several)} of them", RefusalReason.CHANGE_SUBJECT_NAME_REPEATED)


def change_of_name_is_allowed(case: Case) -> Finding:
    """The alias allows ChangeSubjectName where the CSR has one (B-3, B-17)."""
    asked, allowed = bool(csr_of(case).change_subject_names), case.alias.allow_change_subject_name
    return Finding(
        "ChangeSubjectName or none" if allowed else "no ChangeSubjectName",
        "one" if asked else "none",
        RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED if asked and not allowed else None,
    )


def names_are_the_registered_ones(case: Case) -> Finding:
    """What the device asks to be called, or without that the vendor's subject, is what is registered (B-17).

    The vendor certificate's own alternative names are not compared.
    """
    entity, change = case.entity, _change(case)
    asked = case.presented.subject if change is None or change.subject is None else change.subject
    if not same_name(asked, entity.subject):
        asks_by_change = change is not None and change.subject is not None
        reason = (
            RefusalReason.CHANGE_SUBJECT_NAME_OTHER if asks_by_change else RefusalReason.VENDOR_OTHER_REGISTERED_SUBJECT
        )
        return Finding(str(entity.subject), case.shown(asked), reason)
    if change is not None and change.subject_alt_names is not None:
        same = same_sans(change.subject_alt_names, entity.subject_alt_names)
        return Finding(
            f"{entity.subject} ({format_sans(entity.subject_alt_names) or 'no alternative names'})",
            f"{asked} ({format_sans(change.subject_alt_names, case.situation.code_fields) or 'no alternative names'})",
            None if same else RefusalReason.CHANGE_SUBJECT_NAME_OTHER,
        )
    return Finding(str(entity.subject), str(asked))


def _change(case: Case) -> ChangeSubjectName | None:
    changes = csr_of(case).change_subject_names
    return changes[0] if changes else None


_PATH = PathRules(
    PathReasons(
        not_in_date=RefusalReason.VENDOR_CERTIFICATE_NOT_IN_DATE,
        revoked=RefusalReason.VENDOR_CERTIFICATE_REVOKED,
        stale_crl=RefusalReason.VENDOR_CRL_STALE,
        invalid=RefusalReason.VENDOR_PATH_INVALID,
        wrong_usage=RefusalReason.VENDOR_CERTIFICATE_UNUSABLE,
    )
)

BY_VENDOR_CERTIFICATE: tuple[Rule[Case], ...] = (
    COMPLETE,
    Rule("vendor certificate presented", certificate_is_presented),
    Rule("issuer in the list of vendor CAs", issuer_is_listed),
    Rule("vendor certificate of a device", certificate_is_a_devices),
    *_PATH.rules("vendor certificate"),
    Rule("username in the vendor certificate", certificate_names_a_username),
    *REGISTERED,
    Rule("vendor certificate of this registration", certificate_is_of_this_registration),
    Rule("subject as in the vendor certificate", csr_subject_is_the_vendors),
    Rule("ChangeSubjectName well formed", change_of_name_is_well_formed),
    Rule("ChangeSubjectName allowed", change_of_name_is_allowed),
    Rule("names as registered", names_are_the_registered_ones),
)
"""What authorises an initial request on an alias in vendor mode."""
