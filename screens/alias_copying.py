"""What can be copied of an alias: its URLs, the commands that call them, and its options for EJBCA's `config est`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from estconsole.domain.alias_options import AliasContext, alias_options, ca_id
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DistinguishedName
from estconsole.server_control import ServerUrls
from screens.alias_words import alias_urls
from screens.copying import CopiedText
from screens.curl_commands import OWN, VENDORS_OWN, getting, posting
from screens.text import brief

_OWN_OPTIONS = frozenset({"acceptotheraliases", "tlsunique", "certprofile"})
"""What EJBCA's client mode does not know under these keys: it would take them and do nothing."""


def copied_texts(alias: EstAlias, urls: ServerUrls | None, context: AliasContext) -> Iterator[CopiedText]:
    """What there is to copy, each with its key; URLs and commands only where the server serves."""
    yield CopiedText("n", f"name  {alias.name}", alias.name)
    if urls is not None:
        known = alias_urls(urls, alias)
        yield CopiedText("a", f"cacerts URL  {known.cacerts}", known.cacerts)
        yield CopiedText("e", f"enroll URL  {known.enroll}", known.enroll)
        yield CopiedText("r", f"renew URL  {known.renew}", known.renew)
        enroll = posting("device.b64", "device-p7.b64", known.enroll, _credentials(alias))
        renew = posting("device.b64", "renewed-p7.b64", known.renew, OWN)
        yield CopiedText("A", "curl command for cacerts", getting("cacerts-p7.b64", known.cacerts))
        yield CopiedText("E", "curl command for enrolling", enroll)
        yield CopiedText("R", "curl command for renewing", renew)
    yield CopiedText("j", f"EJBCA's config est commands for {brief(alias.name)}", config_est(alias, context))


def config_est(alias: EstAlias, context: AliasContext) -> str:
    """The commands that make this alias on EJBCA, which knows CAs by their ids (B-3); this console's own stay here."""
    named = shlex.quote(alias.name)
    commands = [f"bin/ejbca.sh config est addalias --alias {named}"]
    for key, value in _for_ejbca(alias, {**context.own_cas, **context.vendor_cas}).items():
        commands.append(f"bin/ejbca.sh config est updatealias --alias {named} --key {key} --value {shlex.quote(value)}")
    return "\n".join(commands)


def _credentials(alias: EstAlias) -> str:
    """What authenticates a device on an alias besides its CSR, as curl's options."""
    if alias.vendor_certificate_mode:
        return VENDORS_OWN
    if alias.authentication_module is AuthenticationModule.HTTP_BASIC_AUTH:
        return "-u USERNAME"  # curl asks for the code, which is then in no shell's history
    return ""


def _for_ejbca(alias: EstAlias, cas: Mapping[str, DistinguishedName]) -> dict[str, str]:
    """The options that have a value, with CAs by their ids; a CA that is gone has none."""
    options = {key: value for key, value in alias_options(alias).items() if key not in _OWN_OPTIONS}
    options["defaultca"] = _ids((alias.default_ca or "",), cas)
    options["vendorcaids"] = _ids(alias.vendor_cas, cas)
    return {key: value for key, value in options.items() if value}


def _ids(names: tuple[str, ...], cas: Mapping[str, DistinguishedName]) -> str:
    return ";".join(str(ca_id(cas[name])) for name in names if name in cas)
