"""Aliases: what EST clients find under each label, and what it asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from estconsole.domain.model import EstAlias
from screens.columns import Column
from screens.lab_view import LabView
from screens.record_rows import RecordColumn, RecordRows
from screens.records_screen import RecordsScreen
from screens.table import Cell
from screens.text import plain

COLUMNS: tuple[RecordColumn[EstAlias], ...] = (
    RecordColumn(
        column=Column(title="alias", least=12, most=32),
        cell=lambda alias: Cell(plain(alias.name)),
        order=lambda alias: alias.name,
    ),
)


class AliasesScreen(RecordsScreen[EstAlias]):
    """Lists the EST aliases; adds, edits, renames and removes them."""

    PLACE = "aliases"
    TABLES: ClassVar[frozenset[str]] = frozenset({"aliases"})
    EMPTY = "No aliases yet. a adds one: it is the label in the URL that devices call."

    def __init__(self, lab: LabView) -> None:
        rows = RecordRows(
            COLUMNS, key=lambda alias: alias.name, text=lambda alias: alias.name, noun=("alias", "aliases")
        )
        super().__init__(lab, rows)

    def read(self) -> Sequence[EstAlias]:
        return self.lab.administration.aliases.all()
