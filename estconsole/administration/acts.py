"""What an operator does, as opposed to what he looks at: no act is open in a console that is read-only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from estconsole.errors import ReadOnlyError

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_AnySubject = TypeVar("_AnySubject", bound="Subject")


class Subject:
    """One class of the administration: it knows whether its acts are open.

    `read_only` shuts the operator's acts alone: devices enroll on, and upkeep renews what is due.
    """

    def __init__(self, *, read_only: bool) -> None:
        self._read_only = read_only

    def require_acts(self) -> None:
        """Raises ReadOnlyError where no act is open: for what is one with some arguments only."""
        if self._read_only:
            raise ReadOnlyError


def act(
    method: Callable[Concatenate[_AnySubject, _Parameters], _Result],
) -> Callable[Concatenate[_AnySubject, _Parameters], _Result]:
    """An act of the operator's: it changes something, or tells a secret.

    In a console that is read-only it raises ReadOnlyError, before it looks at anything.
    """

    @wraps(method)
    def guarded(subject: _AnySubject, /, *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        subject.require_acts()
        return method(subject, *args, **kwargs)

    return guarded
