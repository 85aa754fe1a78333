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


def shown(typed: str) -> list[int]:
    rows = ActivityRows(answer_code, lambda: NOON)
    rows.merge(ROWS)
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
