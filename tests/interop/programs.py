"""The real programs that interop tests drive; without one, its tests skip and say so."""

from __future__ import annotations

import shutil

import pytest


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where a program is not installed. Where `ESTCONSOLE_SKIPS_FAIL` is set, that fails the run."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")
