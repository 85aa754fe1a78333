"""What a key sets going besides the UI thread: a task that may wait for dialogs and for calls that block on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual import work
from textual.dom import DOMNode
from textual.worker import Worker

from estconsole.errors import EstConsoleError
from screens.dialogs import ErrorDialog
from screens.key_order import KeysFree, ask, gate_of

Node = TypeVar("Node", bound=DOMNode)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
    """Make a blocking call in a thread, and come back to the UI thread with what it returned."""
    return await asyncio.to_thread(call, *args, **kwargs)


def task(
    *, group: str = "default", exclusive: bool = False, holds_keys: bool = True
) -> Callable[
    [Callable[Concatenate[Node, Parameters], Coroutine[Any, Any, None]]],
    Callable[Concatenate[Node, Parameters], Worker[None]],
]:
    """Make a worker of a coroutine method. It runs on the UI thread; an EstConsoleError in it becomes the dialog.

    Keys that are typed meanwhile wait (`holds_keys`) until it ends, or until the dialog that it asks is in front: they
    are for that, and never for the screen under it. What no key waits for loads in the background and holds none.
    """

    def decorate(
        method: Callable[Concatenate[Node, Parameters], Coroutine[Any, Any, None]],
    ) -> Callable[Concatenate[Node, Parameters], Worker[None]]:
        @wraps(method)
        async def run(self: Node, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
            try:
                await method(self, *args, **kwargs)
            except EstConsoleError as error:
                dialog = ErrorDialog(error)
                await (ask(self, dialog) if holds_keys else self.app.push_screen_wait(dialog))
            finally:
                self.app.post_message(KeysFree())

        # The description is given, so that Textual makes none from the arguments: a Secret stays out of the log.
        begin: Callable[Concatenate[Node, Parameters], Worker[None]]
        begin = work(run, group=group, exclusive=exclusive, description=method.__name__)

        @wraps(method)
        def held(self: Node, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Worker[None]:
            worker = begin(self, *args, **kwargs)
            gate_of(self).hold(worker)
            return worker

        return held if holds_keys else begin

    return decorate
