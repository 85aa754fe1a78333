"""Rules that every request meets: EST is on, it can be read, it proves possession, its alias is there."""

from __future__ import annotations

import base64

from estconsole.domain.checks import Finding, Rule
from estconsole.domain.names import GeneralName, NameSyntaxError, SanKind, format_sans, parse_sans
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.request import CsrFacts, Unreadable
from estconsole.domain.secret import Secret
from estconsole.domain.situation import Case
from estconsole.domain.validation import subject_problem

_READABLE = "a PKCS#10 request, base64 of DER"


def csr_of(case: Case) -> CsrFacts:
    """The CSR of a request that passed `request_is_readable`."""
    csr = case.request.csr
    if not isinstance(csr, CsrFacts):
        raise TypeError("a rule that needs the CSR stands before the one that reads it")
    return csr


def est_is_on(case: Case) -> Finding:
    """The operator has not switched EST off; EJBCA has such a switch for each protocol."""
    on = case.situation.est_is_on
    return Finding("EST switched on", "on" if on else "off", None if on else RefusalReason.EST_SWITCHED_OFF)


def request_is_readable(case: Case) -> Finding:
    """The body became a CSR (B-27)."""
    match case.request.csr:
        case CsrFacts() as csr:
            return Finding(_READABLE, f"a request with key {csr.key}")
        case Unreadable(reason, came):
            return Finding(_READABLE, came, reason)
        case None:
            return Finding(_READABLE, "no body", RefusalReason.BODY_EMPTY)


def path_names_an_operation(case: Case) -> Finding:
    """The path and the method name an operation (B-25)."""
    expected = "an EST operation and its method"
    if isinstance(case.request.csr, Unreadable):
        return Finding(expected, case.request.csr.came, case.request.csr.reason)
    return Finding(expected, "none", RefusalReason.UNKNOWN_OPERATION)


def possession_is_proven(case: Case) -> Finding:
    """The CSR's signature verifies with its own key (B-23)."""
    good = csr_of(case).signature_valid
    return Finding(
        "a signature by the CSR's own key",
        "valid" if good else "not valid",
        None if good else RefusalReason.CSR_BAD_SIGNATURE,
    )


def alias_exists(case: Case) -> Finding:
    """The URL's label names an alias; without a label the alias `est` serves (B-2)."""
    name = case.request.alias_name
    if case.situation.alias is None:
        return Finding("an EST alias", name, RefusalReason.UNKNOWN_ALIAS)
    return Finding("an EST alias", name)


def request_is_of_this_tls_session(case: Case) -> Finding:
    """The challengePassword is base64 of this session's tls-unique (RFC 7030 3.5, B-23)."""
    expected = "the tls-unique of this TLS 1.2 session as challengePassword"
    if not case.request.tls_unique:
        came = f"{case.request.tls_version or 'no TLS'}, which has no tls-unique"
        return Finding(expected, came, RefusalReason.TLS_UNIQUE_ABSENT)
    values = csr_of(case).challenge_passwords
    if not values:
        return Finding(expected, "no challengePassword", RefusalReason.TLS_UNIQUE_ABSENT)
    unique = Secret(base64.b64encode(case.request.tls_unique).decode())
    if len(values) == 1 and values[0].matches(unique):
        return Finding(expected, "the same")
    came = "another value" if len(values) == 1 else f"{len(values)} of them"
    return Finding(expected, came, RefusalReason.TLS_UNIQUE_WRONG)


def alias_has_a_ca(case: Case) -> Finding:
    """The alias's CA Name is a CA of this lab; it decides what cacerts returns, nothing else (B-6)."""
    named = case.alias.default_ca or "none"
    ca_is_there = case.situation.cacerts_ca is not None
    return Finding("a CA of this lab in CA Name", named, None if ca_is_there else RefusalReason.ALIAS_WITHOUT_CA)


def key_fits_the_profile(case: Case) -> Finding:
    """The CSR's key is of a kind that the certificate profile admits (B-15)."""
    profile, key = case.situation.certificate_profile, csr_of(case).key
    if profile is None:
        named = case.entity.certificate_profile
        return Finding("a certificate profile of this lab", named, RefusalReason.PROFILE_NOT_SATISFIED)
    return Finding(
        " or ".join(str(rule) for rule in profile.key_rules),
        str(key),
        None if profile.admits(key) else RefusalReason.KEY_NOT_ALLOWED,
    )


