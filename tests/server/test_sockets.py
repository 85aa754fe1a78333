from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from estconsole.domain.problems import FieldProblem
from estconsole.errors import PortUnavailableError
from estconsole.settings import LOOPBACK, PortLayout, ServerSettings
from server import sockets
from server.sockets import Ports, bind
from tests.labs import ANY_PORTS


@contextlib.contextmanager
def bound(settings: ServerSettings, running: Ports | None = None) -> Iterator[Ports]:
    ports = bind(settings, running)
    try:
        yield ports
    finally:
        ports.close()


@contextlib.contextmanager
def taken(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        yield other.getsockname()[1]


WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - the operator says so


def free_port() -> int:
    with taken() as port:
        return port


def test_a_free_port_is_the_same_on_every_address() -> None:
    with bound(ANY_PORTS) as ports:
        numbers = [port.number for port in (ports.http, ports.tls, ports.mtls)]
        assert len(set(numbers)) == 3
        for port in (ports.http, ports.tls, ports.mtls):
            assert [listening.getsockname()[:2] for listening in port.sockets] == [
                (host, port.number) for host in LOOPBACK
            ]


def test_listening_sockets_let_asyncio_switch_nagle_off() -> None:
    with bound(ANY_PORTS) as ports:
        assert all(listening.proto == socket.IPPROTO_TCP for listening in ports.tls.sockets)


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("name", ["http", "tls", "mtls"])
def test_a_taken_port_is_said_plainly(host: str, name: str) -> None:
    with taken(host) as port:
        numbers = dict.fromkeys(("http", "tls", "mtls"), 0) | {name: port}
        settings = ServerSettings(http_port=numbers["http"], tls_port=numbers["tls"], mtls_port=numbers["mtls"])
        with pytest.raises(PortUnavailableError) as caught:
            bind(settings)
    assert str(port) in caught.value.title
    assert host in caught.value.title
    assert f"--{name}-port" in caught.value.hint
    assert caught.value.problem is not None
    assert caught.value.problem.field == f"{name}_port"
    assert f"{port} is taken on {host}" in caught.value.problem.message


def test_nothing_is_bound_when_one_port_is_taken() -> None:
    first = free_port()
    with taken() as port, pytest.raises(PortUnavailableError):
        bind(ServerSettings(http_port=first, tls_port=0, mtls_port=port))
    with socket.create_server(("127.0.0.1", first)) as again:
        assert again.getsockname()[1] == first


def test_a_port_that_is_free_on_one_address_only_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken("::1") as other:
        first_choices = [other, 0]
        listen = sockets._listen

        def choosy(family: socket.AddressFamily, address: tuple[str, int], *, both_families: bool) -> socket.socket:
            if address == ("127.0.0.1", 0) and first_choices:
                address = ("127.0.0.1", first_choices.pop(0))
            return listen(family, address, both_families=both_families)

        monkeypatch.setattr(sockets, "_listen", choosy)
        with bound(ANY_PORTS) as ports:
            assert ports.http.number != other
    assert not first_choices


def test_no_port_that_is_free_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken("::1") as other:
        listen = sockets._listen

        def stubborn(family: socket.AddressFamily, address: tuple[str, int], *, both_families: bool) -> socket.socket:
            address = ("127.0.0.1", other) if family is socket.AF_INET else address
            return listen(family, address, both_families=both_families)

        monkeypatch.setattr(sockets, "_listen", stubborn)
        with pytest.raises(PortUnavailableError, match="No port is free"):
            bind(ANY_PORTS)


def test_a_machine_without_ipv6_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_ipv6(monkeypatch)
    with bound(ANY_PORTS) as ports:
        assert [listening.getsockname()[0] for listening in ports.tls.sockets] == ["127.0.0.1"]


def test_an_ipv6_address_that_was_asked_for_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_ipv6(monkeypatch)
    with pytest.raises(PortUnavailableError, match="::1"):
        bind(ServerSettings(hosts=("::1",), http_port=0, tls_port=0, mtls_port=0))


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(PortUnavailableError, match="no address of this machine") as caught:
        bind(ServerSettings(hosts=("192.0.2.1",), http_port=0, tls_port=0, mtls_port=0))
    assert "--host" in caught.value.hint
    assert caught.value.problem == FieldProblem("hosts", "192.0.2.1 is no address of this machine; choose another")


def test_a_host_that_is_not_known() -> None:
    with pytest.raises(PortUnavailableError, match="not known"):
        bind(ServerSettings(hosts=("no host.invalid",), http_port=0, tls_port=0, mtls_port=0))


def test_a_name_is_bound_at_its_addresses() -> None:
    with bound(ServerSettings(hosts=("localhost", "127.0.0.1"), http_port=0, tls_port=0, mtls_port=0)) as ports:
        addresses = [listening.getsockname()[0] for listening in ports.tls.sockets]
    assert "127.0.0.1" in addresses
    assert len(addresses) == len(set(addresses))


def test_the_wildcard_of_ipv6_takes_ipv4_too() -> None:
    with bound(ServerSettings(hosts=("::",), http_port=0, tls_port=0, mtls_port=0)) as ports:
        for host in LOOPBACK:
            socket.create_connection((host, ports.tls.number)).close()


def test_both_wildcards() -> None:
    with bound(ServerSettings(hosts=WILDCARDS, http_port=0, tls_port=0, mtls_port=0)) as ports:
        assert len(ports.tls.sockets) == 2


# Layouts, and one after another (B-36)


@pytest.mark.parametrize(
    ("layout", "there"),
    [
        (PortLayout.THREE, (True, True, True)),
        (PortLayout.TWO, (True, False, True)),
        (PortLayout.SINGLE, (False, False, True)),
    ],
)
def test_only_what_a_layout_has_is_bound(layout: PortLayout, there: tuple[bool, ...]) -> None:
    with bound(replace(ANY_PORTS, layout=layout)) as ports:
        assert tuple(port is not None for port in (ports.http, ports.tls, ports.mtls)) == there
        assert len(ports.sockets) == 2 * sum(there)


def test_one_port_is_not_two_listeners() -> None:
    with pytest.raises(PortUnavailableError, match=r"9443.*2 times") as caught:
        bind(ServerSettings(http_port=0, tls_port=9443, mtls_port=9443))
    assert "--tls-port and --mtls-port" in caught.value.hint
    port = free_port()
    bind(ServerSettings(layout=PortLayout.TWO, http_port=0, tls_port=port, mtls_port=port)).close()


def test_a_layout_that_follows_shares_what_stays() -> None:
    """Who connected before and was not accepted yet is there for the one that follows."""
    with bound(ANY_PORTS) as first, socket.create_connection(("127.0.0.1", first.mtls.number)) as early:
        with bound(replace(ANY_PORTS, layout=PortLayout.SINGLE), first) as second:
            assert second.mtls.number == first.mtls.number
        with bound(ANY_PORTS, first) as second:
            assert [each.getsockname() for each in second.sockets] == [each.getsockname() for each in first.sockets]
            assert all(listening.proto == socket.IPPROTO_TCP for listening in second.sockets)
            first.close()
            connection, peer = second.mtls.sockets[0].accept()
            connection.close()
            assert peer == early.getsockname()


def test_ports_may_change_places() -> None:
    with bound(ANY_PORTS) as first:
        assert first.http is not None
        settings = ServerSettings(http_port=first.mtls.number, tls_port=0, mtls_port=first.http.number)
        with bound(settings, first) as second:
            assert second.http is not None
            assert (second.http.number, second.mtls.number) == (first.mtls.number, first.http.number)


def test_a_port_of_any_number_gives_way_to_one_that_is_named() -> None:
    with bound(ANY_PORTS) as first:
        assert first.tls is not None
        with bound(ServerSettings(http_port=0, tls_port=0, mtls_port=first.tls.number), first) as second:
            assert second.tls is not None
            assert second.mtls.number == first.tls.number != second.tls.number


def test_a_port_of_any_number_moves_where_it_cannot_stay() -> None:
    with (
        bound(replace(ANY_PORTS, hosts=("127.0.0.1",))) as first,
        socket.create_server(("::1", first.mtls.number), family=socket.AF_INET6),
        bound(ANY_PORTS, first) as second,
    ):
        assert second.mtls.number != first.mtls.number


def test_a_taken_port_leaves_the_running_ones_listening() -> None:
    with bound(ANY_PORTS) as first, taken() as port:
        with pytest.raises(PortUnavailableError, match=str(port)):
            bind(replace(ANY_PORTS, tls_port=port), first)
        for listening in first.sockets:
            socket.create_connection(listening.getsockname()[:2]).close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("127.0.0.1",), ("0.0.0.0",)),  # noqa: S104 - the operator says so
        (("0.0.0.0",), ("127.0.0.1",)),  # noqa: S104
        (LOOPBACK, WILDCARDS),
        (LOOPBACK, ("::",)),
        (("::",), WILDCARDS),
    ],
)
def test_the_network_is_opened_and_closed_on_the_same_port(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with bound(replace(ANY_PORTS, hosts=before)) as first:
        number = first.mtls.number
        with bound(ServerSettings(hosts=after, http_port=0, tls_port=0, mtls_port=number), first) as second:
            first.close()
            assert {listening.getsockname()[:2] for listening in second.mtls.sockets} == {
                (host, number) for host in after
            }
            socket.create_connection(("127.0.0.1", number)).close()
            with pytest.raises(PortUnavailableError, match=str(number)):
                bind(ServerSettings(hosts=("127.0.0.1",), http_port=0, tls_port=0, mtls_port=number))


def _without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    listen = sockets._listen

    def without(family: socket.AddressFamily, address: tuple[str, int], *, both_families: bool) -> socket.socket:
        if family is socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return listen(family, address, both_families=both_families)

    monkeypatch.setattr(sockets, "_listen", without)
