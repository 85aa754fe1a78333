"""What every test shares: where a skip is a failure, it is one; what is drawn is drawn alike each time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.administration.site import Site

# The suite draws the same examples at each run, so that what passed once does not fail by chance where somebody waits
# for it. `make fuzz` draws others. Time is no part of a property: machines differ.
settings.register_profile("suite", derandomize=True, database=None, deadline=None, max_examples=50)
settings.register_profile("fuzz", settings.get_profile("suite"), derandomize=False, print_blob=True)
settings.load_profile("suite")

SKIPS_FAIL = "ESTCONSOLE_SKIPS_FAIL"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of its own for each test that wants one; only those load the product for it."""
    from tests.administration.site import site_in

    with site_in(tmp_path) as made:
        yield made


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In the checks before landing every program is there, so a skipped test means that one was not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get(SKIPS_FAIL) and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} tests were skipped where none may be ({SKIPS_FAIL})", red=True)
