"""Secrets as a type of their own, so that no log, traceback or screen shows one by accident (B-45)."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """A code or passphrase: it prints as dots, compares in constant time, and is read only by `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The clear text. Call it where it leaves the process on purpose, and nowhere else."""
        return self._text

    def matches(self, other: Secret) -> bool:
        """Whether both hold the same text, in a time that does not tell where they differ (B-11)."""
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"), other._text.encode("utf-8", "surrogatepass")
        )

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other)

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret(••••)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
