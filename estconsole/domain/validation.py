"""Field rules shared by every front: what an operator may type, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from estconsole.domain.model import CERTIFICATE_PROFILES, END_ENTITY_PROFILES, UNLIMITED, AuthenticationModule
from estconsole.domain.names import (
    DN_FIELDS,
    WHOLE_DN,
    DistinguishedName,
    GeneralName,
    NameSyntaxError,
    dn_field,
    parse_dn,
    parse_sans,
)
from estconsole.domain.request import OPERATION_NAMES
from estconsole.domain.secret import Secret

ALIAS_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
"""B-1."""
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


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field's name, and what is wrong with it in words that say what would be right."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityDraft:
    """An end entity as typed: texts from a form, a CSV row, the command line or REST.

    `code` None leaves a stored code as it is (none, for a new entity); an empty Secret removes it. `aliases` holds
    names; empty means any alias.
    """

    username: str
    subject: str
    issuing_ca: str
    subject_alt_names: str = ""
    end_entity_profile: str = "TLSClientEEProfile"
    certificate_profile: str = "TLSEndEntityCertProfile"
    code: Secret | None = field(default=None, repr=False)
    allowed_requests: str = "1"
    max_failed_logins: str = "10"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEntityTerms:
    """A draft that holds: its fields as values."""

    username: str
    subject: DistinguishedName
    subject_alt_names: frozenset[GeneralName]
    allowed_requests: int
    max_failed_logins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasDraft:
    """An alias as typed: its name, and options by EJBCA's keys (B-3); an option left out keeps its value."""

    name: str
    options: dict[str, str] = field(default_factory=dict)


def subject_problem(text: str) -> str | None:
    """What is wrong with a subject DN as it is typed, or None."""
    try:
        subject = parse_dn(text)
    except NameSyntaxError as error:
        return str(error)
    if not subject:
        return "a subject DN is needed, as in CN=device,O=Lab,C=SE"
    for rdn in subject.rdns:
        labels = [attribute.label for attribute in rdn]
        if len(set(labels)) < len(labels):
            return f"{'+'.join(labels)} has one field twice; put a comma between them (X.501 allows no '+' there)"
    return next(
        (problem for attribute in subject if (problem := _value_problem(attribute.label, attribute.value))), None
    )


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


def check_end_entity(draft: EndEntityDraft, issuing_cas: Collection[str]) -> EndEntityTerms | tuple[FieldProblem, ...]:
    """Validate an end entity as typed: its terms, or every problem at once."""
    problems: list[FieldProblem] = []

    def note(field_name: str, message: str | None) -> None:
        if message:
            problems.append(FieldProblem(field_name, message))

    note("username", username_problem(draft.username))
    note("subject", subject_problem(draft.subject) or _profile_problem(draft))
    sans: frozenset[GeneralName] = frozenset()
    try:
        sans = parse_sans(draft.subject_alt_names)
    except NameSyntaxError as error:
        note("subject_alt_names", str(error))
    if draft.issuing_ca not in issuing_cas:
        note(
            "issuing_ca",
            f"no CA of this lab is named {draft.issuing_ca!r}; there is {', '.join(issuing_cas) or 'none'}",
        )
    if draft.certificate_profile not in CERTIFICATE_PROFILES:
        note("certificate_profile", f"choose one of {', '.join(CERTIFICATE_PROFILES)}")
    if draft.end_entity_profile not in END_ENTITY_PROFILES:
        note("end_entity_profile", f"choose one of {', '.join(END_ENTITY_PROFILES)}")
    if draft.code is not None:
        note("code", code_problem(draft.code))
    allowed, logins = _number(draft.allowed_requests), _number(draft.max_failed_logins)
    if allowed is None or not 1 <= allowed <= MAX_COUNT:
        note("allowed_requests", f"a whole number from 1 to {MAX_COUNT}")
    if logins is None or not (logins == UNLIMITED or 1 <= logins <= MAX_COUNT):
        note("max_failed_logins", f"a whole number from 1 to {MAX_COUNT}, or -1 for no limit")
    if problems or allowed is None or logins is None:
        return tuple(problems)
    return EndEntityTerms(
        username=draft.username,
        subject=parse_dn(draft.subject),
        subject_alt_names=sans,
        allowed_requests=allowed,
        max_failed_logins=logins,
    )


