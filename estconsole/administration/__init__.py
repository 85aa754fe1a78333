"""Administration: what an operator can do, the same for every front; rules and storage stay behind it."""

from __future__ import annotations

from estconsole.administration.facade import Administration

__all__ = ["Administration"]
