"""How counts and statuses move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.model import UNLIMITED, EntityStatus
from estconsole.domain.registration import after_enrollment, after_wrong_code, closed, reopened
from estconsole.domain.revocation import Revocation, RevocationReason
from tests.domain.builders import DAY, NOW, entity


@given(st.integers(1, 20))
def test_as_many_enrollments_as_are_allowed(allowed: int) -> None:
    """B-10: the last one, and no earlier one, makes the entity GENERATED."""
    now_known = entity(allowed_requests=allowed, remaining_requests=allowed)
    statuses = []
    for _ in range(allowed):
        now_known = after_enrollment(now_known, NOW)
        statuses.append(now_known.status)

    assert statuses == [EntityStatus.NEW] * (allowed - 1) + [EntityStatus.GENERATED]
    assert now_known.remaining_requests == 0
    assert now_known.enrolled_at == now_known.modified_at == NOW


def test_a_count_never_goes_below_zero() -> None:
    """B-10."""
    spent = after_enrollment(entity(remaining_requests=0, status=EntityStatus.FAILED), NOW)

    assert (spent.remaining_requests, spent.status) == (0, EntityStatus.GENERATED)


@given(st.integers(1, 20))
def test_as_many_wrong_codes_as_are_allowed(allowed: int) -> None:
    """B-11: the last one closes the entity and resets the counter; allowed requests are not touched."""
    now_known = entity(max_failed_logins=allowed, remaining_logins=allowed)
    statuses = []
    for _ in range(allowed):
        now_known = after_wrong_code(now_known, NOW)
        statuses.append(now_known.status)

    assert statuses == [EntityStatus.NEW] * (allowed - 1) + [EntityStatus.GENERATED]
    assert now_known.remaining_logins == allowed
    assert now_known.remaining_requests == 1


def test_no_limit_counts_nothing() -> None:
    """B-11: -1 is EJBCA's unlimited."""
    unlimited = entity(max_failed_logins=UNLIMITED, remaining_logins=UNLIMITED)

    assert after_wrong_code(unlimited, NOW) == unlimited


def test_a_success_resets_the_login_counter() -> None:
    """B-11."""
    assert after_enrollment(entity(max_failed_logins=5, remaining_logins=1), NOW).remaining_logins == 5


@pytest.mark.parametrize("status", EntityStatus, ids=lambda status: status.name)
def test_setting_new_restores_the_counts_and_keeps_the_code(status: EntityStatus) -> None:
    """B-10: from every status, REVOKED among them; the same registration and the same code."""
    spent = entity(
        status=status,
        allowed_requests=4,
        remaining_requests=0,
        remaining_logins=1,
        sealed_code="sealed",
        revocation=Revocation(NOW - DAY, RevocationReason.CERTIFICATE_HOLD),
        enrolled_at=NOW - DAY,
    )

    assert reopened(spent, NOW) == replace(
        spent, status=EntityStatus.NEW, revocation=None, remaining_requests=4, remaining_logins=3, modified_at=NOW
    )


@pytest.mark.parametrize("status", EntityStatus, ids=lambda status: status.name)
def test_where_no_request_is_left_what_was_open_is_generated(status: EntityStatus) -> None:
    """B-10: a revoked or historical end entity does not come back by a change of its count."""
    is_open = status in (EntityStatus.NEW, EntityStatus.FAILED, EntityStatus.INPROCESS)

    assert closed(status) is (EntityStatus.GENERATED if is_open else status)


def test_statuses_have_ejbcas_numbers() -> None:
    """B-9."""
    assert {status.name: status.value for status in EntityStatus} == {
        "NEW": 10,
        "FAILED": 11,
        "INITIALIZED": 20,
        "INPROCESS": 30,
        "GENERATED": 40,
        "REVOKED": 50,
        "HISTORICAL": 60,
        "KEYRECOVERY": 70,
    }