def alias_name_problem(name: str) -> str | None:
    """What is wrong with an alias's name, or None (B-1)."""
    if not ALIAS_NAME.fullmatch(name):
        return "1 to 32 letters, digits, '-', '_' or '.'"
    if name in OPERATION_NAMES:
        return f"{name} is an EST operation; a URL could not tell the alias from it"
    if name in (".", ".."):
        return "a name of dots alone is taken out of a URL on the way; use letters or digits"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasTerms:
    """Alias options as values; None where the draft leaves an option as it is."""

    extract_username_component: str | None = None
    authentication_module: AuthenticationModule | None = None
    sets_authentication_module: bool = False
    default_ca: str | None = None
    allow_update_with_same_key: bool | None = None
    accept_other_aliases: bool | None = None


def check_alias(draft: AliasDraft, issuing_cas: Collection[str]) -> AliasTerms | tuple[FieldProblem, ...]:
    """Validate an alias as typed. An option or value that is not implemented is a problem, never ignored (B-3)."""
    problems = [FieldProblem("name", message)] if (message := alias_name_problem(draft.name)) else []
    terms: dict[str, object] = {}
    for key, value in draft.options.items():
        try:
            terms |= _alias_option(key, value.strip(), issuing_cas)
        except ValueError as error:
            problems.append(FieldProblem(key, str(error)))
    return tuple(problems) if problems else AliasTerms(**terms)  # type: ignore[arg-type]


_OPTIONS = (
    "extractusernamecomponent",
    "authenticationmodule",
    "defaultca",
    "allowupdatewithsamekey",
    "acceptotheraliases",
)
# Options of B-3 that this version refuses to switch on, with the one value that it accepts.
_FIXED_OPTIONS = {
    "operationmode": "client",
    "vendorcertificatemode": "false",
    "vendorcaids": "",
    "allowchangesubjectname": "false",
    "severkeygenenabled": "false",
    "extractdnpartpwdcomponent": "OU",
    "tlsunique": "off",
}


def _alias_option(key: str, value: str, issuing_cas: Collection[str]) -> dict[str, object]:
    match key:
        case "extractusernamecomponent":
            try:
                return {"extract_username_component": WHOLE_DN if value.upper() == WHOLE_DN else dn_field(value)}
            except NameSyntaxError as error:
                raise ValueError(f"{error}, or {WHOLE_DN} for the whole DN") from None
        case "authenticationmodule":
            return {"authentication_module": _authentication_module(value), "sets_authentication_module": True}
        case "defaultca":
            if value and value not in issuing_cas:
                raise ValueError(f"no CA of this lab is named {value!r}; there is {', '.join(issuing_cas) or 'none'}")
            return {"default_ca": value}
        case "allowupdatewithsamekey":
            return {"allow_update_with_same_key": _truth(value)}
        case "acceptotheraliases":
            return {"accept_other_aliases": _truth(value)}
        case _ if key in _FIXED_OPTIONS:
            if value.lower() != _FIXED_OPTIONS[key].lower():
                raise ValueError(f"{value!r} is not available in this version; leave it at {_FIXED_OPTIONS[key]!r}")
            return {}
        case _:
            raise ValueError(f"no EST alias has this option; there is {', '.join((*_OPTIONS, *_FIXED_OPTIONS))}")


def _authentication_module(value: str) -> AuthenticationModule | None:
    if value.lower() in ("", "none"):
        return None
    try:
        return AuthenticationModule(value)
    except ValueError:
        available = ", ".join(AuthenticationModule)
        raise ValueError(f"{value!r} is not available in this version; use {available} or none") from None


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return value.lower() == "true"


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text.strip()) else None


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


def _profile_problem(draft: EndEntityDraft) -> str | None:
    """What the end entity profile says against a subject that can be read (B-15)."""
    profile = END_ENTITY_PROFILES.get(draft.end_entity_profile)
    if profile is None:
        return None
    labels = {attribute.label for attribute in parse_dn(draft.subject)}
    if missing := profile.required_fields - labels:
        return f"{profile.name} requires {', '.join(sorted(missing))}"
    if surplus := labels - profile.allowed_fields:
        allowed = ", ".join(sorted(profile.allowed_fields))
        return f"{profile.name} does not allow {', '.join(sorted(surplus))}; it allows {allowed}"
    return None
