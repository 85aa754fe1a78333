"""The menu of reasons."""

from __future__ import annotations

from estconsole.domain.revocation import RevocationReason
from screens.revocation_reasons import reason_choices


def test_each_reason_that_revokes_has_a_key_of_its_own_and_r_is_left_for_releasing() -> None:
    choices = reason_choices()
    assert {choice.answer for choice in choices} == {*RevocationReason.__members__} - {"REMOVE_FROM_CRL"}
    assert len({choice.key for choice in choices} - {"r"}) == len(choices)
    assert "CA_COMPROMISE" not in {choice.answer for choice in reason_choices(RevocationReason.CA_COMPROMISE)}
