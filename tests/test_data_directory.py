"""The data directory: owned by one process, and as private as what it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estconsole.data_directory import ENVIRONMENT_VARIABLE, DataDirectory, default_location
from estconsole.errors import DatabaseDamagedError, DataDirectoryInUseError, DataDirectoryUnusableError, VaultError
from tests.labs import add, demo_lab


def modes(directory: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in directory.iterdir()}


def test_the_directory_and_its_files_are_the_owners_alone(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"):
        assert (tmp_path / "lab").stat().st_mode & 0o777 == 0o700
        assert set(modes(tmp_path / "lab").values()) == {0o600}
    assert set(modes(tmp_path / "lab").values()) == {0o600}


def test_a_second_console_says_who_holds_the_directory(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"):
        with pytest.raises(DataDirectoryInUseError) as caught, demo_lab(tmp_path / "lab"):
            pass
        assert f"process {os.getpid()}" in caught.value.title
        assert "a test" in caught.value.title
    with demo_lab(tmp_path / "lab"):
        pass


def test_another_process_is_held_off_too_and_let_in_afterwards(tmp_path: Path) -> None:
    script = "import sys, pathlib, estconsole.data_directory as d; d.DataDirectory(pathlib.Path(sys.argv[1]), 'x')"
    command = [sys.executable, "-c", script, str(tmp_path / "lab")]
    with demo_lab(tmp_path / "lab"):
        held = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "DataDirectoryInUseError" in held.stderr
    subprocess.run(command, check=True)


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DataDirectoryUnusableError, match=r"thesis\.tex"), demo_lab(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("")
    with pytest.raises(DataDirectoryUnusableError) as caught, demo_lab(tmp_path / "lab"):
        pass
    assert "--data-dir" in caught.value.hint


@pytest.mark.parametrize("path", ["/proc/lab", "/dev/null/lab"])
def test_a_directory_that_cannot_be_made_is_told(path: str) -> None:
    with pytest.raises(DataDirectoryUnusableError), demo_lab(Path(path)):
        pass


def test_a_corrupt_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"):
        pass
    database = tmp_path / "lab" / "lab.json"
    damaged = database.read_bytes().replace(b'"username"', b'"usernane"', 1).replace(b"est", b"tse", 1)
    database.write_bytes(damaged)
    with pytest.raises(DatabaseDamagedError) as caught, demo_lab(tmp_path / "lab"):
        pass
    assert "lab.json" in caught.value.title
    assert "backup" in caught.value.hint
    assert database.read_bytes() == damaged


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab") as lab:
        lab._store.put_setting("schema", "99")
    with pytest.raises(DatabaseDamagedError, match="version 99"), demo_lab(tmp_path / "lab"):
        pass


def test_a_lost_key_file_is_told_and_not_made_anew(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"):
        pass
    (tmp_path / "lab" / "vault.key").unlink()
    with pytest.raises(VaultError), demo_lab(tmp_path / "lab"):
        pass
    assert not (tmp_path / "lab" / "vault.key").exists()


def test_the_key_file_of_another_lab_is_refused(tmp_path: Path) -> None:
    """A lab under two keys would lose what was sealed under the first."""
    for name in ("lab", "other"):
        with demo_lab(tmp_path / name):
            pass
    own = (tmp_path / "lab" / "vault.key").read_bytes()
    (tmp_path / "lab" / "vault.key").write_bytes((tmp_path / "other" / "vault.key").read_bytes())
    with pytest.raises(VaultError), demo_lab(tmp_path / "lab"):
        pass
    (tmp_path / "lab" / "vault.key").write_bytes(own)
    with demo_lab(tmp_path / "lab"):
        pass


def test_no_home_directory_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user without a passwd entry. Its absence is simulated: this test's user has one."""

    def nobody(_: str) -> str:
        return "~"

    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", nobody)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "~/lab")
    with pytest.raises(DataDirectoryUnusableError) as caught:
        default_location(demo=False)
    assert "--data-dir" in caught.value.hint


def test_a_directory_that_is_too_open_is_closed_to_others_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir(mode=0o755)
    with demo_lab(tmp_path / "lab"):
        assert (tmp_path / "lab").stat().st_mode & 0o777 == 0o700


def test_erasing_removes_the_lab_and_nothing_else(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab") as lab:
        add(lab, "gone")
    (tmp_path / "lab" / "estconsole.log").write_text("")
    copies = ("notes.txt", "lab.json.mine", "vault.key.bak")
    for name in copies:
        (tmp_path / "lab" / name).write_text("mine")
    directory = DataDirectory(tmp_path / "lab", "a test")
    directory.erase()
    directory.close()
    assert {file.name for file in (tmp_path / "lab").iterdir()} == {*copies, "lab.lock"}
    for name in copies:
        (tmp_path / "lab" / name).unlink()
    with demo_lab(tmp_path / "lab") as lab:
        assert [entity.username for entity in lab.administration.end_entities.all()] == [
            "1234.primekey.com",
            "123456789",
            "registered_client",
        ]


def test_the_variable_names_the_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "named"))
    assert default_location(demo=True) == tmp_path / "named"
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert default_location(demo=True) != default_location(demo=False)
    if sys.platform == "linux":
        assert default_location(demo=False) == tmp_path / "share" / "estconsole" / "lab"


def test_the_snapshot_is_a_plain_tinydb_file(tmp_path: Path) -> None:
    with demo_lab(tmp_path / "lab"):
        pass
    tables = json.loads((tmp_path / "lab" / "lab.json").read_text())
    assert set(tables["end_entities"]) == {"1234.primekey.com", "123456789", "registered_client"}
