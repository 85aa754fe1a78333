"""The trace of a decision: each check, what was expected, what came, and how it went."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from estconsole.domain.refusal import RefusalReason

Matter = TypeVar("Matter", contravariant=False)


class CheckState(enum.StrEnum):
    """How a check went; after the first that fails, the rest are not reached."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a trace. No secret is ever in `expected` or `came`: they go to the record and the screen."""

    name: str
    state: CheckState
    expected: str = ""
    came: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: what it expected, what came, and the reason to refuse, if it is one."""

    expected: str
    came: str
    refusal: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Matter]):
    """One named check over the matter at hand."""

    name: str
    examine: Callable[[Matter], Finding]


def examine(rules: Sequence[Rule[Matter]], matter: Matter) -> tuple[tuple[Check, ...], RefusalReason | None]:
    """Apply rules in order until one refuses: the whole trace, and the reason of the one that refused."""
    trace: list[Check] = []
    refusal: RefusalReason | None = None
    for rule in rules:
        if refusal is not None:
            trace.append(Check(rule.name, CheckState.NOT_REACHED))
            continue
        finding = rule.examine(matter)
        refusal = finding.refusal
        state = CheckState.PASSED if refusal is None else CheckState.FAILED
        trace.append(Check(rule.name, state, finding.expected, finding.came))
    return tuple(trace), refusal
