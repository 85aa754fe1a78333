from __future__ import annotations

import base64

import pytest

from estconsole.domain.request import BasicCredentials
from estconsole.domain.secret import Secret
from server.basic import basic_credentials


def encoded(pair: bytes) -> str:
    return base64.b64encode(pair).decode()


@pytest.mark.parametrize(
    ("header", "username", "password"),
    [
        ("Basic " + encoded(b"device:code"), "device", "code"),
        ("basic " + encoded(b"device:a:code"), "device", "a:code"),
        ("BASIC  " + encoded(b"device:") + " ", "device", ""),
        ("Basic " + encoded("gerät:kód".encode()), "gerät", "kód"),
        ("Basic " + encoded("gerät:code".encode("latin-1")), "gerät", "code"),
    ],
)
def test_credentials_that_are_taken(header: str, username: str, password: str) -> None:
    credentials = basic_credentials([header])
    assert credentials == BasicCredentials(username, Secret(password))
    assert not password or password not in repr(credentials)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["Basic"],
        ["Basic Og=="],  # libest without credentials
        ["Basic " + encoded(b":code")],
        ["Basic " + encoded(b"device")],
        ["Basic " + encoded(b"device\n:code")],
        ["Basic " + encoded(b"device:co\x00de")],
        ["Basic ZGV2aWNlOmNvZGU"],
        ["Basic ZGV2aWNl OmNvZGU="],
        ["Basic not*base64"],
        ["Basic ZGV2aWNlOmNvZ\xe9U="],
        ["Bearer " + encoded(b"device:code")],
        ["Basic " + encoded(b"device:code")] * 2,
    ],
)
def test_what_is_no_credentials(headers: list[str]) -> None:
    assert basic_credentials(headers) is None
