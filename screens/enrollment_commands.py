"""The openssl and curl commands with which a device enrolls and renews, for an end entity on an alias (B-16, B-17)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from estconsole.domain.model import AuthenticationModule, EndEntity, EstAlias
from estconsole.domain.names import (
    WHOLE_DN,
    DistinguishedName,
    GeneralName,
    NameSyntaxError,
    SanKind,
    name_of_one,
    parse_dn,
    username_in,
)
from estconsole.domain.secret import Secret
from screens.alias_words import AliasUrls
from screens.curl_commands import OWN, TRUSTED, VENDORS_OWN, fetching_ca, posting

CODE_PLACE = "<its enrollment code>"
"""What stands for the code as long as nobody asked for it (B-45)."""

_CONFIG_SPECIAL = re.compile(r"([^\w \-.:/@+=()*?!&%|~^,;])")
_SAN_PREFIXES = {
    SanKind.DNS_NAME: "DNS",
    SanKind.IP_ADDRESS: "IP",
    SanKind.RFC822_NAME: "email",
    SanKind.URI: "URI",
    SanKind.REGISTERED_ID: "RID",
}


@dataclass(frozen=True, slots=True)
class _Request:
    """What a CSR carries: DN lines, a challengePassword and alternative names."""

    subject: tuple[str, ...]
    challenge: str = field(default="", repr=False)
    names: str = ""


def enrollment_commands(
    entity: EndEntity, alias: EstAlias, authority: str, urls: AliasUrls, code: Secret | None = None
) -> str:
    """The commands in order, to be pasted into a POSIX shell: trust, request, enroll, renew.

    `authority` is the URL of the CA's certificate. Without a code a placeholder stands for it. A shell takes nothing of
    what is registered for its own.
    """
    shown = CODE_PLACE if code is None else code.reveal()
    initial, renewal = _initial(entity, alias, shown), _renewal(entity)
    lines = [
        "# The CA that the server's certificate comes from: compare its fingerprint before you trust it",
        fetching_ca(authority),
        f"openssl x509 -in {TRUSTED} -noout -fingerprint -sha256",
        "",
    ]
    if alias.vendor_certificate_mode:
        lines += _by_vendor_certificate(urls.enroll)
    elif alias.authentication_module is None:
        lines += ["# This alias has no authentication module and no vendor mode: no device enrolls there (B-5)"]
    else:
        lines += _by_code(entity, alias, urls.enroll, initial, shown)
    lines += ["", "# Renew with the certificate, under a new key", *_new_key("renewed", renewal)]
    lines += _sent("renewed", urls.renew, OWN)
    return "\n".join(lines)


def _by_code(entity: EndEntity, alias: EstAlias, url: str, request: _Request, code: str) -> Iterator[str]:
    module = alias.authentication_module
    where = {
        AuthenticationModule.CHALLENGE_PWD: "as its challengePassword",
        AuthenticationModule.DN_PART_PWD: f"in the {alias.extract_dn_part_pwd_component} of its subject",
    }
    carried = f"; it carries the code {where[module]}" if module in where else ""
    yield f"# A key and a certificate signing request{carried}"
    yield from _new_key("device", request)
    yield ""
    yield "# Enroll" + ("" if module in where else "; user name and code go by HTTP Basic")
    basic = "" if module in where else f"-u {shlex.quote(f'{entity.username}:{code}')}"
    yield from _sent("device", url, basic)


def _by_vendor_certificate(url: str) -> Iterator[str]:
    yield "# Enroll with the vendor's certificate and its key, vendor-cert.pem and vendor-key.pem, under its subject"
    subject = "$(openssl x509 -in vendor-cert.pem -noout -subject -nameopt compat | sed 's/^subject= *//')"
    yield f'openssl req -new -nodes -newkey rsa:2048 -keyout device.key -subj "{subject}" -outform DER -out device.csr'
    yield "openssl base64 -e -in device.csr -out device.b64"
    yield from _sent("device", url, VENDORS_OWN)


def _new_key(name: str, request: _Request) -> Iterator[str]:
    yield f"cat > {name}.conf <<'END'"
    yield "[ req ]"
    yield "prompt = no"
    yield "utf8 = yes"
    yield "string_mask = utf8only"
    yield "distinguished_name = subject"
    if request.challenge:
        yield "attributes = attributes"
    if request.names:
        yield "req_extensions = extensions"
    yield "[ subject ]"
    yield from request.subject
    if request.challenge:
        yield "[ attributes ]"
        yield f"challengePassword = {request.challenge}"
    if request.names:
        yield "[ extensions ]"
        yield f"subjectAltName = {request.names}"
    yield "END"
    yield (
        f"openssl req -new -nodes -newkey rsa:2048 -keyout {name}.key -config {name}.conf -outform DER -out {name}.csr"
    )
    yield f"openssl base64 -e -in {name}.csr -out {name}.b64"


def _sent(name: str, url: str, credentials: str) -> Iterator[str]:
    yield posting(f"{name}.b64", f"{name}-p7.b64", url, credentials)
    yield f"openssl base64 -d -in {name}-p7.b64 -out {name}-p7.der"
    yield f"openssl pkcs7 -inform DER -in {name}-p7.der -print_certs -out {name}-cert.pem"


def _initial(entity: EndEntity, alias: EstAlias, code: str) -> _Request:
    subject = list(_subject_lines(_named(entity, alias)))
    if alias.authentication_module is AuthenticationModule.DN_PART_PWD:
        component = alias.extract_dn_part_pwd_component
        subject = [line for line in subject if not re.match(rf"(\+?[0-9]+\.)?\+?{component} =", line)]
        return _Request((*subject, f"{component} = {_config(code)}"))
    by_challenge = alias.authentication_module is AuthenticationModule.CHALLENGE_PWD
    return _Request(tuple(subject), _config(code) if by_challenge else "")


def _renewal(entity: EndEntity) -> _Request:
    """Subject and names of a renewal are those of the certificate (RFC 7030 4.2.2), which has the registered ones."""
    return _Request(tuple(_subject_lines(entity.subject)), names=_san_text(sorted(entity.subject_alt_names, key=str)))


def _named(entity: EndEntity, alias: EstAlias) -> DistinguishedName:
    """A subject that names the end entity where the alias looks: its own, if that does; else its username alone."""
    component = alias.extract_username_component
    if username_in(entity.subject, component) == (entity.username,):
        return entity.subject
    if component != WHOLE_DN:
        return name_of_one(component, entity.username)
    try:
        return parse_dn(entity.username)
    except NameSyntaxError:
        return entity.subject


def _subject_lines(subject: DistinguishedName) -> Iterator[str]:
    """A DN as openssl's configuration has it: a number before each name, so that a field may come twice."""
    for number, rdn in enumerate(subject.rdns):
        for place, attribute in enumerate(rdn):
            yield f"{number}.{'+' if place else ''}{attribute.label} = {_config(attribute.value)}"


def _san_text(names: Sequence[GeneralName]) -> str:
    return ",".join(f"{_SAN_PREFIXES[name.kind]}:{_config(name.value)}" for name in names if name.kind in _SAN_PREFIXES)


def _config(value: str) -> str:
    """A value as openssl's configuration reads it back: what means something there has a backslash before it.

    White space around a value is none of it, but in quotes.
    """
    if value == CODE_PLACE:
        return value
    escaped = _CONFIG_SPECIAL.sub(r"\\\1", value)
    return escaped if value == value.strip() else f'"{escaped}"'
