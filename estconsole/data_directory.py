"""The data directory: where it is, who owns it, and what it may hold."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from estconsole.errors import DataDirectoryInUseError, DataDirectoryUnusableError

ENVIRONMENT_VARIABLE = "ESTCONSOLE_DATA_DIR"
DATABASE = "lab.json"
VAULT_KEY = "vault.key"
LOG = "estconsole.log"
CRASH = "crash-"
_OWN_FILES = re.compile(
    r"lab\.json(\.tmp|\.journal\.[0-9]+)?|vault\.(key|new)|estconsole\.log(\.[0-9]+)?|crash-[0-9TZ-]+\.txt"
)
_LOCK = "lab.lock"
_OWNER = "owner.json"


def default_location(*, demo: bool) -> Path:
    """Where a lab rests when nothing names a directory: the variable, else what the platform's conventions say.

    Raises DataDirectoryUnusableError where neither names one.
    """
    try:
        named = os.environ.get(ENVIRONMENT_VARIABLE)
        if named:
            return Path(named).expanduser()
        return user_data_path("estconsole", appauthor=False) / ("demo" if demo else "lab")
    except RuntimeError as error:
        raise DataDirectoryUnusableError(
            "No home directory is known for this user, so there is no default place for a lab.",
            f"Name a directory with --data-dir or {ENVIRONMENT_VARIABLE}.",
        ) from error


class DataDirectory:
    """A directory that this process owns until it is closed. Mode 0700; its lock file says who holds it."""

    def __init__(self, path: Path, owner: str) -> None:
        self.path = path
        _prepare(path)
        self._lock = FileLock(path / _LOCK, timeout=0, mode=0o600)
        try:
            self._lock.acquire()
        except Timeout:
            raise _in_use(path) from None
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            _write_owner(path / _OWNER, owner)
        except OSError as error:
            self._lock.release()
            raise _unusable(path, error) from error

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    @property
    def vault_key(self) -> Path:
        return self.path / VAULT_KEY

    @property
    def is_new(self) -> bool:
        """Whether no lab was ever made here."""
        return not any(self.path.glob(f"{DATABASE}*"))

    def erase(self) -> None:
        """Remove the lab's own files and its log, and nothing else that may lie here, such as a copy of them."""
        for file in tuple(self.path.iterdir()):
            if _OWN_FILES.fullmatch(file.name):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """Let another process own the directory."""
        with contextlib.suppress(OSError):
            (self.path / _OWNER).unlink(missing_ok=True)
        self._lock.release()


def _prepare(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        strangers = [entry.name for entry in path.iterdir() if not _is_ours(entry.name)]
        if strangers and not any(path.glob(f"{DATABASE}*")):
            raise DataDirectoryUnusableError(
                f"{path} holds other files ({', '.join(sorted(strangers)[:3])}) and no lab.",
                "Name an empty directory, or one that does not exist yet.",
            )
        if path.stat().st_mode & 0o077:
            path.chmod(path.stat().st_mode & 0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise _unusable(path, error) from error


def _is_ours(name: str) -> bool:
    return name.startswith((DATABASE, VAULT_KEY.partition(".")[0] + ".", LOG, CRASH, _LOCK, _OWNER))


def _unusable(path: Path, error: OSError) -> DataDirectoryUnusableError:
    return DataDirectoryUnusableError(
        f"The data directory {path} cannot be used: {error.strerror or error}.",
        f"Name one that can be written with --data-dir or {ENVIRONMENT_VARIABLE}.",
    )


def _in_use(path: Path) -> DataDirectoryInUseError:
    try:
        owner: dict[str, Any] = json.loads((path / _OWNER).read_text())
        holder = f"{owner['owner']}, process {owner['pid']} on {owner['host']} since {owner['since']}"
    except (OSError, ValueError, KeyError):
        holder = "another process"
    return DataDirectoryInUseError(
        f"The data directory {path} is in use by {holder}.",
        "Stop that process, or name another directory with --data-dir.",
    )


def _write_owner(path: Path, owner: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps({"owner": owner, "pid": os.getpid(), "host": socket.gethostname(), "since": since})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
