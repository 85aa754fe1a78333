"""Engines that stand between a server and a lab's own, to hold requests or to look at them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from estconsole.domain.request import EnrollmentRequest
from estconsole.engine import Engine, Enrollment
from tests.server.devices import SECONDS


class GatedEngine(Engine):
    """A lab's engine that answers when it is let, or fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.entered = threading.Event()
        self.open = threading.Event()
        self.fault: Exception | None = None

    def enroll(self, request: EnrollmentRequest, abandoned: Callable[[], bool] = lambda: False) -> Enrollment:
        if self.fault is not None and request.operation is not None:
            raise self.fault
        self.entered.set()
        assert self.open.wait(SECONDS)
        return self._engine.enroll(request, abandoned)


class StubEngine(Engine):
    """Keeps the requests that come, and answers each with what the test wants."""

    def __init__(self, answer: Enrollment) -> None:
        self.answer = answer
        self.requests: list[EnrollmentRequest] = []

    def enroll(self, request: EnrollmentRequest, abandoned: Callable[[], bool] = lambda: False) -> Enrollment:  # noqa: ARG002
        self.requests.append(request)
        return self.answer


class AbandonedEngine(Engine):
    """A lab's engine whose requests nobody waits for any more."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enroll(self, request: EnrollmentRequest, abandoned: Callable[[], bool] = lambda: True) -> Enrollment:  # noqa: ARG002
        return self._engine.enroll(request, lambda: True)
