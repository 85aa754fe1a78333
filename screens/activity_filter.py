"""The filter of Live: free text over every column, and `alias:`, `outcome:`, `entity:`, `peer:` and `operation:`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from estconsole.activity import Activity, Outcome
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from screens.activity_words import operation_name
from screens.text import brief

# What each term looks at; a prefix that is not here (as in the peer ::1) is free text.
_TERMS: dict[str, Callable[[Activity], str]] = {
    "alias": lambda activity: activity.alias,
    "outcome": lambda activity: f"{activity.outcome} {activity.reason.key if activity.reason else ''}",
    "entity": lambda activity: activity.username,
    "peer": lambda activity: activity.peer,
    "operation": lambda activity: f"{operation_name(activity)} {activity.operation}",
}
_EXACT = frozenset({"alias"})
"""Terms that match as a whole: `alias:est` is not estvendor. The others match any part."""

_OUTCOMES = (*Outcome, *(reason.key for reason in (*RefusalReason, *HandshakeFailure)))
"""All that `outcome:` can match."""

_ALIKE = 0.7
"""How near a prefix is that means a term: the first group of an IPv6 address never comes to more than 0.67."""

PLACEHOLDER = "filter: any text, alias:est outcome:refused entity:… peer:…"


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """A filter as typed, taken apart. All of its words must match; an empty one matches everything."""

    terms: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.words)

    @property
    def problem(self) -> str:
        """What is wrong with a term, and the nearest right word; empty where nothing is."""
        for word in self.words:
            name, colon, _ = word.partition(":")
            if colon and (near := get_close_matches(name, _TERMS, n=1, cutoff=_ALIKE)):
                return f"'{brief(name)}:' is no term; the nearest one is '{near[0]}:'"
        for name, wanted in self.terms:
            if name == "outcome" and not any(wanted in outcome for outcome in _OUTCOMES):
                return f"'{brief(wanted)}' is no outcome; {_right_outcome(wanted)}"
        return ""

    def matches(self, activity: Activity, text: str) -> bool:
        """Whether a row is shown; `text` is all that its columns say, casefolded."""
        return all(word in text for word in self.words) and all(
            _term_matches(name, wanted, activity) for name, wanted in self.terms
        )


def read_filter(typed: str) -> ActivityFilter:
    """Take apart what was typed. A term that is still without a value is ignored, so that typing it hides nothing."""
    terms, words = [], []
    for word in typed.casefold().split():
        name, colon, wanted = word.partition(":")
        if colon and name in _TERMS:
            if wanted:
                terms.append((name, wanted))
        else:
            words.append(word)
    return ActivityFilter(tuple(terms), tuple(words))


def _right_outcome(wanted: str) -> str:
    if near := get_close_matches(wanted, _OUTCOMES, n=1):
        return f"the nearest one is '{near[0]}'"
    return f"there are {', '.join(Outcome)}, and reasons such as {RefusalReason.WRONG_CODE.key}"


def _term_matches(name: str, wanted: str, activity: Activity) -> bool:
    value = _TERMS[name](activity).casefold()
    return value == wanted if name in _EXACT else wanted in value
