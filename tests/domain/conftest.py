"""Assertions in the builders explain themselves; property tests have no clock and leave no files."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.domain.builders")

settings.register_profile("domain", deadline=None, database=None, max_examples=50)
settings.load_profile("domain")
