"""The kill test over and over in one lab, with compactions in between: `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.test_kill import kill_in_the_middle, tolerates_killed_peers


@tolerates_killed_peers
@pytest.mark.parametrize("enough", [1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
def test_kill_9_at_many_points(tmp_path: Path, enough: int) -> None:
    for _ in range(3):
        kill_in_the_middle(tmp_path / "lab", devices=enough + 60, enough=enough)
