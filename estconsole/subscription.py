"""Subscriptions that belong to the object that publishes, and end when they are closed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Event = TypeVar("Event")


class Subscription:
    """One subscriber's end of a subscription. Closing it twice does no harm; it is also a context manager."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel

    def close(self) -> None:
        self._cancel()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Publisher(Generic[Event]):
    """Calls every subscriber with each event, in the publishing thread. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[Event], None], ...] = ()

    def subscribe(self, listener: Callable[[Event], None]) -> Subscription:
        """Call `listener` with every event from now on. It must be quick; what it raises is logged."""

        def call(event: Event) -> None:  # one of its own for each subscription, also where a listener has two
            listener(event)

        with self._lock:
            self._listeners = (*self._listeners, call)

        def cancel() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known is not call)

        return Subscription(cancel)

    def publish(self, event: Event) -> None:
        """Hand an event to every subscriber. What goes wrong in one harms neither the others nor the publisher."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                logger.exception("a subscriber failed")
