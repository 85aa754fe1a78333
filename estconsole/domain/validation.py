"""Field rules shared by every front: what an operator may type, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from estconsole.domain.model import UNLIMITED, CertificateProfile, EndEntityProfile
from estconsole.domain.names import (
    DN_FIELDS,
    DistinguishedName,
    GeneralName,
    NameSyntaxError,
    parse_dn,
    parse_sans,
)
from estconsole.domain.problems import FieldProblem
from estconsole.domain.secret import Secret

CODE_BYTES = range(4, 21)
"""The lengths that the specification's openssl.conf takes for a challengePassword (B-14)."""
MAX_USERNAME = 255
MAX_CODE_BYTES = 255
"""ub-pkcs-9-challengePassword (RFC 2985): what a CSR can carry at most."""
MAX_COUNT = 1_000_000

# Upper bounds of X.520 (RFC 5280 appendix A.1), in characters.
_MAX_LENGTH = {"CN": 64, "O": 64, "OU": 64, "L": 128, "ST": 128, "serialNumber": 64, "title": 64, "pseudonym": 128}
_PRINTABLE_ONLY = ("C", "serialNumber", "dnQualifier")
_IA5_ONLY = ("DC", "emailAddress")
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityDraft:
    """An end entity as typed: texts from a form, a CSV row, the command line or REST.

    `code` None leaves a stored code as it is (none, for a new entity); an empty Secret removes it. Empty counts are
    the end entity profile's. `aliases` holds names; empty means any alias.
    """

    username: str
    subject: str
    issuing_ca: str
    subject_alt_names: str = ""
    end_entity_profile: str = "TLSClientEEProfile"
    certificate_profile: str = "TLSEndEntityCertProfile"
    code: Secret | None = field(default=None, repr=False)
    allowed_requests: str = ""
    max_failed_logins: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationContext:
    """What a registration may name: CAs of this lab, and profiles by name."""

    issuing_cas: Collection[str]
    certificate_profiles: Mapping[str, CertificateProfile]
    end_entity_profiles: Mapping[str, EndEntityProfile]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityTerms:
    """A draft that holds: its fields as values."""

    username: str
    subject: DistinguishedName
    subject_alt_names: frozenset[GeneralName]
    allowed_requests: int
    max_failed_logins: int


def subject_problem(text: str) -> str | None:
    """What is wrong with a subject DN as it is typed, or None."""
    try:
        return _subject_problem(parse_dn(text))
    except NameSyntaxError as error:
        return str(error)


def username_problem(text: str) -> str | None:
    """What is wrong with a username, or None."""
    if not text.strip():
        return "a username is needed; it is what the device's CSR names"
    if text != text.strip():
        return "leave out the white space around the username: usernames compare exactly"
    if len(text) > MAX_USERNAME:
        return f"at most {MAX_USERNAME} characters; this has {len(text)}"
    if not text.isprintable():
        return "leave out control and invisible characters"
    return None


def is_no_code(code: Secret) -> bool:
    """Whether what was typed means that there is no code: empty, or EJBCA's `null` in any case (B-14)."""
    return code.reveal().lower() in ("", "null")


def code_problem(code: Secret) -> str | None:
    """What makes an enrollment code unusable, or None. An empty code is no code (B-14)."""
    text = code.reveal()
    if len(text.encode("utf-8", "surrogatepass")) > MAX_CODE_BYTES:
        return f"at most {MAX_CODE_BYTES} bytes: a challengePassword holds no more"
    if text and not text.isprintable():
        return "leave out control and invisible characters"
    return None


def code_warning(code: Secret) -> str | None:
    """What is odd about a code that is usable all the same (B-14)."""
    length = len(code.reveal().encode("utf-8", "surrogatepass"))
    if not is_no_code(code) and length not in CODE_BYTES:
        return f"the specification's openssl.conf takes codes of 4 to 20 bytes; this has {length}"
    return None


