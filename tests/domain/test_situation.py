"""What a situation says of the presented certificate, and of the CAs above it."""

from __future__ import annotations

import pytest

from estconsole.domain.names import parse_dn
from estconsole.domain.situation import IssuerStep, Situation
from tests.domain.builders import record, step, vendor_root, vendor_step


@pytest.mark.parametrize(
    ("known", "own"),
    [
        pytest.param(Situation(), False, id="nothing is known of it"),
        pytest.param(Situation(presented=record()), True, id="on record, its CA gone"),
        pytest.param(Situation(presented=record(), issuers=(step(),)), True, id="on record"),
        pytest.param(Situation(issuers=(step(),)), True, id="signed by a CA of this lab, not on record"),
        pytest.param(Situation(issuers=(vendor_step(), vendor_root())), False, id="a vendor's"),
        pytest.param(
            Situation(issuers=(vendor_step(issuer=parse_dn("CN=ManagementCA")), step())),
            False,
            id="a vendor's, whose CA a CA of this lab certified",
        ),
    ],
)
def test_whose_certificate_it_is(known: Situation, own: bool) -> None:
    """B-22."""
    assert known.presented_is_own is own


@pytest.mark.parametrize(
    ("ca", "is_root"), [(step(), True), (vendor_root(), True), (vendor_step(), False)], ids=["own", "vendor's", "sub"]
)
def test_what_a_root_is(ca: IssuerStep, is_root: bool) -> None:
    assert ca.facts.is_root is is_root
