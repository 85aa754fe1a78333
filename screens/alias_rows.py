"""The rows of Aliases: an alias with what is odd about it and how many end entities name it."""

from __future__ import annotations

from dataclasses import dataclass

from estconsole.administration import Administration
from estconsole.domain.alias_options import alias_warnings
from estconsole.domain.model import EstAlias
from screens.alias_words import INCOMPLETE, authentication
from screens.columns import Column
from screens.record_rows import RecordColumn, RecordRows
from screens.table import Cell
from screens.text import NONE, counted, shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """An alias as it is listed. `bound` end entities name it; `unbound` ones name none, and may use any (B-8)."""

    alias: EstAlias
    warnings: tuple[str, ...] = ()
    bound: int = 0
    unbound: int = 0


def read_aliases(administration: Administration) -> tuple[AliasRow, ...]:
    """Every alias with what is odd about it by itself. It reads the store: call it in a thread."""
    context, bound = administration.aliases.context(), administration.aliases.bound()
    return tuple(
        AliasRow(
            alias=alias,
            warnings=alias_warnings(alias, context),
            bound=bound.get(alias.uid, 0),
            unbound=bound.get("", 0),
        )
        for alias in administration.aliases.all()
    )


def alias_rows() -> RecordRows[AliasRow]:
    """The rows of the list of aliases."""
    columns: tuple[RecordColumn[AliasRow], ...] = (
        RecordColumn(
            column=Column(title="alias", least=10, most=32),
            cell=lambda row: Cell(shortened(row.alias.name)),
            order=lambda row: row.alias.name,
        ),
        RecordColumn(
            column=Column(title="devices bring", least=18, most=24),
            cell=lambda row: _authentication_cell(row.alias),
            order=lambda row: authentication(row.alias),
        ),
        RecordColumn(
            column=Column(title="mode", least=6, most=6),
            cell=lambda row: Cell("vendor" if row.alias.vendor_certificate_mode else "client"),
            order=lambda row: row.alias.vendor_certificate_mode,
        ),
        RecordColumn(
            column=Column(title="CA Name", least=12, most=32),
            cell=lambda row: Cell(shortened(row.alias.default_ca or NONE), "faint"),
            order=lambda row: row.alias.default_ca or "",
        ),
        RecordColumn(
            column=Column(title="state", least=12, most=13),
            cell=_state_cell,
            order=lambda row: len(row.warnings),
        ),
        RecordColumn(
            column=Column(title="keygen", least=6, most=6),
            cell=lambda row: Cell("on" if row.alias.server_key_generation else NONE, "faint"),
            order=lambda row: row.alias.server_key_generation,
        ),
        RecordColumn(
            column=Column(title="bound", least=6, most=9, right=True),
            cell=lambda row: Cell(f"{row.bound:,}" if row.bound else NONE, "faint"),
            order=lambda row: row.bound,
        ),
    )
    return RecordRows(columns, key=lambda row: row.alias.name, text=_text, noun=("alias", "aliases"))


def _authentication_cell(alias: EstAlias) -> Cell:
    words = authentication(alias)
    return Cell(words, "attention" if words == INCOMPLETE else "")


def _state_cell(row: AliasRow) -> Cell:
    return (
        Cell(f"▲ {counted(len(row.warnings), 'warning')}", "attention") if row.warnings else Cell("● complete", "good")
    )


def _text(row: AliasRow) -> str:
    alias = row.alias
    return "\n".join((alias.name, authentication(alias), alias.default_ca or "", *alias.vendor_cas, *row.warnings))
