"""The options of an EST alias as EJBCA's `config est` names them: reading, writing, and what is odd (B-3)."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import WHOLE_DN, Attribute, DistinguishedName, NameSyntaxError, dn_field
from estconsole.domain.problems import FieldProblem
from estconsole.domain.request import OPERATION_NAMES

ALIAS_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
"""B-1."""

OPTION_KEYS = (
    "operationmode",
    "extractusernamecomponent",
    "authenticationmodule",
    "extractdnpartpwdcomponent",
    "defaultca",
    "vendorcertificatemode",
    "vendorcaids",
    "allowchangesubjectname",
    "allowupdatewithsamekey",
    "severkeygenenabled",
    "acceptotheraliases",
    "tlsunique",
    "certprofile",
)
"""Every option, in the specification's order, then this console's own (B-3). `severkeygenenabled` is EJBCA's spelling.

`certprofile` is EJBCA's key too: here it names the certificate profile that csrattrs tells of (B-32).
"""

_CA_ID = re.compile(r"-?[0-9]{1,10}")
# The DN fields to which EJBCA gives other labels (its CeSecoreNameStyle): a CA's id is a hash over its text.
_EJBCA_LABELS = {
    "serialNumber": "SN",
    "emailAddress": "E",
    "title": "T",
    "streetAddress": "STREET",
    "surname": "SURNAME",
    "givenName": "GIVENNAME",
    "initials": "INITIALS",
    "dnQualifier": "DN",
    "pseudonym": "Pseudonym",
    "postalAddress": "PostalAddress",
    "postalCode": "PostalCode",
    "businessCategory": "BusinessCategory",
    "telephoneNumber": "TelephoneNumber",
    "name": "Name",
    "role": "Role",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasDraft:
    """An alias as typed: its name, and options by EJBCA's keys (B-3); an option left out keeps its value."""

    name: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasContext:
    """What an alias's options may name: CAs by name, with their subjects, and certificate profiles."""

    own_cas: Mapping[str, DistinguishedName]
    vendor_cas: Mapping[str, DistinguishedName]
    certificate_profiles: Collection[str]


def alias_name_problem(name: str) -> str | None:
    """What is wrong with an alias's name, or None (B-1)."""
    if not ALIAS_NAME.fullmatch(name):
        return "1 to 32 letters, digits, '-', '_' or '.'"
    if name in OPERATION_NAMES:
        return f"{name} is an EST operation; a URL could not tell the alias from it"
    if name in (".", ".."):
        return "a name of dots alone is taken out of a URL on the way; use letters or digits"
    return None


def check_alias_options(
    alias: EstAlias, draft: AliasDraft, context: AliasContext
) -> EstAlias | tuple[FieldProblem, ...]:
    """The alias with the options that a draft sets, or every problem at once.

    An option or value that is not implemented is a problem, never ignored (B-3). The name of a CA that is gone stays
    where the alias has it already, so that all else about it can be changed.
    """
    problems = [FieldProblem("name", message)] if (message := alias_name_problem(draft.name)) else []
    changes: dict[str, Any] = {"name": draft.name}
    for key, value in draft.options.items():
        try:
            changes |= _option(key, value.strip(), alias, context)
        except ValueError as error:
            problems.append(FieldProblem(key, str(error)))
    if problems:
        return tuple(problems)
    changed = replace(alias, **changes)
    return _contradictions(changed) or changed


def alias_options(alias: EstAlias) -> dict[str, str]:
    """Every option by its key, as `check_alias_options` reads it."""
    return {
        "operationmode": "client",
        "extractusernamecomponent": alias.extract_username_component,
        "authenticationmodule": str(alias.authentication_module or ""),
        "extractdnpartpwdcomponent": alias.extract_dn_part_pwd_component,
        "defaultca": alias.default_ca or "",
        "vendorcertificatemode": _text(alias.vendor_certificate_mode),
        "vendorcaids": ";".join(alias.vendor_cas),
        "allowchangesubjectname": _text(alias.allow_change_subject_name),
        "allowupdatewithsamekey": _text(alias.allow_update_with_same_key),
        "severkeygenenabled": _text(alias.server_key_generation),
        "acceptotheraliases": _text(alias.accept_other_aliases),
        "tlsunique": "required" if alias.tls_unique_required else "off",
        "certprofile": alias.certificate_profile or "",
    }


def alias_warnings(alias: EstAlias, context: AliasContext) -> tuple[str, ...]:
    """What is legal and odd about an alias by itself (B-5, B-6)."""
    warnings = []
    if alias.vendor_certificate_mode:
        if alias.authentication_module is not None:
            warnings.append(f"Vendor mode is used instead of {alias.authentication_module}, which has no effect.")
        if not alias.vendor_cas:
            warnings.append(f"{alias.name} lists no vendor CA: every initial request on it is refused.")
        gone = [name for name in alias.vendor_cas if name not in {*context.own_cas, *context.vendor_cas}]
        if gone:
            warnings.append(f"{alias.name} lists {', '.join(gone)}, which is not in this lab.")
    else:
        if alias.authentication_module is None:
            warnings.append(
                f"{alias.name} has neither an authentication module nor vendor mode: every initial request on it is "
                "refused."
            )
        if alias.allow_change_subject_name:
            warnings.append("Allow ChangeSubjectName has no effect without vendor mode.")
    if not alias.default_ca:
        warnings.append(f"{alias.name} names no CA: cacerts is refused on it.")
    elif alias.default_ca not in context.own_cas:
        warnings.append(f"{alias.name} names the CA {alias.default_ca}, which is not in this lab.")
    return tuple(warnings)


