"""What an empty Live screen teaches: how a first row comes to be, or how to see rows again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.content import Content
from textual.widgets import Static

from estconsole.server_control import ServerPhase, ServerState
from screens.activity_rows import ActivityRows
from screens.background import in_thread, task
from screens.curl_commands import TRUSTED, fetching_ca
from screens.keys import key_of, with_keys
from screens.lab_view import LabView
from screens.server_view import authority_url
from screens.text import MUTED


class EmptyLive(Static):
    """Stands in the place of rows where none is shown."""

    def __init__(self, lab: LabView, rows: ActivityRows) -> None:
        super().__init__(id="empty", classes="empty")
        self._lab = lab
        self._rows = rows

    @task(group="teach", exclusive=True, holds_keys=False)
    async def teach(self) -> None:
        """Say what is true now."""
        if self._rows.total or self._rows.oldest is not None:
            self.update(Content(self._why_empty()))
        else:
            authority = await in_thread(self._lab.administration.server.issuing_ca)
            self.update(first_steps(self._lab.server.state, authority, partial(with_keys, self)))

    def _why_empty(self) -> str:
        clear = f"{key_of(self, 'live.clear')} clears it"
        older = f"{key_of(self, 'live.older')} reads older rows from disk"
        if problem := self._rows.filter_problem:
            return f"No row matches the filter: {problem}. {clear}."
        if self._rows.total:
            return f"No row here matches the filter. {clear}; {older} that match."
        return f"The rows were taken off the screen. {older}."


def first_steps(state: ServerState, authority: str, named: Callable[[str], str]) -> Content:
    """The commands that bring the first row, with this server's own URLs; or how the server is started.

    `named` puts the keys of now into a sentence.
    """
    if state.urls is None:
        if state.phase in (ServerPhase.STARTING, ServerPhase.STOPPING):
            return Content(f"The server is {state.phase}.")
        why = "{app.server} shows why, and {server.start_or_stop} starts it there."
        return Content(named(f"The server does not serve: no device can call. {why}"))
    whence = ", which nothing vouches for yet" if state.urls.http is None else " from the plain port"
    fetching = named(f"Fetch the CA's certificate{whence}; {{app.server}} shows its fingerprint:")
    registering = named("{app.end_entities} lists who may enroll; the README walks through it with openssl and curl.")
    return Content("\n").join(
        [
            Content.styled("No device has called yet.", "bold"),
            Content(""),
            Content.styled(fetching, MUTED),
            Content(f"  {fetching_ca(authority_url(state, authority))}"),
            Content(""),
            Content.styled("Ask for it over EST:", MUTED),
            Content(f"  curl --cacert {TRUSTED} \\"),
            Content(f"       {state.urls.tls}/.well-known/est/cacerts"),
            Content(""),
            Content.styled("Every request becomes a row here, a refused one with its reason.", MUTED),
            Content.styled(registering, MUTED),
        ]
    )
