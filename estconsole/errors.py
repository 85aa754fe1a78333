"""Errors that the operator can do something about: one root with a title and a hint, rendered by every front alike."""

from __future__ import annotations

from pathlib import Path

from estconsole.domain.problems import FieldProblem


class EstConsoleError(Exception):
    """What went wrong in one sentence, and what to do about it in another."""

    def __init__(self, title: str, hint: str) -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.title} {self.hint}"


class DataDirectoryInUseError(EstConsoleError):
    """Another process owns the data directory."""


class DataDirectoryUnusableError(EstConsoleError):
    """The data directory cannot be made, read or written."""


class DatabaseDamagedError(EstConsoleError):
    """A file of the store is corrupt, or of a version that this program does not know."""


class VaultError(EstConsoleError):
    """A sealed value cannot be opened, or the key file is missing or damaged."""


class SettingsError(EstConsoleError):
    """An option does not go with the settings that the lab keeps, or the operator's own settings cannot be read."""


class PortUnavailableError(EstConsoleError):
    """A listener cannot be bound: the port is taken, not permitted, or the address is not this machine's.

    `problem` says it of the setting that it is about, where it is about one; the hint names command line options.
    """

    def __init__(self, title: str, hint: str, problem: FieldProblem | None = None) -> None:
        super().__init__(title, hint)
        self.problem = problem


class NoAuthorityError(EstConsoleError):
    """The lab has no CA yet, or none in date, so the server has no certificate to show."""


class ServerFaultError(EstConsoleError):
    """The embedded server did not start or stop as it should."""


class ReadOnlyError(EstConsoleError):
    """An act was asked of a console that is for looking only."""

    def __init__(self) -> None:
        super().__init__(
            "This console is read-only.", "Start it without --read-only to change anything or to see secrets."
        )


class FileUnusableError(EstConsoleError):
    """A file that the operator named cannot be read or written."""

    @classmethod
    def of(cls, path: Path, error: OSError | ValueError) -> FileUnusableError:
        """What the system says of a path, in words; a ValueError is of one that no file can have."""
        what = getattr(error, "strerror", None) or error
        return cls(f"{path}: {what}.", "Name another file, or see to its directory's permissions.")
