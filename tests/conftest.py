"""What every test shares: where a skip is a failure, it is one."""

from __future__ import annotations

import os

import pytest

SKIPS_FAIL = "ESTCONSOLE_SKIPS_FAIL"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In the checks before landing every program is there, so a skipped test means that one was not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get(SKIPS_FAIL) and skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} tests were skipped where none may be ({SKIPS_FAIL})", red=True)
