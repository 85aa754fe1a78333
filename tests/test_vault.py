"""The vault: what is sealed opens for its purpose alone, and the key file is as it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from estconsole.errors import VaultError
from estconsole.vault import Vault


def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path / "vault.key", create=True)


def test_what_is_sealed_opens_again_also_after_a_restart(tmp_path: Path) -> None:
    sealed = vault(tmp_path).seal(b"password", "code:1")
    assert Vault.open(tmp_path / "vault.key", create=False).unseal(sealed, "code:1") == b"password"
    assert "password" not in sealed


def test_a_value_put_in_anothers_place_does_not_open(tmp_path: Path) -> None:
    opened = vault(tmp_path)
    with pytest.raises(VaultError, match="code"):
        opened.unseal(opened.seal(b"password", "code:1"), "code:2")


@pytest.mark.parametrize("damage", ["", "1.", "1.AAAA", "2.AAAA", "not base64 at all", "1.é"])
def test_what_is_not_a_sealed_value_does_not_open(tmp_path: Path, damage: str) -> None:
    with pytest.raises(VaultError):
        vault(tmp_path).unseal(damage, "code:1")


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    opened = vault(tmp_path)
    sealed = opened.seal(b"password", "code:1")
    changed = sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:]
    with pytest.raises(VaultError):
        opened.unseal(changed, "code:1")


def test_the_key_file_is_the_owners_alone(tmp_path: Path) -> None:
    vault(tmp_path)
    assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["vault.key"]


def test_a_key_file_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    vault(tmp_path)
    (tmp_path / "vault.key").chmod(0o644)
    vault(tmp_path)
    assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600


def test_a_missing_key_is_not_made_anew_for_an_old_lab(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot be read") as caught:
        Vault.open(tmp_path / "vault.key", create=False)
    assert "backup" in caught.value.hint


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "vault.key").write_bytes(b"short")
    with pytest.raises(VaultError, match="damaged"):
        Vault.open(tmp_path / "vault.key", create=True)
