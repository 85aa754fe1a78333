"""Where the server listens, and which names it answers to."""

from __future__ import annotations

import socket

import pytest

from estconsole.settings import LOOPBACK, ServerSettings, host_problem


def test_the_defaults_are_three_ports_on_both_loopback_addresses() -> None:
    """B-36."""
    settings = ServerSettings()

    assert settings.hosts == LOOPBACK == ("127.0.0.1", "::1")
    assert (settings.http_port, settings.tls_port, settings.mtls_port) == (8080, 8442, 8443)
    assert settings.is_local
    assert settings.public_host == "localhost"


@pytest.mark.parametrize("hosts", [("127.0.0.1",), ("::1",), ("localhost",), ("127.0.0.5", "::1")])
def test_loopback_is_local(hosts: tuple[str, ...]) -> None:
    assert ServerSettings(hosts=hosts).is_local
    assert ServerSettings(hosts=hosts).public_host == "localhost"


@pytest.mark.parametrize(
    ("hosts", "public_host"),
    [
        (("192.0.2.1",), "192.0.2.1"),
        (("lab-7.example",), "lab-7.example"),
        (("2001:db8::1",), "2001:db8::1"),
        (("0.0.0.0",), socket.gethostname()),  # noqa: S104 - not bound
        (("::",), socket.gethostname()),
    ],
)
def test_the_network_is_not_local(hosts: tuple[str, ...], public_host: str) -> None:
    """B-36: only when the operator says so."""
    assert not ServerSettings(hosts=hosts).is_local
    assert ServerSettings(hosts=hosts).public_host == public_host


def test_one_network_address_among_loopback_ones() -> None:
    assert not ServerSettings(hosts=("127.0.0.1", "192.0.2.1")).is_local


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "2001:db8::1", "lab-7.example", "my_host", "xn--mnchen-3ya.example"]
)
def test_hosts_that_can_be_listened_on(host: str) -> None:
    assert host_problem(host) is None


@pytest.mark.parametrize("host", ["", "a..b", "münchen", "x" * 64, "a b", "-a", "fe80::1%eth0", ".".join(["a"] * 200)])
def test_hosts_that_cannot_stand_in_a_certificate(host: str) -> None:
    assert host_problem(host)
    assert host not in ServerSettings(hosts=(host,)).certificate_names()


def test_an_address_is_named_in_one_spelling() -> None:
    """B-37: else each start would issue another server certificate."""
    assert (
        ServerSettings(hosts=("0:0:0:0:0:0:0:1",)).certificate_names()
        == ServerSettings(hosts=("::1",)).certificate_names()
    )


def test_the_certificate_names_this_machine() -> None:
    """B-37: localhost, both loopback addresses and the host name, each once."""
    names = ServerSettings().certificate_names()

    assert names[:3] == ("localhost", "127.0.0.1", "::1")
    assert socket.gethostname() in names
    assert len(set(names)) == len(names)


def test_the_certificate_names_what_the_operator_listens_on() -> None:
    """B-36: addresses of the network go into the certificate."""
    names = ServerSettings(hosts=("192.0.2.1", "lab-7.example")).certificate_names()

    assert {"192.0.2.1", "lab-7.example", "localhost"} <= set(names)


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::", ""])  # noqa: S104 - not bound
def test_a_wildcard_is_no_name(wildcard: str) -> None:
    """B-37: it stands for the machine's own addresses, without the zone that an IPv6 link has."""
    names = ServerSettings(hosts=(wildcard,)).certificate_names()

    assert wildcard not in names
    assert not any("%" in name for name in names)
    assert names[0] == "localhost"


def test_a_machine_whose_name_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """B-37: the name stays in the certificate, its addresses are not known."""
    monkeypatch.setattr(socket, "gethostname", lambda: "lab-7.invalid")

    def unresolved(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)

    assert ServerSettings(hosts=("::",)).certificate_names() == ("localhost", "127.0.0.1", "::1", "lab-7.invalid")
