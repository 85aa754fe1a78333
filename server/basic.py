"""HTTP Basic credentials (RFC 7617), as the authentication module HttpBasicAuth takes them (B-16)."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Sequence

from estconsole.domain.request import BasicCredentials
from estconsole.domain.secret import Secret


def basic_credentials(authorization: Sequence[str]) -> BasicCredentials | None:
    """The credentials of a request's Authorization headers; None when there are none, or none that can be read.

    An empty user name is none: libest sends `Basic Og==`, a lone colon, when it has no credentials.
    """
    if len(authorization) != 1:
        return None
    scheme, _, encoded = authorization[0].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = _decoded(base64.b64decode(encoded.strip(" "), validate=True)).partition(":")
    except ValueError:
        return None
    if not colon or not username or any(unicodedata.category(character) == "Cc" for character in username + password):
        return None  # RFC 7617 2 has no control characters
    return BasicCredentials(username, Secret(password))


def _decoded(pair: bytes) -> str:
    """UTF-8, or Latin-1, which browsers and curl on an old terminal send: RFC 7617 leaves it to the two sides."""
    try:
        return pair.decode()
    except UnicodeDecodeError:
        return pair.decode("latin-1")
