"""What can be copied of an alias: its URLs, the commands that call them, and its options for EJBCA's `config est`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from estconsole.domain.alias_options import AliasContext, alias_options, ca_id
from estconsole.domain.model import AuthenticationModule, EstAlias
from estconsole.domain.names import DistinguishedName
from estconsole.server_control import ServerUrls
from screens.alias_words import AliasUrls, alias_urls
from screens.copying import CopiedText
from screens.text import brief

_TRUSTED = "ca.cacert.pem"  # a CA's name may have signs that a shell reads
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
        yield CopiedText("A", "curl command for cacerts", curl_cacerts(known))
        yield CopiedText("E", "curl command for enrolling", curl_enroll(alias, known))
        yield CopiedText("R", "curl command for renewing", curl_renew(known))
    yield CopiedText("j", f"EJBCA's config est commands for {brief(alias.name)}", config_est(alias, context))


def curl_cacerts(urls: AliasUrls) -> str:
    """The command that asks for the alias's CA certificates."""
    return _lines(f"curl --cacert {_TRUSTED} -o cacerts-p7.b64", urls.cacerts)


def curl_enroll(alias: EstAlias, urls: AliasUrls) -> str:
    """The command that enrolls with a CSR in device.b64, whatever authenticates on the alias."""
    credentials = ""
    if alias.vendor_certificate_mode:
        credentials = " --cert vendor-cert.pem --key vendor-key.pem"
    elif alias.authentication_module is AuthenticationModule.HTTP_BASIC_AUTH:
        credentials = " -u USERNAME"  # curl asks for the code, which is then in no shell's history
    return _posting(credentials, "device-p7.b64", urls.enroll)


def curl_renew(urls: AliasUrls) -> str:
    """The command that renews with the certificate that a device got."""
    return _posting(" --cert device-cert.pem --key device.key", "renewed-p7.b64", urls.renew)


def config_est(alias: EstAlias, context: AliasContext) -> str:
    """The commands that make this alias on EJBCA, which knows CAs by their ids (B-3); this console's own stay here."""
    named = shlex.quote(alias.name)
    commands = [f"bin/ejbca.sh config est addalias --alias {named}"]
    for key, value in _for_ejbca(alias, {**context.own_cas, **context.vendor_cas}).items():
        commands.append(f"bin/ejbca.sh config est updatealias --alias {named} --key {key} --value {shlex.quote(value)}")
    return "\n".join(commands)


def _for_ejbca(alias: EstAlias, cas: Mapping[str, DistinguishedName]) -> dict[str, str]:
    """The options that have a value, with CAs by their ids; a CA that is gone has none."""
    options = {key: value for key, value in alias_options(alias).items() if key not in _OWN_OPTIONS}
    options["defaultca"] = _ids((alias.default_ca or "",), cas)
    options["vendorcaids"] = _ids(alias.vendor_cas, cas)
    return {key: value for key, value in options.items() if value}


def _ids(names: tuple[str, ...], cas: Mapping[str, DistinguishedName]) -> str:
    return ";".join(str(ca_id(cas[name])) for name in names if name in cas)


def _posting(credentials: str, answer: str, url: str) -> str:
    return _lines(
        f"curl --cacert {_TRUSTED}{credentials} --data @device.b64 -o {answer}",
        '-H "Content-Type: application/pkcs10" -H "Content-Transfer-Encoding: base64"',
        url,
    )


def _lines(*parts: str) -> str:
    return " \\\n  ".join(parts)
