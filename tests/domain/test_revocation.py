"""What is known of a certificate's revocation: by this console's register, or by a vendor's CRL (B-19, B-43)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estconsole.domain.names import parse_dn
from estconsole.domain.revocation import (
    CrlFacts,
    Revocation,
    RevocationReason,
    RevocationState,
    RevocationStatus,
    status_by_crl,
    status_of,
)
from tests.domain.builders import DAY, NOW

REVOCATION = Revocation(NOW - DAY, RevocationReason.KEY_COMPROMISE)
SECOND = timedelta(seconds=1)


def crl(next_update: timedelta | None = DAY, revoked: dict[int, Revocation] | None = None) -> CrlFacts:
    return CrlFacts(
        issuer=parse_dn("CN=Vendor Sub CA"),
        number=7,
        this_update=NOW - DAY,
        next_update=None if next_update is None else NOW + next_update,
        revoked={1: REVOCATION} if revoked is None else revoked,
    )


def test_the_reasons_are_rfc_5280s() -> None:
    """RFC 5280 5.3.1: 7 is not used."""
    assert [reason.value for reason in RevocationReason] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]


@pytest.mark.parametrize("reason", RevocationReason)
def test_in_words(reason: RevocationReason) -> None:
    words = str(Revocation(NOW, reason))

    assert words == f"revoked on 2030-06-01, {reason}"
    assert str(reason).upper() == reason.name.replace("_", " ")


def test_abbreviations_stay_in_capitals() -> None:
    reasons = RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE, RevocationReason.AA_COMPROMISE
    assert [str(reason) for reason in reasons] == ["key compromise", "CA compromise", "AA compromise"]


def test_by_the_consoles_own_register() -> None:
    """B-43: a certificate on hold is revoked until it is released, which takes the revocation away."""
    hold = Revocation(NOW - DAY, RevocationReason.CERTIFICATE_HOLD)

    assert status_of(None).state is RevocationState.GOOD
    assert status_of(hold).state is RevocationState.REVOKED
    assert status_of(hold).words == "revoked on 2030-05-31, certificate hold"


@pytest.mark.parametrize(
    ("known", "serial", "state"),
    [
        pytest.param(None, 1, RevocationState.NO_CRL, id="none imported"),
        pytest.param(crl(), 1, RevocationState.REVOKED, id="revoked"),
        pytest.param(crl(), 2, RevocationState.GOOD, id="another serial"),
        pytest.param(crl(revoked={}), 1, RevocationState.GOOD, id="an empty CRL"),
        pytest.param(crl(timedelta(0)), 2, RevocationState.GOOD, id="to its last second"),
        pytest.param(crl(-SECOND), 2, RevocationState.STALE_CRL, id="stale"),
        pytest.param(crl(-SECOND), 1, RevocationState.REVOKED, id="stale, and it revokes: that does not age"),
        pytest.param(crl(None), 2, RevocationState.GOOD, id="it names no next update"),
        pytest.param(crl(None), 1, RevocationState.REVOKED, id="it names no next update, and revokes"),
    ],
)
def test_by_a_crl(known: CrlFacts | None, serial: int, state: RevocationState) -> None:
    """B-19: a stale CRL refuses, none accepts, and both say so."""
    assert status_by_crl(serial, known, NOW).state is state


@pytest.mark.parametrize(
    ("state", "shuts_out"),
    [
        (RevocationState.GOOD, False),
        (RevocationState.NO_CRL, False),
        (RevocationState.REVOKED, True),
        (RevocationState.STALE_CRL, True),
    ],
)
def test_what_shuts_a_certificate_out(state: RevocationState, shuts_out: bool) -> None:
    """B-19, B-44."""
    assert RevocationStatus(state, "words").shuts_out is shuts_out


def test_the_words_of_what_is_open() -> None:
    assert status_by_crl(1, None, NOW).words == "not known: no CRL of its CA is imported"
    assert status_by_crl(2, crl(-DAY), NOW).words == "the CRL of its CA is stale since 2030-05-31 12:00 UTC"
    assert status_by_crl(1, crl(), NOW).words == str(REVOCATION)
    assert status_by_crl(2, crl(), NOW).words == "not in its CA's CRL"
