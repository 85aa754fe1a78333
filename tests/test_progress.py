"""Between a long act and whoever waits for it."""

from __future__ import annotations

import pytest

from estconsole.progress import NO_PROGRESS, Cancelled, Progress, ProgressState


def test_it_says_how_far_an_act_is_until_it_is_called_off() -> None:
    progress = Progress()
    assert progress.now() == ProgressState(done=0, total=None, what="")
    progress.step(3, 10, "Checking")
    assert progress.now() == ProgressState(done=3, total=10, what="Checking")
    assert not progress.cancelled
    progress.cancel()
    assert progress.cancelled
    with pytest.raises(Cancelled):
        progress.step(4, 10, "Checking")
    assert progress.now().done == 3


def test_where_nobody_waits_nothing_is_called_off() -> None:
    """It is shared by every act that nobody watches."""
    NO_PROGRESS.cancel()
    NO_PROGRESS.step(1, 2, "Saving")
    assert not NO_PROGRESS.cancelled
    assert NO_PROGRESS.now() == ProgressState()
