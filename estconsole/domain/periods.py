"""Periods of validity as people write them, `2y 6mo 3d 12h 30m`, in EJBCA's units (B-42)."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "y": timedelta(days=365),
    "mo": timedelta(days=30),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}
"""EJBCA counts a year as 365 days and a month as 30; the longest first."""

SHORTEST = timedelta(minutes=1)
LONGEST = 100 * _UNITS["y"]
"""A certificate cannot end later than the year 9999, and a longer period is a slip of the finger."""

_PART = re.compile(r"\s*([0-9]{1,9})\s*(y|mo|d|h|m)(?![A-Za-z])", re.IGNORECASE)
_FORM = "write it as in 2y, 18mo, 30d, 12h or 45m, or several of these"


def parse_period(text: str) -> timedelta:
    """The period that a text names, each unit at most once. Raises ValueError in words that say what would be right."""
    amounts: dict[str, int] = {}
    rest = text
    while part := _PART.match(rest):
        unit = part[2].lower()
        if unit in amounts:
            raise ValueError(f"{unit} is there twice; {_FORM}")
        amounts[unit] = int(part[1])
        rest = rest[part.end() :]
    if rest.strip() or not amounts:
        raise ValueError(f"{text.strip()!r} is no period; {_FORM}")
    # Compared as numbers: a timedelta of a billion years does not exist.
    minutes = sum(amount * (_UNITS[unit] // SHORTEST) for unit, amount in amounts.items())
    if not 1 <= minutes <= LONGEST // SHORTEST:
        raise ValueError("from a minute to a hundred years")
    return timedelta(minutes=minutes)


def format_period(period: timedelta) -> str:
    """A period as `parse_period` reads it, the longest units first; what is less than a minute is left out."""
    parts = []
    for unit, length in _UNITS.items():
        amount, period = divmod(period, length)
        if amount:
            parts.append(f"{amount}{unit}")
    return " ".join(parts) or "0m"
