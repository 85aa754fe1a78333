"""Where the server listens, and which names it answers to."""

from __future__ import annotations

import socket

import pytest

from estconsole.errors import SettingsError
from estconsole.settings import LOOPBACK, PortLayout, ServerSettings, host_problem, settings_problems


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


# Layouts, and what is kept of settings


@pytest.mark.parametrize(
    ("layout", "ports"),
    [
        (PortLayout.THREE, {"http_port": 8080, "tls_port": 8442, "mtls_port": 8443}),
        (PortLayout.TWO, {"http_port": 8080, "mtls_port": 8443}),
        (PortLayout.SINGLE, {"mtls_port": 8443}),
    ],
)
def test_the_ports_of_a_layout(layout: PortLayout, ports: dict[str, int]) -> None:
    """B-36."""
    assert ServerSettings(layout=layout).ports == ports


def test_the_certificate_names_what_the_operator_adds() -> None:
    """B-37."""
    names = ServerSettings(names=("est.example", "2001:DB8::7", "0.0.0.0")).certificate_names()  # noqa: S104

    assert names[-2:] == ("est.example", "2001:db8::7")
    assert "0.0.0.0" not in names  # noqa: S104


@pytest.mark.parametrize(
    "settings",
    [
        ServerSettings(),
        ServerSettings(
            hosts=("0.0.0.0", "::"),  # noqa: S104
            layout=PortLayout.SINGLE,
            http_port=0,
            tls_port=8444,
            mtls_port=443,
            names=("est.example",),
        ),
    ],
)
def test_what_is_stored_comes_back(settings: ServerSettings) -> None:
    assert ServerSettings.from_text(settings.to_text()) == settings
    assert isinstance(ServerSettings.from_text(settings.to_text()).layout, PortLayout)


def test_what_a_stored_text_does_not_name_has_its_default() -> None:
    assert ServerSettings.from_text('{"mtls_port": 443}') == ServerSettings(mtls_port=443)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"ports": 3}',
        '{"mtls_port": "8443"}',
        '{"mtls_port": true}',
        '{"mtls_port": 65536}',
        '{"mtls_port": 8442}',
        '{"hosts": []}',
        '{"hosts": "localhost"}',
        '{"hosts": [1]}',
        '{"hosts": ["a b"]}',
        '{"names": ["::"]}',
        '{"layout": "four-port"}',
        '{"layout": 3}',
    ],
)
def test_a_damaged_text_is_no_settings(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ServerSettings.from_text(text)


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        (ServerSettings(), []),
        (ServerSettings(http_port=0, tls_port=0, mtls_port=0), []),
        (ServerSettings(layout=PortLayout.SINGLE, http_port=8443), []),
        (ServerSettings(hosts=()), ["hosts"]),
        (ServerSettings(hosts=("a b", "localhost", "")), ["hosts", "hosts"]),
        (ServerSettings(names=("a b", "0.0.0.0")), ["names", "names"]),  # noqa: S104
        (ServerSettings(http_port=8443), ["http_port", "mtls_port"]),
        (ServerSettings(http_port=-1, tls_port=65536), ["http_port", "tls_port"]),
        (ServerSettings(layout=PortLayout.SINGLE, http_port=65536), ["http_port"]),
    ],
)
def test_problems_are_said_field_by_field(settings: ServerSettings, fields: list[str]) -> None:
    problems = settings_problems(settings)

    assert [problem.field for problem in problems] == fields
    assert all(problem.message for problem in problems)


def test_options_hold_in_the_place_of_what_is_stored() -> None:
    stored = ServerSettings(hosts=("192.0.2.1",), layout=PortLayout.TWO, names=("est.example",))

    assert stored.with_options() == stored
    assert stored.with_options(mtls_port=0, hosts=LOOPBACK) == ServerSettings(
        layout=PortLayout.TWO, mtls_port=0, names=("est.example",)
    )


@pytest.mark.parametrize(
    ("layout", "options", "lacks"),
    [
        (PortLayout.TWO, {"tls_port": 19999}, "The layout two-port has no --tls-port"),
        (PortLayout.THREE, {"layout": PortLayout.TWO, "tls_port": 1442}, "The layout two-port has no --tls-port"),
        (PortLayout.THREE, {"layout": PortLayout.SINGLE, "http_port": 0}, "The layout single-port has no --http-port"),
    ],
)
def test_a_port_that_the_layout_lacks_is_refused(layout: PortLayout, options: dict[str, object], lacks: str) -> None:
    """Whichever of the two is stored."""
    with pytest.raises(SettingsError, match=lacks):
        ServerSettings(layout=layout).with_options(**options)
