"""Where one can go from a CA, what can be copied of it, and the URLs at which the server publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from estconsole.administration import Administration
from estconsole.administration.authorities import AuthorityOverview
from estconsole.administration.certificate_words import KnownIssuer
from estconsole.domain.certificate import grouped
from estconsole.messages import OpenRecord
from estconsole.server_control import ServerState
from screens.copying import CopiedText
from screens.dialogs import Choice
from screens.server_view import authority_url
from screens.text import brief, shortened

_MOST_ALIASES = 9
"""One digit each."""


def copied_of(overview: AuthorityOverview, pem: str, state: ServerState) -> Iterator[CopiedText]:
    """What of a CA can be copied."""
    subject, name = str(overview.facts.subject), overview.name
    yield CopiedText("n", f"name  {name}", name)
    yield CopiedText("s", f"subject  {subject}", subject)
    yield CopiedText("f", "SHA-256 fingerprint", grouped(overview.facts.sha256))
    yield CopiedText("p", "certificate as PEM", pem)
    if url := authority_url(state, name):
        yield CopiedText("a", f"URL of the certificate  {url}", url)
    if url := published_crl_url(state, name):
        yield CopiedText("r", f"URL of the CRL, as the server has it now  {url}", url)
    if url := overview.authority.crl_url:
        yield CopiedText("l", f"CRL URL in its certificates  {shortened(url)}", url)


def published_crl_url(state: ServerState, name: str) -> str:
    """Where the server publishes a CA's CRL, empty while it does not serve."""
    return f"{state.urls.public}/crl/{quote(name, safe='')}.crl" if state.urls else ""


def published_urls(state: ServerState, name: str) -> tuple[str, ...]:
    """Where the server publishes a CA's certificate and its CRL."""
    return tuple(url for url in (authority_url(state, name), published_crl_url(state, name)) if url)


def issuer_record(issuer: KnownIssuer) -> OpenRecord:
    """What leads to the CA that issued a certificate: one of this lab, or a vendor's."""
    return OpenRecord("authorities" if issuer.own else "vendor_cas", issuer.name)


def links_of(administration: Administration, overview: AuthorityOverview) -> Iterator[tuple[Choice, OpenRecord]]:
    """The records that a CA leads to. It reads the store: call it in a thread."""
    name = overview.name
    if overview.parent:
        yield Choice("i", f"issuer  {brief(overview.parent)}", "i"), OpenRecord("authorities", overview.parent)
    elif overview.vendor:
        yield Choice("i", f"issuer  {brief(overview.vendor)}", "i"), OpenRecord("vendor_cas", overview.vendor)
    if administration.certificates.get(sha256 := overview.facts.sha256) is not None:
        yield Choice("c", "its certificate's record", "c"), OpenRecord("certificates", sha256)
    if own := administration.end_entities.usernames(issuing_ca=name):
        more = f", the first of {len(own):,}" if len(own) > 1 else ""
        yield Choice("e", f"end entity  {brief(own[0])}{more}", "e"), OpenRecord("end_entities", own[0])
    for number, alias in enumerate(overview.aliases[:_MOST_ALIASES], 1):
        yield Choice(str(number), f"alias  {brief(alias)}", str(number)), OpenRecord("aliases", alias)
