"""Every reason of B-25 over real TLS: the code, the media type, and the reason that is on record."""

from __future__ import annotations

import pytest

from estconsole.domain.checks import CheckState
from estconsole.domain.refusal import RefusalReason
from tests.server import certificate_refusals, request_refusals
from tests.server.asking import ENROLL, KEYGEN, refused_detail, told
from tests.server.request_refusals import MODULES, NOT_AUTHORISED, Refusal, not_authorised
from tests.server.served import Served

TABLE: tuple[Refusal, ...] = (*request_refusals.REFUSALS, *certificate_refusals.REFUSALS)
REFUSED_BY_NO_CHECK = (RefusalReason.INTERNAL_FAULT, RefusalReason.KEYGEN_BUSY, RefusalReason.SERVER_STOPPING)


def test_the_table_has_every_reason() -> None:
    assert {row.reason for row in TABLE} == set(RefusalReason)
    assert len({str(row) for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_refusal(served: Served, row: Refusal) -> None:
    answer = row.bring_about(served)
    detail = refused_detail(served, answer)
    assert (answer.status, detail.activity.reason) == (row.status, row.reason)
    failed = [check for check in detail.checks if check.state is CheckState.FAILED]
    assert len(failed) == (0 if row.reason in REFUSED_BY_NO_CHECK else 1)
    challenge = answer.header("WWW-Authenticate")
    assert (challenge is not None) is (row.status == 401)
    if challenge is not None:
        by_password = row.reason is not RefusalReason.NO_CLIENT_CERTIFICATE
        assert challenge.lower().startswith("basic ") is by_password
    assert (answer.header("Retry-After") is not None) is (row.status == 503)


@pytest.mark.parametrize("operation", [ENROLL, KEYGEN])
@pytest.mark.parametrize("module", MODULES)
def test_what_is_not_authorised_is_told_alike(served: Served, module: str, operation: str) -> None:
    """B-24: unknown entity, wrong code, wrong status, no code and another alias are one answer."""
    answers = {told(not_authorised(module, reason, operation).bring_about(served)) for reason in NOT_AUTHORISED}
    assert len(answers) == 1
    ((status, _, _),) = answers
    assert status == (401 if module == "HttpBasicAuth" else 400)


def test_an_internal_fault_tells_its_reference_and_nothing_else(served: Served) -> None:
    """B-25."""
    answer = request_refusals.internal_fault(served)
    status, text, _ = told(answer)
    assert (status, text.strip(" .").lower()) == (500, "internal fault")
