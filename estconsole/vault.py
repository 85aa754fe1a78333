"""The vault: CA keys, enrollment codes and request bytes rest sealed under a key of the data directory (B-45)."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from estconsole.errors import VaultError

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = "1"
"""Stands before each sealed text, so that another algorithm can follow."""


class Vault:
    """Seals and opens values with AES-256-GCM; each is bound to its purpose, so none can take another's place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def open(cls, path: Path, *, create: bool) -> Vault:
        """The vault of a key file, which is made with mode 0600 when `create` allows it. Raises VaultError."""
        if create and not path.exists():
            _write_key(path, secrets.token_bytes(KEY_BYTES))
        try:
            path.chmod(0o600)  # a backup that was restored may have lost its mode
            key = path.read_bytes()
        except OSError as error:
            raise VaultError(
                f"The key file {path} cannot be read: {error.strerror}.",
                "Restore it from a backup: without it, the CA keys and codes of this data directory cannot be opened.",
            ) from error
        if len(key) != KEY_BYTES:
            raise VaultError(f"The key file {path} is damaged.", "Restore it from a backup.")
        return cls(key)

    def seal(self, value: bytes, purpose: str) -> str:
        """`value` sealed for `purpose`, a text such as `code:<registration>`, as ASCII text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, value, purpose.encode())
        return f"{_VERSION}.{base64.b64encode(nonce + sealed).decode()}"

    def unseal(self, text: str, purpose: str) -> bytes:
        """What was sealed for the same purpose under the same key. Raises VaultError for anything else."""
        try:
            raw = base64.b64decode(text.removeprefix(f"{_VERSION}."), validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            kind = purpose.partition(":")[0]
            raise VaultError(
                f"A sealed value ({kind}) cannot be opened.",
                "The key file is not the one that sealed it, or the store was changed by hand; restore both together.",
            ) from error


def _write_key(path: Path, key: bytes) -> None:
    """Written under another name first, so that a crash leaves no half a key."""
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
