"""CAs: the roots and sub CAs of this lab, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from estconsole.domain.model import CertificationAuthority
from screens.columns import Column
from screens.lab_view import LabView
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell
from screens.text import plain

COLUMNS: tuple[RecordColumn[CertificationAuthority], ...] = (
    RecordColumn(column=Column(title="CA", least=18, most=40), cell=lambda authority: Cell(plain(authority.name))),
)


class AuthoritiesScreen(RecordsScreen[CertificationAuthority]):
    """Shows the CAs as a tree; creates, imports, exports and renews them."""

    PLACE = "authorities"
    TABLES: ClassVar[frozenset[str]] = frozenset({"authorities", "aliases", "end_entities", "crls"})
    EMPTY = "No CAs yet. a creates one."

    def __init__(self, lab: LabView) -> None:
        rows = RecordRows(
            COLUMNS, key=lambda authority: authority.name, text=lambda authority: authority.name, noun=("CA", "CAs")
        )
        super().__init__(lab, rows)

    def read(self) -> Sequence[CertificationAuthority]:
        return self.lab.administration.authorities.all()
