"""The columns of Vendor CAs, and what the pane says of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from estconsole.administration.vendor_overview import VendorOverview
from estconsole.domain.certificate import grouped
from estconsole.domain.names import DistinguishedName
from estconsole.domain.revocation import CrlSummary
from screens.certificate_text import between_bytes, label_of, time_left, toned
from screens.columns import Column
from screens.lab_view import Clock
from screens.record_rows import RecordColumn, RecordRows
from screens.table import Cell
from screens.text import NONE, counted, days_left, hanging, local_moment, plain, shortened

_LABEL = 11


def vendor_rows(now: Clock) -> RecordRows[VendorOverview]:
    """The rows of the list of vendor CAs."""
    columns: tuple[RecordColumn[VendorOverview], ...] = (
        RecordColumn(
            column=Column(title="vendor CA", least=18, most=40),
            cell=lambda row: Cell(shortened(row.vendor.name)),
            order=lambda row: row.vendor.name,
        ),
        RecordColumn(
            column=Column(title="trust", least=13, most=13),
            cell=lambda row: Cell(
                trust_words(trusted=row.vendor.trusted), "good" if row.vendor.trusted else "attention"
            ),
            order=lambda row: row.vendor.trusted,
        ),
        RecordColumn(
            column=Column(title="expires", least=14, most=22),
            cell=lambda row: time_left(row.facts.not_before, row.facts.not_after, now()),
            order=lambda row: row.facts.not_after,
        ),
        RecordColumn(
            column=Column(title="CRL", least=13, most=18),
            cell=lambda row: _crl_cell(row.crl, now()),
            order=lambda row: row.crl is not None,
        ),
        RecordColumn(
            column=Column(title="aliases", least=10, most=30),
            cell=lambda row: Cell(shortened(", ".join(row.aliases)) or NONE, "" if row.aliases else "faint"),
            order=lambda row: row.aliases,
        ),
        RecordColumn(
            column=Column(title="subject", least=18, most=64),
            cell=lambda row: Cell(shortened(str(row.facts.subject)), "faint"),
            order=lambda row: str(row.facts.subject),
        ),
    )
    return RecordRows(columns, key=lambda row: row.vendor.name, text=_text, noun=("vendor CA", "vendor CAs"))


def trust_words(*, trusted: bool) -> str:
    """Whether devices are let in by a CA, as a sign and words."""
    return "● trusted" if trusted else "○ not trusted"


def vendor_text(row: VendorOverview, distrust: Sequence[str], now: datetime, width: int) -> Content:
    """What the pane says of a vendor CA; `distrust` says what it comes to that it is not trusted."""
    facts = row.facts
    left = time_left(facts.not_before, facts.not_after, now)
    until = Content.assemble(local_moment(facts.not_after), " · ", toned(left))
    remarks = [hanging(Content.styled("▲ ", "$warning"), remark, width) for remark in distrust]
    return Content("\n").join(
        [
            hanging(label_of("subject", _LABEL), shortened(str(facts.subject)), width),
            hanging(label_of("trust", _LABEL), trust_words(trusted=row.vendor.trusted), width),
            *remarks,
            hanging(label_of("listed by", _LABEL), _listed(row.aliases), width),
            hanging(label_of("CRL", _LABEL), _crl_words(row.crl, now), width),
            hanging(label_of("issuer", _LABEL), _issuer(row), width),
            hanging(label_of("valid from", _LABEL), local_moment(facts.not_before), width),
            hanging(label_of("valid to", _LABEL), until, width),
            hanging(label_of("key", _LABEL), str(facts.key), width),
            hanging(label_of("SHA-256", _LABEL), between_bytes(grouped(facts.sha256), width - _LABEL), width),
            hanging(label_of("imported", _LABEL), local_moment(row.vendor.imported_at), width),
        ]
    )


def issuer_words(issuer: DistinguishedName, above: Sequence[str], missing: DistinguishedName | None) -> str:
    """Who issued a CA's certificate, by which names the CAs above it are known here, and which of them is not here."""
    if missing is not None and not above:
        return f"{shortened(str(issuer))} · ▲ not here"
    lacks = [f"▲ {shortened(str(missing))}, not here"] if missing is not None else []
    return f"{shortened(str(issuer))} · {', then '.join([*map(plain, above), *lacks])}"


def crl_words(crl: CrlSummary) -> str:
    """A CRL in short: its number, how many it revokes, and when the next one is due."""
    number = "" if crl.number is None else f"number {crl.number}, "
    due = local_moment(crl.next_update) if crl.next_update else "not said"
    return f"{number}{counted(crl.revoked, 'certificate')} revoked, next update {due}"


def is_stale(crl: CrlSummary, now: datetime) -> bool:
    """Whether a newer CRL should have been there by now: every device is shut out then (B-19)."""
    return crl.next_update is not None and crl.next_update < now


def _listed(aliases: Sequence[str]) -> str:
    return ", ".join(aliases) if aliases else "no alias: devices that it signed enroll nowhere"


def _issuer(row: VendorOverview) -> str:
    if row.facts.is_root:
        return "itself (a root)"
    return issuer_words(row.facts.issuer, row.above, row.missing)


def _crl_words(crl: CrlSummary | None, now: datetime) -> Content:
    if crl is None:
        return Content("none: no certificate of its is known to be revoked")
    if is_stale(crl, now):
        stale = ("▲ stale: every device is shut out until a newer one is imported", "$warning")
        return Content.assemble(stale, f" · {crl_words(crl)}")
    return Content(crl_words(crl))


def _crl_cell(crl: CrlSummary | None, now: datetime) -> Cell:
    if crl is None:
        return Cell("none", "faint")
    if is_stale(crl, now):
        return Cell("▲ stale", "attention")
    return Cell(f"● {days_left(crl.next_update, now)}" if crl.next_update else "● there")


def _text(row: VendorOverview) -> str:
    facts = row.facts
    return "\n".join(
        (
            row.vendor.name,
            str(facts.subject),
            str(facts.issuer),
            facts.sha256,
            grouped(facts.sha256),
            trust_words(trusted=row.vendor.trusted),
            *row.aliases,
        )
    )
