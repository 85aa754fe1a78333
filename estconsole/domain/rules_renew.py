"""Rules of simplereenroll: a live certificate of this console, renewed under the same name (B-19 to B-21)."""

from __future__ import annotations

from estconsole.domain.checks import Finding, Rule
from estconsole.domain.model import CLOSED_TO_RENEWAL, CertificatePurpose, IssuedCertificate
from estconsole.domain.names import format_sans, same_name, same_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.rules_path import PathReasons, PathRules
from estconsole.domain.rules_request import csr_of, entity_may_use_the_alias
from estconsole.domain.situation import Case


def certificate_is_presented(case: Case) -> Finding:
    """A renewal always takes a TLS client certificate, whatever the alias says (B-20)."""
    expected = "a TLS client certificate"
    if case.request.presented is None:
        return Finding(expected, "none", RefusalReason.NO_CLIENT_CERTIFICATE)
    facts = case.request.presented.facts
    return Finding(expected, f"{facts.subject}, issued by {facts.issuer}")


def certificate_is_known(case: Case) -> Finding:
    """The certificate stands in the store by its SHA-256, not by a name or serial that another could bear (B-20)."""
    expected = "a certificate that this console issued"
    if case.situation.presented is None:
        return Finding(expected, "not in the store", RefusalReason.CERTIFICATE_FOREIGN)
    return Finding(expected, f"in the store, serial {case.situation.presented.serial:X}")


def certificate_is_an_end_entitys(case: Case) -> Finding:
    """A server, administrator or CA certificate never renews over EST (B-20)."""
    purpose, facts = _record(case).purpose, case.presented
    good = purpose is CertificatePurpose.END_ENTITY and not facts.is_ca
    return Finding(
        "an end entity's certificate",
        "a CA certificate" if facts.is_ca else f"certificate of: {purpose}",
        None if good else RefusalReason.CERTIFICATE_NOT_END_ENTITY,
    )


def registration_is_there(case: Case) -> Finding:
    """The registration is the one that the certificate was issued for, not a later one of that name (B-20)."""
    entity, record = case.situation.entity, _record(case)
    expected = "the registration that the certificate was issued for"
    if entity is None:
        return Finding(expected, f"{record.username} is deleted", RefusalReason.REGISTRATION_GONE)
    if entity.registration != record.registration:
        return Finding(expected, f"{record.username} was deleted and added again", RefusalReason.REGISTRATION_GONE)
    return Finding(expected, entity.username)


def registration_is_not_closed(case: Case) -> Finding:
    """A revoked or historical end entity renews nothing (B-20)."""
    status = case.entity.status
    closed = status in CLOSED_TO_RENEWAL
    return Finding("not REVOKED or HISTORICAL", status.name, RefusalReason.REGISTRATION_CLOSED if closed else None)


def alias_serves_the_certificate(case: Case) -> Finding:
    """A certificate renews on the alias through which it was issued, or on one that accepts others' (B-21)."""
    expected = "issued through this alias"
    if case.alias.uid == _record(case).alias_uid:
        return Finding(expected, "it was")
    if case.alias.accept_other_aliases:
        return Finding(expected, "through another, which this alias accepts")
    return Finding(expected, "through another", RefusalReason.CERTIFICATE_OTHER_ALIAS)


def registered_name_is_the_certificates(case: Case) -> Finding:
    """The registered subject and alternative names are still the certificate's (B-20)."""
    entity, facts, profile = case.entity, case.presented, case.situation.certificate_profile
    sans_are_registered = profile is None or not profile.san_from_request
    same = same_name(entity.subject, facts.subject) and (
        not sans_are_registered or same_sans(entity.subject_alt_names, facts.subject_alt_names)
    )
    came = _name_text(str(entity.subject), format_sans(entity.subject_alt_names))
    return Finding(
        f"registered as the certificate: {_name_text(str(facts.subject), format_sans(facts.subject_alt_names))}",
        came,
        None if same else RefusalReason.REGISTERED_NAME_CHANGED,
    )


def csr_subject_is_the_certificates(case: Case) -> Finding:
    """RFC 7030 4.2.2: the subject of a renewal is that of the certificate it renews."""
    csr, facts = csr_of(case), case.presented
    same = same_name(csr.subject, facts.subject)
    came = case.shown(csr.subject)
    return Finding(str(facts.subject), came, None if same else RefusalReason.RENEWAL_OTHER_SUBJECT)


def csr_asks_for_no_other_name(case: Case) -> Finding:
    """ChangeSubjectName is for initial enrollment only: a renewal that asks for other names gets none (B-17)."""
    asks = bool(csr_of(case).change_subject_names)
    return Finding(
        "no ChangeSubjectName",
        "one" if asks else "none",
        RefusalReason.CHANGE_SUBJECT_NAME_NOT_ALLOWED if asks else None,
    )


def csr_sans_are_the_certificates(case: Case) -> Finding:
    """RFC 7030 4.2.2: the alternative names of a renewal are those of the certificate it renews."""
    csr, facts = csr_of(case), case.presented
    same = same_sans(csr.subject_alt_names, facts.subject_alt_names)
    return Finding(
        format_sans(facts.subject_alt_names) or "none",
        format_sans(csr.subject_alt_names, case.situation.code_fields) or "none",
        None if same else RefusalReason.RENEWAL_OTHER_SANS,
    )


def key_may_come_again(case: Case) -> Finding:
    """The presented certificate's key comes again only where the alias allows it (B-20)."""
    reused = csr_of(case).key.spki_sha256 == case.presented.key.spki_sha256
    allowed = case.alias.allow_update_with_same_key
    return Finding(
        "a new key or the same" if allowed else "a new key",
        "the same key" if reused else "a new key",
        RefusalReason.RENEWAL_SAME_KEY if reused and not allowed else None,
    )


def _record(case: Case) -> IssuedCertificate:
    if case.situation.presented is None:
        raise TypeError("a rule that needs the certificate's record stands before the one that asks for it")
    return case.situation.presented


def _name_text(subject: str, sans: str) -> str:
    return f"{subject} ({sans})" if sans else subject


_PATH = PathRules(
    PathReasons(
        not_in_date=RefusalReason.CERTIFICATE_NOT_IN_DATE,
        revoked=RefusalReason.CERTIFICATE_REVOKED,
        stale_crl=RefusalReason.CERTIFICATE_PATH_INVALID,
        invalid=RefusalReason.CERTIFICATE_PATH_INVALID,
        wrong_usage=RefusalReason.CERTIFICATE_WRONG_USAGE,
    )
)

BY_CERTIFICATE: tuple[Rule[Case], ...] = (
    Rule("client certificate presented", certificate_is_presented),
    Rule("certificate issued here", certificate_is_known),
    Rule("certificate of an end entity", certificate_is_an_end_entitys),
    *_PATH.rules("certificate"),
    Rule("registration still there", registration_is_there),
    Rule("registration not closed", registration_is_not_closed),
    Rule("end entity may use the alias", entity_may_use_the_alias),
    Rule("certificate of this alias", alias_serves_the_certificate),
    Rule("registered name unchanged", registered_name_is_the_certificates),
    Rule("no other name asked for", csr_asks_for_no_other_name),
    Rule("subject as in the certificate", csr_subject_is_the_certificates),
    Rule("alternative names as in the certificate", csr_sans_are_the_certificates),
)
"""What authorises a request by a certificate of this console (B-19 to B-21)."""

NEW_KEY: tuple[Rule[Case], ...] = (Rule("key", key_may_come_again),)
"""What a renewal's own key meets besides; a key that the server makes is always a new one."""
