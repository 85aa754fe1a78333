"""What the details of a row say: its heading, the words of its refusal, and the checks in order."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from textual.content import Content

from estconsole.activity import Activity, ActivityDetail, Outcome
from estconsole.domain.checks import Check, CheckState
from screens.activity_words import code_text, operation_name, result_text
from screens.fixes import Fix
from screens.lab_view import AnswerCode
from screens.text import MUTED, NONE, fit, hanging, local_time, plain, plain_lines, shortened


def heading(activity: Activity, answer_code: AnswerCode) -> Content:
    """One line: how it ended, the reference that the client was told, and the status."""
    tone = "$success" if activity.outcome is Outcome.GRANTED else "$error"
    parts = [(result_text(activity), tone)]
    if activity.outcome is not Outcome.HANDSHAKE:
        parts += [(" · ", MUTED), (activity.reference, "bold"), (" · ", MUTED)]
        parts += [(code_text(activity, answer_code), "")]
    return Content.assemble(*((plain(text), style) for text, style in parts))


def words(activity: Activity, width: int, fix: Content | None = None) -> Content:
    """The sentence of the refusal, its remedy and its source, and the key that puts it right if there is one.

    For a granted row, that there is nothing to do.
    """
    if activity.words is None:
        return Content.styled("Every check passed.", MUTED)
    lines = [
        Content(activity.words.sentence),
        hanging(
            Content.styled("→ ", "$accent"),
            Content.assemble(activity.words.remedy, (f"  {activity.words.source}", MUTED)),
            width,
        ),
    ]
    return Content("\n").join([*lines, *([fix] if fix is not None else [])])


def fix_line(key: str, fix: Fix, width: int) -> Content:
    """The key that puts a refusal right, and what it does."""
    return hanging(Content.assemble((key, "$accent"), " "), fix.words, width)


def checks(detail: ActivityDetail, now: datetime, width: int) -> Content:
    """The trace: passed, failed with what was expected and what came, or not reached; then the row in full."""
    lines = [_check(check, width) for check in detail.checks]
    if not lines:
        handshake = detail.activity.outcome is Outcome.HANDSHAKE
        absent = "The connection ended before a request came." if handshake else "The record holds no checks of it."
        lines = [Content.styled(absent, MUTED)]
    return Content("\n").join([*lines, Content(""), facts(detail.activity, now, width)])


def lines_of_failed_check(detail: ActivityDetail, width: int) -> range:
    """The lines of the check that failed and the one after it; none when none failed."""
    start, end = None, 0
    for check in detail.checks:
        if check.state is CheckState.FAILED:
            start = end
        end += len(_check(check, width).split("\n"))
        if start is not None and check.state is not CheckState.FAILED:
            break
    return range(0) if start is None else range(start, end)


def facts(activity: Activity, now: datetime, width: int) -> Content:
    """One line: when, from where, what, and for whom."""
    parts = (
        local_time(activity.at, now),
        activity.peer or NONE,
        f"{activity.alias or NONE}/{operation_name(activity)}",
        activity.username or NONE,
    )
    return Content.styled(fit(plain("  ".join(parts)), width).rstrip(), MUTED)


def decoded(text: str, absent: str) -> Content:
    """A decoded view, or why there is none."""
    return Content(plain_lines(text)) if text else Content.styled(absent, MUTED)


def _check(check: Check, width: int) -> Content:
    match check.state:
        case CheckState.PASSED:
            label = Content.assemble(("✓ ", "$success"), shortened(check.name), "  ")
            came = Content.styled(shortened(check.came), MUTED)
            if label.cell_length + came.cell_length <= width:
                return label + came
            return Content("\n").join([label.rstrip(), hanging(Content("    "), came, width)])
        case CheckState.FAILED:
            lines = [
                Content.styled(f"✗ {shortened(check.name)}", "bold $error"),
                hanging(Content.styled("    expected  ", MUTED), shortened(check.expected) or NONE, width),
                hanging(Content.styled("    came      ", MUTED), shortened(check.came) or NONE, width),
            ]
            return Content("\n").join(lines)
        case CheckState.NOT_REACHED:
            return Content.styled(f"· {shortened(check.name)}: not reached", MUTED)
        case _:
            assert_never(check.state)
