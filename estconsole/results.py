"""What an operator's act comes to: saved, rejected with the fields that are wrong, or overtaken by another edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from estconsole.domain.problems import FieldProblem

Record = TypeVar("Record", covariant=True)


@dataclass(frozen=True, slots=True)
class Saved(Generic[Record]):
    """It was done; the record as it is stored now, and what is legal but odd about it."""

    record: Record
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was changed: the fields that are wrong, each in words that say what would be right."""

    problems: tuple[FieldProblem, ...]

    @classmethod
    def because(cls, field: str, message: str) -> Rejected:
        """Rejected for one field."""
        return cls((FieldProblem(field, message),))


@dataclass(frozen=True, slots=True)
class Conflict(Generic[Record]):
    """Nothing was changed: the record is not the one that was edited. As it is now, or None when it is gone."""

    current: Record | None
