"""The columns of Certificates, and what the pane says of one."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from estconsole.administration import Administration
from estconsole.administration.revoking import is_on_hold
from estconsole.domain.certificate import grouped
from estconsole.domain.model import IssuedCertificate
from screens.certificate_text import EXPIRES_SOON, between_bytes, label_of, serial_groups, time_left, toned
from screens.columns import Column
from screens.lab_view import Clock
from screens.record_rows import RecordColumn, RecordRows
from screens.table import Cell
from screens.text import NONE, hanging, local_moment, shortened

_LABEL = 11


def certificate_rows(now: Clock) -> RecordRows[IssuedCertificate]:
    """The rows of the list of certificates. What is searched is the register, so nothing is searched in them."""
    columns: tuple[RecordColumn[IssuedCertificate], ...] = (
        RecordColumn(
            column=Column(title="subject", least=20, most=48),
            cell=lambda issued: Cell(shortened(str(issued.subject))),
            order=lambda issued: str(issued.subject),
        ),
        RecordColumn(
            column=Column(title="status", least=17, most=24),
            cell=lambda issued: status_cell(issued, now()),
            order=lambda issued: status_cell(issued, now()).text,
        ),
        RecordColumn(
            column=Column(title="serial", least=12, most=24),
            cell=lambda issued: Cell(serial_groups(issued.serial), "faint"),
            order=lambda issued: issued.serial,
        ),
        RecordColumn(
            column=Column(title="expires", least=13, most=22),
            cell=lambda issued: time_left(issued.not_before, issued.not_after, now()),
            order=lambda issued: issued.not_after,
        ),
        RecordColumn(
            column=Column(title="issuing CA", least=12, most=24),
            cell=lambda issued: Cell(shortened(issued.issuing_ca)),
            order=lambda issued: issued.issuing_ca,
        ),
        RecordColumn(
            column=Column(title="entity", least=12, most=24),
            cell=lambda issued: Cell(shortened(issued.username) or NONE, "" if issued.username else "faint"),
            order=lambda issued: issued.username,
        ),
        RecordColumn(
            column=Column(title="for", least=10, most=13),
            cell=lambda issued: Cell(issued.purpose, "faint"),
            order=lambda issued: issued.purpose,
        ),
    )
    return RecordRows(
        columns, key=lambda issued: issued.sha256, text=lambda _: "", noun=("certificate", "certificates")
    )


def status_cell(issued: IssuedCertificate, now: datetime) -> Cell:
    """Whether a certificate counts, as a sign and words."""
    if is_on_hold(issued.revocation):
        return Cell("‖ on hold", "attention")
    if issued.revocation is not None:
        return Cell(f"✗ {issued.revocation.reason}", "bad")
    if now > issued.not_after:
        return Cell("○ expired", "faint")
    if now < issued.not_before:
        return Cell("· not valid yet", "attention")
    return Cell("▲ expires soon", "attention") if issued.not_after - now < EXPIRES_SOON else Cell("● live", "good")


def certificate_pane(issued: IssuedCertificate, administration: Administration, now: datetime, width: int) -> Content:
    """What the pane says of a certificate. It reads the store: call it in a thread."""
    status = toned(status_cell(issued, now))
    if (revocation := issued.revocation) is not None:
        status = Content.assemble(status, f" · since {local_moment(revocation.at)}")
    until = Content.assemble(
        local_moment(issued.not_after), " · ", toned(time_left(issued.not_before, issued.not_after, now))
    )
    rows: list[tuple[str, Content | str]] = [
        ("subject", shortened(str(issued.subject))),
        ("status", status),
        ("for", str(issued.purpose)),
        ("entity", _entity(issued, administration)),
        ("alias", alias_of(issued, administration) or ("gone" if issued.alias_uid else "")),
        ("issuing CA", issued.issuing_ca),
        ("valid from", local_moment(issued.not_before)),
        ("valid to", until),
        ("serial", between_bytes(serial_groups(issued.serial), width - _LABEL)),
        ("SHA-256", between_bytes(grouped(issued.sha256), width - _LABEL)),
        ("request", issued.reference),
    ]
    return Content("\n").join([hanging(label_of(label, _LABEL), value, width) for label, value in rows if value])


def alias_of(issued: IssuedCertificate, administration: Administration) -> str:
    """The name that the alias has now through which a certificate was issued, empty if there is none (B-21)."""
    return next((alias.name for alias in administration.aliases.all() if alias.uid == issued.alias_uid), "")


def _entity(issued: IssuedCertificate, administration: Administration) -> str:
    if not issued.username:
        return ""
    entity = administration.end_entities.get(issued.username)
    if entity is None:
        return f"{shortened(issued.username)}, which is not registered any more"
    earlier = "" if entity.registration == issued.registration else ", of an earlier registration"
    return f"{shortened(issued.username)}, {entity.status.name}{earlier}"
