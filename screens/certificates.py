"""Certificates: what this lab issued, to whom, and whether it still counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from estconsole.domain.model import IssuedCertificate
from screens.columns import Column
from screens.lab_view import LabView
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell
from screens.text import plain

COLUMNS: tuple[RecordColumn[IssuedCertificate], ...] = (
    RecordColumn(
        column=Column(title="subject", least=20, most=64), cell=lambda issued: Cell(plain(str(issued.subject)))
    ),
)


class CertificatesScreen(RecordsScreen[IssuedCertificate]):
    """Lists the issued certificates; shows, exports and revokes them."""

    PLACE = "certificates"
    PANE_BELOW = False
    TABLES: ClassVar[frozenset[str]] = frozenset({"certificates"})
    EMPTY = "No certificates yet."

    def __init__(self, lab: LabView) -> None:
        rows = RecordRows(
            COLUMNS,
            key=lambda issued: issued.sha256,
            text=lambda issued: f"{issued.subject}\n{issued.serial:x}\n{issued.sha256}",
            noun=("certificate", "certificates"),
        )
        super().__init__(lab, rows)

    def read(self) -> Sequence[IssuedCertificate]:
        return self.lab.administration.certificates.all()
