"""The filter of Live."""

from __future__ import annotations

import pytest

from estconsole.activity import Activity
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from screens.activity_filter import read_filter
from screens.activity_rows import ActivityRows
from server.wire import answer_code
from tests.screens.feeding import NOON, granted, handshake, refused

ROWS = (
    granted(1),
    refused(2, RefusalReason.WRONG_CODE, "printer-7", alias="estvendor"),
    handshake(3, HandshakeFailure.UNKNOWN_ISSUER, peer="::1"),
)


def shown(typed: str, *others: Activity) -> list[int]:
    rows = ActivityRows(answer_code, lambda: NOON)
    rows.merge((*ROWS, *others))
    rows.set_filter(read_filter(typed))
    return [rows.key(index) for index in range(len(rows))]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("", [1, 2, 3]),
        ("alias:est", [1]),
        ("alias:estvendor", [2]),
        ("outcome:refused", [2]),
        ("outcome:wrong_code", [2]),
        ("outcome:handshake", [3]),
        ("entity:printer", [2]),
        ("peer:127", [1, 2]),
        ("operation:simple", [1, 2]),
        ("operation:enroll", [1, 2]),
        ("operation:handshake", [3]),
        ("wrong code", [2]),
        ("HANDSHAKE", [3]),
        ("granted 200", [1]),
        ("::1", [3]),
        ("alias:", [1, 2, 3]),
        ("alias:estvendor granted", []),
        ("2026-01-05", [1, 2, 3]),
    ],
)
def test_words_and_terms_must_all_match(typed: str, numbers: list[int]) -> None:
    assert shown(typed) == numbers


def test_the_reference_that_a_client_was_told_finds_its_row() -> None:
    activity: Activity = ROWS[1]
    assert shown(activity.reference.lower()) == [2]


def test_an_operation_is_found_by_what_its_column_calls_it() -> None:
    renewed = granted(4, operation="simplereenroll")
    assert shown("operation:renew", renewed) == shown("operation:simplereenroll", renewed) == [4]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("outcom:refused", "'outcom:' is no term; the nearest one is 'outcome:'"),
        ("printer Pear:::1", "'pear:' is no term; the nearest one is 'peer:'"),
        ("outcome:refsued", "'refsued' is no outcome; the nearest one is 'refused'"),
        ("outcome:wrongcode", "'wrongcode' is no outcome; the nearest one is 'wrong_code'"),
        (
            "alias:est outcome:banana",
            "'banana' is no outcome; there are granted, refused, handshake, and reasons such as wrong_code",
        ),
        ("outcome:\x1b[31m" + "x" * 10_000, "'\\x1b[31m" + "x" * 35 + "…' is no outcome; there are"),
    ],
)
def test_what_is_no_term_and_no_outcome_is_said_with_the_nearest_right_word(typed: str, problem: str) -> None:
    assert read_filter(typed).problem.startswith(problem)
    assert shown(typed) == []


@pytest.mark.parametrize(
    "typed",
    ["", "outcome:", "outcome:ref", "outcome:unknown_issuer", "peer:::1", "::1", "2001:db8::1", "ee::1", "14:02:07"],
)
def test_what_may_match_has_no_problem_and_an_address_is_free_text(typed: str) -> None:
    assert not read_filter(typed).problem


def test_a_word_with_a_colon_is_looked_for_in_every_column() -> None:
    row = granted(4, "urn:dev:7", peer="2001:db8::1")
    assert shown("2001:db8::1", row) == shown("urn:dev:7", row) == [4]
