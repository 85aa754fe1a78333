"""Clients that say that they will send no more, and wait for the answer."""

from __future__ import annotations

import socket

from tests.server.devices import connected, http_request, read_answer, read_to_end
from tests.server.served import Served


def test_a_plain_request_is_answered_after_the_client_closed_its_half(served: Served) -> None:
    with connected(served.http) as connection:
        connection.sendall(http_request("GET", "/ca/ManagementCA.cacert.pem"))
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(read_to_end(connection)).text == served.ca_pem
