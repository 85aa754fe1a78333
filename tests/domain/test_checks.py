"""The trace: rules in order until one refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.checks import Check, CheckState, Finding, Rule, examine
from estconsole.domain.refusal import RefusalReason


def test_no_rule_refuses_nothing() -> None:
    assert examine((), "matter") == ((), None)


def test_a_trace_says_what_was_expected_and_what_came() -> None:
    rule: Rule[str] = Rule("length", lambda matter: Finding("six letters", f"{len(matter)}"))

    assert examine([rule], "matter") == ((Check("length", CheckState.PASSED, "six letters", "6"),), None)


@given(st.lists(st.sampled_from([None, RefusalReason.WRONG_CODE, RefusalReason.ENTITY_UNKNOWN])))
def test_the_first_refusal_ends_it(verdicts: list[RefusalReason | None]) -> None:
    """Rules after the one that refuses are named, and not asked."""
    asked: list[int] = []

    def rule(number: int, verdict: RefusalReason | None) -> Rule[str]:
        def ask(matter: str) -> Finding:
            asked.append(number)
            return Finding(f"expected {number}", matter, verdict)

        return Rule(f"rule {number}", ask)

    trace, refusal = examine([rule(number, verdict) for number, verdict in enumerate(verdicts)], "matter")

    refusals = [verdict for verdict in verdicts if verdict]
    reached = next((number + 1 for number, verdict in enumerate(verdicts) if verdict), len(verdicts))
    assert refusal is (refusals[0] if refusals else None)
    assert asked == list(range(reached))
    assert [check.name for check in trace] == [f"rule {number}" for number in range(len(verdicts))]
    assert [check.state for check in trace] == [
        *[CheckState.PASSED] * (reached - bool(refusals)),
        *[CheckState.FAILED] * bool(refusals),
        *[CheckState.NOT_REACHED] * (len(verdicts) - reached),
    ]