def ca_id(subject: DistinguishedName) -> int:
    """EJBCA's id of a CA: Java's `String.hashCode` of its subject DN as EJBCA prints it, signed, 32 bits (B-3)."""
    value = 0
    for unit in array("H", _ejbca_text(subject).encode("utf-16", "surrogatepass")[2:]):
        value = (value * 31 + unit) & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def _ejbca_text(subject: DistinguishedName) -> str:
    def shown(attribute: Attribute) -> str:
        label, _, value = str(DistinguishedName(((attribute,),))).partition("=")
        return f"{_EJBCA_LABELS.get(label, label)}={value}"

    return ",".join("+".join(map(shown, rdn)) for rdn in reversed(subject.rdns))


def _contradictions(alias: EstAlias) -> tuple[FieldProblem, ...]:
    """Options that are right one by one and cannot hold together."""
    problems = []
    module = alias.module_in_force
    if module is AuthenticationModule.CHALLENGE_PWD and alias.tls_unique_required:
        message = "the challengePassword cannot be the code and tls-unique at once; choose another module, or off"
        problems.append(FieldProblem("tlsunique", message))
    if module is AuthenticationModule.DN_PART_PWD and alias.extract_username_component in (
        alias.extract_dn_part_pwd_component,
        WHOLE_DN,
    ):
        message = "the code would be a part of the username; take another field for one of them"
        problems.append(FieldProblem("extractdnpartpwdcomponent", message))
    return tuple(problems)


def _option(key: str, value: str, alias: EstAlias, context: AliasContext) -> dict[str, object]:
    match key:
        case "operationmode":
            if value.lower() != "client":
                raise ValueError(f"{value!r} is not available; this console knows client mode only")
            return {}
        case "extractusernamecomponent":
            return {"extract_username_component": _username_component(value)}
        case "authenticationmodule":
            return {"authentication_module": _authentication_module(value)}
        case "extractdnpartpwdcomponent":
            return {"extract_dn_part_pwd_component": dn_field(value)}
        case "defaultca":
            return {"default_ca": _ca(value, context.own_cas, {alias.default_ca}) if value else None}
        case "vendorcertificatemode":
            return {"vendor_certificate_mode": _truth(value)}
        case "vendorcaids":
            known = {**context.own_cas, **context.vendor_cas}
            typed = map(str.strip, value.split(";"))  # no CA's name has a semicolon
            return {"vendor_cas": tuple(dict.fromkeys(_ca(name, known, alias.vendor_cas) for name in typed if name))}
        case "allowchangesubjectname":
            return {"allow_change_subject_name": _truth(value)}
        case "allowupdatewithsamekey":
            return {"allow_update_with_same_key": _truth(value)}
        case "severkeygenenabled":
            return {"server_key_generation": _truth(value)}
        case "acceptotheraliases":
            return {"accept_other_aliases": _truth(value)}
        case "tlsunique":
            if value.lower() not in ("off", "required"):
                raise ValueError("off or required")
            return {"tls_unique_required": value.lower() == "required"}
        case "certprofile":
            if value and value not in context.certificate_profiles:
                raise ValueError(
                    f"no certificate profile is named {value!r}; {_there_is(context.certificate_profiles)}"
                )
            return {"certificate_profile": value or None}
        case _:
            raise ValueError(f"no EST alias has this option; {_there_is(OPTION_KEYS)}")


def _authentication_module(value: str) -> AuthenticationModule | None:
    if value.lower() in ("", "none"):
        return None
    for module in AuthenticationModule:
        if module.lower() == value.lower():
            return module
    raise ValueError(f"{value!r} is no authentication module; use {', '.join(AuthenticationModule)} or none")


def _username_component(value: str) -> str:
    if value.upper() == WHOLE_DN:
        return WHOLE_DN
    try:
        return dn_field(value)
    except NameSyntaxError as error:
        raise ValueError(f"{error}, or {WHOLE_DN} for the whole DN") from None


def _ca(text: str, known: Mapping[str, DistinguishedName], kept: Collection[str | None]) -> str:
    """The CA that a name means, or EJBCA's id of one; a name that is kept need not be that of one."""
    if text in known or text in kept:
        return text
    if _CA_ID.fullmatch(text):
        for name, subject in known.items():
            if ca_id(subject) == int(text):
                return name
    raise ValueError(f"no CA of this lab is named {text!r}; {_there_is(known)}")


def _there_is(names: Collection[str]) -> str:
    return f"there is {', '.join(names) or 'none'}"


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return value.lower() == "true"


def _text(value: bool) -> str:
    return str(value).lower()
