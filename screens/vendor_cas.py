"""Vendor CAs: whose devices may come with the certificate that they were made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from estconsole.domain.model import VendorCa
from screens.columns import Column
from screens.lab_view import LabView
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell
from screens.text import plain

COLUMNS: tuple[RecordColumn[VendorCa], ...] = (
    RecordColumn(
        column=Column(title="vendor CA", least=18, most=40),
        cell=lambda vendor: Cell(plain(vendor.name)),
        order=lambda vendor: vendor.name,
    ),
)


class VendorCasScreen(RecordsScreen[VendorCa]):
    """Lists the vendor CAs; imports them, and switches their trust."""

    PLACE = "vendor_cas"
    TABLES: ClassVar[frozenset[str]] = frozenset({"vendor_cas", "aliases"})
    EMPTY = "No vendor CAs yet. a imports one from a file or the clipboard; the demo lab has two."

    def __init__(self, lab: LabView) -> None:
        rows = RecordRows(
            COLUMNS, key=lambda vendor: vendor.name, text=lambda vendor: vendor.name, noun=("vendor CA", "vendor CAs")
        )
        super().__init__(lab, rows)

    def read(self) -> Sequence[VendorCa]:
        return self.lab.administration.vendor_cas.all()
