"""A store that an earlier version wrote opens, with its options at what they did without being there."""

from __future__ import annotations

from pathlib import Path

import pytest

from estconsole.domain.model import AuthenticationModule, EntityStatus, EstAlias
from estconsole.errors import DatabaseDamagedError
from estconsole.store.store import Store
from estconsole.store.table import JournalDB
from estconsole.store.upgrades import SCHEMA

VERSION_1 = {
    "aliases": {
        "uid-1": {
            "name": "est",
            "extract_username_component": "CN",
            "authentication_module": "ChallengePwd",
            "default_ca": "ManagementCA",
            "allow_update_with_same_key": True,
            "accept_other_aliases": False,
            "revision": 3,
        }
    },
    "authorities": {
        "ManagementCA": {
            "certificate": "AAAA",
            "sealed_key": "sealed",
            "created_at": "2026-01-01T00:00:00+00:00",
            "revision": 0,
        }
    },
    "end_entities": {
        "device": {
            "registration": "first",
            "subject": "CN=device",
            "subject_alt_names": "",
            "issuing_ca": "ManagementCA",
            "end_entity_profile": "TLSClientEEProfile",
            "certificate_profile": "TLSEndEntityCertProfile",
            "token": "USERGENERATED",
            "sealed_code": None,
            "allowed_requests": 1,
            "remaining_requests": 1,
            "max_failed_logins": 10,
            "remaining_logins": 10,
            "aliases": "",
            "status": 10,
            "created_at": "2026-01-01T00:00:00+00:00",
            "modified_at": "2026-01-01T00:00:00+00:00",
            "enrolled_at": None,
            "revision": 0,
        }
    },
    "activities": {
        "1": {
            "at": "2026-01-01T00:00:00+00:00",
            "outcome": "refused",
            "peer": "127.0.0.1",
            "alias": "est",
            "operation": "simpleenroll",
            "username": "device",
            "reason": "wrong_code",
            "milliseconds": 1.5,
            "count": 1,
            "trace": "[]",
            "sealed_request": "",
            "presented": "",
            "issued_sha256": "",
        }
    },
}
"""Rows as version 1 wrote them, one of each kind that has grown since."""


def written(path: Path, schema: str) -> None:
    database = JournalDB(path)
    with database.transaction():
        for table, rows in VERSION_1.items():
            for key, row in rows.items():
                database.table(table).put(key, row)
        database.table("settings").put("schema", {"value": schema})
    database.close()


def test_version_1_opens_and_is_version_2_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lab.json"
    written(path, "1")
    for _ in range(2):  # the second time it is no upgrade any more
        store = Store(path)
        assert store.aliases.values() == (
            EstAlias(
                uid="uid-1",
                name="est",
                authentication_module=AuthenticationModule.CHALLENGE_PWD,
                default_ca="ManagementCA",
                revision=3,
            ),
        )
        (authority,) = store.authorities.values()
        assert (authority.chain, authority.crl_url, authority.foreign_crl) == ((), "", None)
        (entity,) = store.end_entities.values()
        assert (entity.status, entity.revocation) == (EntityStatus.NEW, None)
        (row,) = store.log.latest(9)
        assert not row.http_basic
        assert store.setting("schema") == str(SCHEMA)
        store.close()


@pytest.mark.parametrize("schema", [str(SCHEMA + 1), "x", ""])
def test_a_later_or_unknown_version_is_refused_and_left_alone(tmp_path: Path, schema: str) -> None:
    path = tmp_path / "lab.json"
    written(path, schema)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(DatabaseDamagedError, match="version"):
        Store(path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
