"""What turns the documents of an earlier version into this one's, when a store is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from estconsole.store.table import JournalTable

SCHEMA = 2
"""The version of the documents. A store of a later version is refused, not guessed at."""

Tables = Callable[[str], JournalTable]


def _to_2(table: Tables) -> None:
    """Aliases, CAs and end entities get what version 1 did not know, each at what it did without them."""
    _add(table("aliases"), _ALIAS_OPTIONS)
    _add(table("authorities"), {"chain": "", "crl_url": "", "foreign_crl": None})
    _add(table("end_entities"), {"revoked_at": None, "revocation_reason": None})


_ALIAS_OPTIONS = {
    "extract_dn_part_pwd_component": "OU",
    "vendor_certificate_mode": False,
    "vendor_cas": "",
    "allow_change_subject_name": False,
    "server_key_generation": False,
    "tls_unique_required": False,
    "certificate_profile": "TLSEndEntityCertProfile",
}


def _add(table: JournalTable, fields: Mapping[str, Any]) -> None:
    for key, row in tuple(table.rows().items()):
        table.put(key, {**fields, **row})


UPGRADES: Mapping[int, Callable[[Tables], None]] = MappingProxyType({1: _to_2})
"""For each earlier version, the step to the next."""
