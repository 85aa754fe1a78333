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

Node = TypeVar("Node", bound=DOMNode)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
    """Make a blocking call in a thread, and come back to the UI thread with what it returned."""
    return await asyncio.to_thread(call, *args, **kwargs)


def task(
    *, group: str = "default", exclusive: bool = False
) -> Callable[
    [Callable[Concatenate[Node, Parameters], Coroutine[Any, Any, None]]],
    Callable[Concatenate[Node, Parameters], Worker[None]],
]:
    """Make a worker of a coroutine method. It runs on the UI thread; an EstConsoleError in it becomes the dialog."""

    def decorate(
        method: Callable[Concatenate[Node, Parameters], Coroutine[Any, Any, None]],
    ) -> Callable[Concatenate[Node, Parameters], Worker[None]]:
        @wraps(method)
        async def run(self: Node, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
            try:
                await method(self, *args, **kwargs)
            except EstConsoleError as error:
                await self.app.push_screen_wait(ErrorDialog(error))

        # The description is given, so that Textual makes none from the arguments: a Secret stays out of the log.
        return work(run, group=group, exclusive=exclusive, description=method.__name__)

    return decorate
