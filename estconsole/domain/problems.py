"""What is wrong with a field that an operator filled in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field's name, and what is wrong with it in words that say what would be right."""

    field: str
    message: str