def check_end_entity(
    draft: EndEntityDraft, context: RegistrationContext, *, has_code: bool = False
) -> EndEntityTerms | tuple[FieldProblem, ...]:
    """Validate an end entity as typed: its terms, or every problem at once.

    `has_code` says that a code is stored already, which a draft without one (None) keeps.
    """
    problems: list[FieldProblem] = []

    def note(field_name: str, message: str | None) -> None:
        if message:
            problems.append(FieldProblem(field_name, message))

    profile = context.end_entity_profiles.get(draft.end_entity_profile)
    note("username", username_problem(draft.username))
    subject = DistinguishedName()
    try:
        subject = parse_dn(draft.subject)
        note("subject", _subject_problem(subject) or _profile_problem(subject, profile))
    except NameSyntaxError as error:
        note("subject", str(error))
    sans: frozenset[GeneralName] = frozenset()
    try:
        sans = parse_sans(draft.subject_alt_names)
    except NameSyntaxError as error:
        note("subject_alt_names", str(error))
    if sans and profile is not None and not profile.subject_alt_names_allowed:
        note("subject_alt_names", f"{profile.name} allows no alternative names; leave them out")
    if draft.issuing_ca not in context.issuing_cas:
        there_is = ", ".join(context.issuing_cas) or "none"
        note("issuing_ca", f"no CA of this lab is named {draft.issuing_ca!r}; there is {there_is}")
    if draft.certificate_profile not in context.certificate_profiles:
        note("certificate_profile", f"choose one of {', '.join(context.certificate_profiles)}")
    if profile is None:
        note("end_entity_profile", f"choose one of {', '.join(context.end_entity_profiles)}")
    if draft.code is not None:
        note("code", code_problem(draft.code))
    gets_code = has_code if draft.code is None else not is_no_code(draft.code)
    if profile is not None and profile.code_required and not gets_code:
        note("code", f"{profile.name} requires a code; generate one")
    allowed = _count(draft.allowed_requests, profile.allowed_requests if profile else 1)
    logins = _count(draft.max_failed_logins, profile.max_failed_logins if profile else UNLIMITED)
    problems += count_problems(allowed, logins)
    if problems or allowed is None or logins is None:
        return tuple(problems)
    return EndEntityTerms(
        username=draft.username,
        subject=subject,
        subject_alt_names=sans,
        allowed_requests=allowed,
        max_failed_logins=logins,
    )


def _count(text: str, default: int) -> int | None:
    """A count as typed, the default where nothing was, or None for what is no number."""
    return whole_number(text) if text.strip() else default


def count_problems(allowed_requests: int | None, max_failed_logins: int | None) -> list[FieldProblem]:
    """What is wrong with the counts of a registration or of its profile; None is what is no number."""
    problems = []
    if allowed_requests is None or not 1 <= allowed_requests <= MAX_COUNT:
        problems.append(FieldProblem("allowed_requests", f"a whole number from 1 to {MAX_COUNT}"))
    if max_failed_logins is None or not (max_failed_logins == UNLIMITED or 1 <= max_failed_logins <= MAX_COUNT):
        words = f"a whole number from 1 to {MAX_COUNT}, or -1 for no limit"
        problems.append(FieldProblem("max_failed_logins", words))
    return problems


def whole_number(text: str) -> int | None:
    """A number as typed, None for what is none."""
    digits = text.strip()
    return int(digits) if re.fullmatch(r"-?[0-9]{1,9}", digits) else None


def _subject_problem(subject: DistinguishedName) -> str | None:
    if not subject:
        return "a subject DN is needed, as in CN=device,O=Lab,C=SE"
    for rdn in subject.rdns:
        labels = [attribute.label for attribute in rdn]
        if len(set(labels)) < len(labels):
            return f"{'+'.join(labels)} has one field twice; put a comma between them (X.501 allows no '+' there)"
    return next(
        (problem for attribute in subject if (problem := _value_problem(attribute.label, attribute.value))), None
    )


def _value_problem(label: str, value: str) -> str | None:
    if label not in DN_FIELDS:
        return f"{label} is no DN field that an end entity can have; use one of {', '.join(DN_FIELDS)}"
    if not value:
        return f"{label} has no value; give it one or leave it out"
    if not value.isprintable():
        return f"leave control and invisible characters out of {label}"
    if label == "C" and not re.fullmatch("[A-Za-z]{2}", value):
        return "C takes a country code of two letters, as in C=SE"
    if label in _PRINTABLE_ONLY and not _PRINTABLE.fullmatch(value):
        return f"{label} takes letters, digits, space and '()+,-./:=? only"
    if label in _IA5_ONLY and not value.isascii():
        return f"{label} takes ASCII only"
    limit = _MAX_LENGTH.get(label)
    if limit and len(value) > limit:
        return f"{label} takes at most {limit} characters; this has {len(value)}"
    if label == "CN" and len(value.encode()) > _MAX_LENGTH["CN"]:
        return f"CN takes at most {_MAX_LENGTH['CN']} bytes in UTF-8; this has {len(value.encode())}"
    return None


def _profile_problem(subject: DistinguishedName, profile: EndEntityProfile | None) -> str | None:
    """What the end entity profile says against a subject (B-15)."""
    if profile is None:
        return None
    labels = {attribute.label for attribute in subject}
    if missing := profile.required_fields - labels:
        return f"{profile.name} requires {', '.join(sorted(missing))}"
    if surplus := labels - profile.allowed_fields:
        allowed = ", ".join(sorted(profile.allowed_fields))
        return f"{profile.name} does not allow {', '.join(sorted(surplus))}; it allows {allowed}"
    return None
