"""The words in which a refusal is told to the operator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What the console says of a refusal: a label for the row, a sentence, what to do, and whose rule it is."""

    label: str
    sentence: str
    remedy: str
    source: str
