"""Names of CAs and profiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estconsole.domain.naming import free_name, name_problem


@pytest.mark.parametrize("name", ["ManagementCA", "Plant 7/Süd Root", "x" * 64, "供应商"])
def test_a_name_may_be_what_people_call_it(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", " ", " x", "x ", "x" * 65, "a\nb", "a\u200bb", "a;b"])
def test_what_a_name_may_not_be(name: str) -> None:
    assert name_problem(name)


def test_a_taken_name_gets_a_number() -> None:
    assert free_name("Vendor", {"Vendor", "Vendor 2"}) == "Vendor 3"
    assert free_name("x" * 80, {"x" * 64}) == "x" * 62 + " 2"


@given(st.text(), st.sets(st.text(), max_size=5))
def test_a_free_name_is_always_one_that_can_be_taken(name: str, taken: set[str]) -> None:
    free = free_name(name, taken)
    assert name_problem(free) is None
    assert free not in taken