def registration_fits_its_profile(case: Case) -> Finding:
    """The registration holds what the end entity profile requires, and no more than it allows (B-15)."""
    entity, profile = case.entity, case.situation.end_entity_profile
    if profile is None:
        named = entity.end_entity_profile
        return Finding("an end entity profile of this lab", named, RefusalReason.PROFILE_NOT_SATISFIED)
    fields = {attribute.label for attribute in entity.subject}
    missing, surplus = profile.required_fields - fields, fields - profile.allowed_fields
    lacks_code = profile.code_required and entity.sealed_code is None
    certificate_profile = case.situation.certificate_profile
    takes_csrs = certificate_profile is not None and certificate_profile.san_from_request
    names = csr_of(case).subject_alt_names if takes_csrs else entity.subject_alt_names
    has_sans = bool(names) and not profile.subject_alt_names_allowed
    oddities = [
        *(f"no {field}" for field in sorted(missing)),
        *(f"{field} is not allowed" for field in sorted(surplus)),
        *(["alternative names are not allowed"] if has_sans else []),
        *(["no code"] if lacks_code else []),
    ]
    came = f"{entity.subject}: {', '.join(oddities)}" if oddities else str(entity.subject)
    return Finding(
        f"what {profile.name} requires and allows", came, RefusalReason.PROFILE_NOT_SATISFIED if oddities else None
    )


def sans_can_be_certified(case: Case) -> Finding:
    """Where the profile takes the CSR's alternative names, each is one that a certificate can hold (B-12)."""
    profile = case.situation.certificate_profile
    if profile is None or not profile.san_from_request:
        return Finding("those that are registered", "the CSR's are not looked at")
    names, expected = csr_of(case).subject_alt_names, "those of the CSR, as a certificate can hold them"
    shown = format_sans(names, case.situation.code_fields) or "none"
    return Finding(expected, shown, None if all(map(_can_be_certified, names)) else RefusalReason.CSR_SANS_UNUSABLE)


def _can_be_certified(name: GeneralName) -> bool:
    if name.kind is SanKind.DIRECTORY_NAME:
        return subject_problem(name.value) is None
    try:
        parse_sans(str(name))
    except NameSyntaxError:
        return False
    return True


def entity_may_use_the_alias(case: Case) -> Finding:
    """The end entity is bound to no alias, or to this one (B-8): taking an alias away ends its requests there."""
    may = not case.entity.aliases or case.alias.uid in case.entity.aliases
    return Finding(
        "an alias that the end entity may use",
        case.request.alias_name,
        None if may else RefusalReason.ENTITY_OTHER_ALIAS,
    )


def issuing_ca_is_live(case: Case) -> Finding:
    """The end entity's issuing CA is there and in date, and neither it nor a CA above it is revoked (B-20, B-44)."""
    authority, expected = case.situation.issuing_ca, "the issuing CA, in date"
    if authority is None:
        return Finding(expected, f"{case.entity.issuing_ca} is missing", RefusalReason.ISSUING_CA_MISSING)
    if (status := case.situation.issuing_ca_status).shuts_out:
        return Finding(expected, f"{authority.subject}, {status.words}", RefusalReason.ISSUING_CA_REVOKED)
    came = f"{authority.subject}, valid to {authority.not_after:%Y-%m-%d}"
    return Finding(expected, came, None if authority.in_date(case.now) else RefusalReason.ISSUING_CA_NOT_IN_DATE)


ON = Rule("EST is on", est_is_on)

READING: tuple[Rule[Case], ...] = (
    ON,
    Rule("request can be read", request_is_readable),
    Rule("proof of possession", possession_is_proven),
    Rule("alias exists", alias_exists),
)
"""What every request with a CSR meets first."""

TLS_LINK: tuple[Rule[Case], ...] = (Rule("link to the TLS session", request_is_of_this_tls_session),)
"""What a request meets next on an alias that wants it."""

ISSUANCE: tuple[Rule[Case], ...] = (
    Rule("key allowed by the profile", key_fits_the_profile),
    Rule("registration fits its profile", registration_fits_its_profile),
    Rule("alternative names to certify", sans_can_be_certified),
    Rule("issuing CA is live", issuing_ca_is_live),
)
"""What stands between an authorised request and its certificate, initial and renewal alike."""

NO_OPERATION: tuple[Rule[Case], ...] = (Rule("path names an operation", path_names_an_operation),)
CACERTS: tuple[Rule[Case], ...] = (ON, Rule("alias exists", alias_exists), Rule("alias has a CA", alias_has_a_ca))
CSRATTRS: tuple[Rule[Case], ...] = (ON, Rule("alias exists", alias_exists))
