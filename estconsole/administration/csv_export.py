"""End entities as a CSV file, which another lab can import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from estconsole.administration.csv_format import COLUMNS, STATE_COLUMNS, write_rows
from estconsole.domain.model import EntityStatus
from estconsole.progress import NO_PROGRESS, Progress
from estconsole.seals import code_purpose
from estconsole.store.documents import Document
from estconsole.store.store import Store
from estconsole.vault import Vault

_STEP = 256
_SAME_IN_ROWS = (
    "subject",
    "subject_alt_names",
    "issuing_ca",
    "end_entity_profile",
    "certificate_profile",
    "allowed_requests",
    "max_failed_logins",
)


def export_csv(
    store: Store,
    vault: Vault,
    usernames: Sequence[str] | None,
    *,
    with_codes: bool,
    progress: Progress = NO_PROGRESS,
) -> bytes:
    """The end entities of these usernames in their order, or all of them; those that are gone are left out.

    With codes the file holds them in clear. It is made of rows and not of values, of which there may be a hundred
    thousand. Raises VaultError, and Cancelled.
    """
    every = dict(store.end_entities.items())
    aliases = {alias.uid: alias.name for alias in store.aliases.values()}
    chosen = [name for name in (sorted(every) if usernames is None else usernames) if name in every]
    columns = tuple(name for name in (*COLUMNS, *STATE_COLUMNS) if with_codes or name != "code")

    def rows() -> Iterator[list[str]]:
        for number, username in enumerate(chosen):
            if number % _STEP == 0:
                progress.step(number, len(chosen), "Exporting")
            cells = _cells(username, every[username], aliases)
            if with_codes:
                cells["code"] = _code(vault, every[username])
            yield [cells[name] for name in columns]

    return write_rows(columns, rows())


def _cells(username: str, row: Document, aliases: dict[str, str]) -> dict[str, str]:
    names = sorted(aliases[uid] for uid in row["aliases"].split() if uid in aliases)
    return {
        "username": username,
        **{name: str(row[name]) for name in _SAME_IN_ROWS},
        "aliases": " ".join(names),
        "status": EntityStatus(row["status"]).name,
        "remaining_requests": str(row["remaining_requests"]),
        "created": row["created_at"],
        "enrolled": row["enrolled_at"] or "",
    }


def _code(vault: Vault, row: Document) -> str:
    sealed = row["sealed_code"]
    return "" if sealed is None else vault.unseal(sealed, code_purpose(row["registration"])).decode()
