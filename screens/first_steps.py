"""What an empty Live screen teaches: how a first row comes to be."""

from __future__ import annotations

from textual.content import Content

from estconsole.server_control import ServerPhase, ServerState
from screens.server_view import authority_url
from screens.text import MUTED

_FILE = "ca.cacert.pem"  # a CA's name may have signs that a shell reads


def first_steps(state: ServerState, authority: str) -> Content:
    """The commands that bring the first row, with this server's own URLs; or how the server is started."""
    if state.urls is None:
        if state.phase in (ServerPhase.STARTING, ServerPhase.STOPPING):
            return Content(f"The server is {state.phase}.")
        return Content("The server does not serve: no device can call. 7 shows why, and s starts it there.")
    if state.urls.http is None:
        fetching = "Fetch the CA's certificate, which nothing vouches for yet; 7 shows its fingerprint:"
    else:
        fetching = "Fetch the CA's certificate from the plain port; 7 shows its fingerprint:"
    insecurely = "-k " if state.urls.http is None else ""
    url = authority_url(state, authority)
    return Content("\n").join(
        [
            Content.styled("No device has called yet.", "bold"),
            Content(""),
            Content.styled(fetching, MUTED),
            Content(f"  curl {insecurely}-o {_FILE} {url}"),
            Content(""),
            Content.styled("Ask for it over EST:", MUTED),
            Content(f"  curl --cacert {_FILE} \\"),
            Content(f"       {state.urls.tls}/.well-known/est/cacerts"),
            Content(""),
            Content.styled("Every request becomes a row here, a refused one with its reason.", MUTED),
            Content.styled("2 lists who may enroll; the README walks through it with openssl and curl.", MUTED),
        ]
    )
