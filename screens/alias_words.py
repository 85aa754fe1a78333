"""An alias in plain words: what devices do there, which of its options have no effect and why, and EJBCA's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from estconsole.domain.alias_options import alias_options
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import WHOLE_DN
from estconsole.server_control import ServerUrls

OPTION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "operationmode": "EST Operational Mode",
        "extractusernamecomponent": "Extract Username Component",
        "authenticationmodule": "Authentication Module",
        "extractdnpartpwdcomponent": "DN field that carries the code",
        "defaultca": "CA Name",
        "vendorcertificatemode": "Vendor Certificate Mode",
        "vendorcaids": "List of Vendor CAs",
        "allowchangesubjectname": "Allow ChangeSubjectName",
        "allowupdatewithsamekey": "Certificate Renewal with Same Keys",
        "severkeygenenabled": "Enable server side key generation",
        "acceptotheraliases": "Serve certificates of other aliases",
        "tlsunique": "Link to TLS (tls-unique)",
        "certprofile": "Certificate profile for csrattrs",
    }
)
"""What each option is called, as the specification does, in its order; then this console's own (B-3)."""

INCOMPLETE = "▲ incomplete"

_NO_MODULE = "no Authentication Module is chosen"
_VENDORS_AUTHENTICATE = "vendor certificates authenticate"
_NO_VENDOR_MODE = "Vendor Certificate Mode is off"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasUrls:
    """The URLs of an alias: whole while the server serves, else their paths."""

    cacerts: str
    enroll: str
    renew: str
    keygen: str


def alias_urls(urls: ServerUrls | None, alias: EstAlias) -> AliasUrls:
    """Where devices call an alias: with a vendor's certificate, where one is asked for (B-17, B-36)."""
    path = f"/.well-known/est/{alias.name}"
    tls, mtls = (f"{urls.tls}{path}", f"{urls.mtls}{path}") if urls else (path, path)
    initial = mtls if alias.vendor_certificate_mode else tls
    return AliasUrls(
        cacerts=f"{tls}/cacerts",
        enroll=f"{initial}/simpleenroll",
        renew=f"{mtls}/simplereenroll",
        keygen=f"{initial}/serverkeygen",
    )


def authentication(alias: EstAlias) -> str:
    """How a device that has no certificate of this lab yet authenticates, in a few words (B-16, B-17)."""
    if alias.vendor_certificate_mode:
        return "vendor certificate" if alias.vendor_cas else INCOMPLETE
    match alias.authentication_module:
        case AuthenticationModule.CHALLENGE_PWD:
            return "code in CSR"
        case AuthenticationModule.DN_PART_PWD:
            return f"code in {alias.extract_dn_part_pwd_component}"
        case AuthenticationModule.HTTP_BASIC_AUTH:
            return "HTTP Basic"
        case None:
            return INCOMPLETE


def in_words(alias: EstAlias, urls: AliasUrls) -> tuple[str, ...]:
    """What devices do at an alias, in sentences: every option that has an effect has its say."""
    keys, profile = urls.keygen, alias.certificate_profile
    renewal = "may keep the key" if alias.allow_update_with_same_key else "needs a new key"
    return (
        _enrollment(alias, urls),
        *_naming(alias),
        f"Renewal, at {urls.renew}, {renewal}.",
        f"Certificates of other aliases {'renew here too' if alias.accept_other_aliases else 'never renew here'}.",
        f"The server makes keys at {keys}." if alias.server_key_generation else "The server makes no keys.",
        *_linked(alias),
        f"cacerts returns {alias.default_ca} and the CAs above it."
        if alias.default_ca
        else "cacerts is refused: no CA.",
        f"csrattrs tells what {profile} asks for." if profile else "csrattrs tells of no profile.",
    )


def without_effect(alias: EstAlias) -> dict[str, str]:
    """The options, by their keys, that have no effect as an alias is now, each with why (B-5)."""
    unused = {}
    if alias.vendor_certificate_mode:
        unused["authenticationmodule"] = _VENDORS_AUTHENTICATE
        unused["extractdnpartpwdcomponent"] = _VENDORS_AUTHENTICATE
        return unused
    unused["vendorcaids"] = unused["allowchangesubjectname"] = _NO_VENDOR_MODE
    module = alias.authentication_module
    if module is None:
        unused["extractusernamecomponent"] = unused["extractdnpartpwdcomponent"] = _NO_MODULE
    elif module is not AuthenticationModule.DN_PART_PWD:
        unused["extractdnpartpwdcomponent"] = f"{module} looks elsewhere"
    if module is AuthenticationModule.HTTP_BASIC_AUTH:
        unused["extractusernamecomponent"] = "HTTP Basic brings the username"
    if module is AuthenticationModule.CHALLENGE_PWD and not alias.tls_unique_required:
        unused["tlsunique"] = "challengePassword is the code"
    return unused


def without_effect_by_name(alias: EstAlias) -> dict[str, str]:
    """The same by EJBCA's names."""
    return {OPTION_NAMES[key]: why for key, why in without_effect(alias).items()}


def option_texts(alias: EstAlias) -> dict[str, str]:
    """Every option by EJBCA's name, as it stands on the screen."""
    return {OPTION_NAMES[key]: _shown(value) for key, value in alias_options(alias).items()}


def _enrollment(alias: EstAlias, urls: AliasUrls) -> str:
    if alias.vendor_certificate_mode:
        if not alias.vendor_cas:
            return "Every initial request is refused: the List of Vendor CAs is empty."
        return f"Devices call {urls.enroll} with a certificate from {' or '.join(alias.vendor_cas)}."
    match alias.authentication_module:
        case AuthenticationModule.CHALLENGE_PWD:
            return f"Devices call {urls.enroll} with their code as the CSR's challengePassword."
        case AuthenticationModule.DN_PART_PWD:
            field = alias.extract_dn_part_pwd_component
            return f"Devices call {urls.enroll} with their code as the {field} of the CSR's subject."
        case AuthenticationModule.HTTP_BASIC_AUTH:
            return f"Devices call {urls.enroll} with their username and code by HTTP Basic."
        case None:
            return "Every initial request is refused: there is neither an Authentication Module nor vendor mode."


def _naming(alias: EstAlias) -> Iterator[str]:
    """How the entity is found, and whether another subject may be asked for."""
    field = alias.extract_username_component
    place = "whole subject" if field == WHOLE_DN else field
    if alias.vendor_certificate_mode:
        yield f"The end entity is found by the {place} of the vendor's certificate."
        if alias.allow_change_subject_name:
            yield "A device may ask for another subject than its vendor's certificate has."
        else:
            yield "A device gets the subject of its vendor's certificate, and no other."
    elif alias.module_in_force is AuthenticationModule.HTTP_BASIC_AUTH:
        yield "The end entity is found by that username."
    elif alias.module_in_force is not None:
        yield f"The end entity is found by the {place} of the CSR."


def _linked(alias: EstAlias) -> Iterator[str]:
    if alias.tls_unique_required:
        yield "Every request is linked to its TLS session by tls-unique, on TLS 1.2 (B-23)."


def _shown(value: str) -> str:
    return {"true": "yes", "false": "no", "": "none"}.get(value, value.replace(";", ", "))
