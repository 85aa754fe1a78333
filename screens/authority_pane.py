"""The pane of a CA: who it is, who signed it, how long it holds, its CRL, and what depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from estconsole.administration.authorities import AuthorityOverview
from estconsole.domain.certificate import grouped
from estconsole.domain.revocation import CrlSummary
from screens.certificate_text import between_bytes, label_of, time_left, toned
from screens.text import MUTED, counted, hanging, local, local_moment, plain, shortened

_LABEL = 13


def authority_lines(
    overview: AuthorityOverview, dependents: Sequence[str], urls: Sequence[str], now: datetime, width: int
) -> Content:
    """What the pane says of a CA, in lines of at most `width` cells. `urls` are where the server publishes it."""
    facts, crl_url = overview.facts, overview.authority.crl_url
    dates = f"{local(facts.not_before):%Y-%m-%d} to {local(facts.not_after):%Y-%m-%d}"
    rows = [
        ("subject", Content(shortened(str(facts.subject)))),
        ("signed by", Content("" if facts.is_root else _signed_by(overview))),
        ("valid", Content.assemble(f"{dates} · ", toned(time_left(facts.not_before, facts.not_after, now)))),
        ("revoked", Content.styled(f"✗ {overview.revocation}" if overview.revocation else "", "$error")),
        ("issued", Content(_issued(overview))),
        ("needed by", Content(shortened(", ".join(dependents)) or "nothing: it can be deleted")),
        ("CRL", _crl(overview.crl, now)),
        ("SHA-256", between_bytes(grouped(facts.sha256), width - _LABEL)),
        ("CRL URL", Content(shortened(crl_url) or "none: its certificates do not say where its CRL is")),
        *(("published at" if not number else "", Content(plain(url))) for number, url in enumerate(urls)),
    ]
    title = Content.assemble((shortened(overview.name), "bold"), (f"  {_kind(overview)}, {facts.key}", MUTED))
    return Content("\n").join([title, *(hanging(label_of(label, _LABEL), text, width) for label, text in rows if text)])


def _signed_by(overview: AuthorityOverview) -> str:
    """What stands right above a sub CA, and where that is."""
    if overview.parent:
        return plain(overview.parent)
    if overview.vendor:
        return f"{plain(overview.vendor)}, a vendor CA"
    return f"{shortened(str(overview.facts.issuer))}, which is not in this lab"


def _kind(overview: AuthorityOverview) -> str:
    return "root CA" if overview.facts.is_root else "sub CA"


def _issued(overview: AuthorityOverview) -> str:
    named = counted(overview.end_entities, "end entity", "end entities")
    aliases = f"; aliases {plain(', '.join(overview.aliases))}" if overview.aliases else ""
    return f"{counted(overview.certificates, 'certificate')}, and signs for {named}{aliases}"


def _crl(crl: CrlSummary | None, now: datetime) -> Content:
    if crl is None:
        return Content.styled("▲ none is issued yet", "$warning")
    number = "" if crl.number is None else f"no. {crl.number:,} "
    issued = f"{number}of {local_moment(crl.this_update)}, {counted(crl.revoked, 'certificate')} revoked"
    if crl.next_update is None:
        return Content(issued)
    if crl.next_update < now:
        return Content.assemble(f"{issued}, ", (f"▲ overdue since {local_moment(crl.next_update)}", "$warning"))
    return Content(f"{issued}, the next by {local_moment(crl.next_update)}")
