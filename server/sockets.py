"""Listening sockets, all bound before anything is served (B-36)."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from estconsole.domain.problems import FieldProblem
from estconsole.errors import PortUnavailableError
from estconsole.settings import LOOPBACK, WILDCARDS, ServerSettings

BACKLOG = 512
"""Connections that the system keeps for a listener's turn."""
_TRIES = 50  # to find a port that is free on every address
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


@dataclass(frozen=True, slots=True)
class Port:
    """One port with its socket on each address."""

    number: int
    sockets: tuple[socket.socket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The ports of a layout (B-36), listening; None is a port that the layout does not have."""

    http: Port | None
    tls: Port | None
    mtls: Port

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Every socket of every port."""
        return tuple(each for port in (self.http, self.tls, self.mtls) if port is not None for each in port.sockets)

    def close(self) -> None:
        for listening in self.sockets:
            listening.close()


def bind(settings: ServerSettings, running: Ports | None = None) -> Ports:
    """Listen on every port and address of a layout, or on none. Raises PortUnavailableError.

    Where `running` listens its sockets are shared, so that no connection that waits there is lost; and a port 0 keeps
    the number that it has there.
    """
    _refuse_doubles(settings)
    neighbours = _Neighbours(running)
    ports: dict[str, Port] = {}
    with ExitStack() as bound:
        for name, number in settings.ports.items():
            candidates = [number] if number else [*neighbours.kept(name, settings), *([0] * _TRIES)]
            ports[name] = _bind_port(settings.hosts, candidates, name, neighbours, bound)
        bound.pop_all()
    return Ports(http=ports.get("http_port"), tls=ports.get("tls_port"), mtls=ports["mtls_port"])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a socket listens. `both_families` says of one of IPv6 that it takes IPv4 too."""

    family: socket.AddressFamily
    address: str
    port: int
    both_families: bool = False

    @classmethod
    def of(cls, listening: socket.socket) -> _Place:
        address, port = listening.getsockname()[:2]
        six = listening.family is socket.AF_INET6
        both = six and not listening.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        return cls(socket.AddressFamily(listening.family), address, port, both)

    def overlaps(self, other: _Place) -> bool:
        """Whether the system may not let both be bound, though they are not the same: one of them is a wildcard."""
        return self.port == other.port and bool({self.address, other.address} & WILDCARDS)


class _Neighbours:
    """The sockets of a server that runs: another layout shares them, or is bound beside them."""

    def __init__(self, running: Ports | None) -> None:
        self._running = running
        self._places = {_Place.of(listening): listening for listening in running.sockets} if running else {}

    def kept(self, name: str, settings: ServerSettings) -> list[int]:
        """The number that a port has now, unless the settings give it to another port."""
        port: Port | None = getattr(self._running, name.removesuffix("_port"), None)
        return [port.number] if port is not None and port.number not in settings.ports.values() else []

    def listen(self, place: _Place) -> socket.socket:
        """A socket that listens there: theirs, on a descriptor of its own, or a new one. Raises OSError."""
        if (theirs := self._places.get(place)) is not None:
            return theirs.dup()
        address = (place.address, place.port)
        try:
            return _listen(place.family, address, both_families=place.both_families)
        except OSError as error:
            in_the_way = [listening for other, listening in self._places.items() if other.overlaps(place)]
            if error.errno != errno.EADDRINUSE or not in_the_way or not hasattr(socket, "SO_REUSEPORT"):
                raise
            with _sharing(in_the_way):
                return _listen(place.family, address, both_families=place.both_families, beside=True)


@contextlib.contextmanager
def _sharing(sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Let a socket of ours be bound beside these, from 127.0.0.1 to 0.0.0.0 say; another program is not let in."""
    for listening in sockets:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        yield
    finally:
        for listening in sockets:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 0)


def _refuse_doubles(settings: ServerSettings) -> None:
    """One port cannot be two listeners; the system would only say that it is taken."""
    for number, times in Counter(settings.ports.values()).items():
        if number and times > 1:
            options = [_option(name) for name, port in settings.ports.items() if port == number]
            raise PortUnavailableError(
                f"Port {number} is asked for {times} times.", f"Give {' and '.join(options)} numbers of their own."
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _bind_port(
    hosts: tuple[str, ...], candidates: Sequence[int], name: str, neighbours: _Neighbours, bound: ExitStack
) -> Port:
    """Listen on the first candidate that is free at every host; 0 is any port that is free at the first of them."""
    for number in candidates:
        with ExitStack() as tried:
            try:
                sockets = _bind_everywhere(hosts, number, name, neighbours, tried, alone=len(candidates) == 1)
            except _TakenElsewhereError:
                continue
            bound.push(tried.pop_all())
            return Port(int(sockets[0].getsockname()[1]), sockets)
    everywhere = ", ".join(hosts)
    raise PortUnavailableError(
        f"No port is free on all of {everywhere}.",
        f"Choose a port with {_option(name)}, or fewer addresses.",
        FieldProblem(name, f"no port is free on all of {everywhere}; choose one, or fewer addresses"),
    )


class _TakenElsewhereError(Exception):
    """A candidate is taken, or is free on the first address and not on another: the next one may do."""


def _bind_everywhere(
    hosts: tuple[str, ...], number: int, name: str, neighbours: _Neighbours, tried: ExitStack, *, alone: bool
) -> tuple[socket.socket, ...]:
    sockets: list[socket.socket] = []
    for host, family, address in _addresses(hosts):
        port = int(sockets[0].getsockname()[1]) if sockets and number == 0 else number
        both_families = family is socket.AF_INET6 and hosts == ("::",)
        try:
            listening = neighbours.listen(_Place(family, address, port, both_families))
        except OSError as error:
            if hosts == LOOPBACK and family is socket.AF_INET6 and error.errno in _NO_IPV6:
                continue  # a machine without IPv6: localhost is 127.0.0.1 alone there
            if not alone and (sockets or number) and error.errno == errno.EADDRINUSE:
                raise _TakenElsewhereError from error
            raise _unavailable(error, host, port, name) from error
        sockets.append(tried.enter_context(listening))
    return tuple(sockets)


def _addresses(hosts: Iterable[str]) -> list[tuple[str, socket.AddressFamily, str]]:
    """Each host with its families and addresses, none twice."""
    resolved: dict[str, tuple[str, socket.AddressFamily, str]] = {}
    for host in hosts:
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no host name"
            raise PortUnavailableError(
                f"The address {host} is not known: {reason}.",
                "Choose an address of this machine with --host.",
                FieldProblem("hosts", f"{host} is not known: {reason}; choose an address of this machine"),
            ) from error
        for family, _type, _proto, _name, address in answers:
            if family in (socket.AF_INET, socket.AF_INET6):
                resolved.setdefault(str(address[0]), (host, family, str(address[0])))
    return list(resolved.values())


def _listen(
    family: socket.AddressFamily, address: tuple[str, int], *, both_families: bool, beside: bool = False
) -> socket.socket:
    # asyncio switches Nagle off only on a socket made with this protocol number: 45 ms a reply otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # A restart does not wait for TIME_WAIT to end. (Elsewhere the option would share a live port.)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both_families))
        with _sharing([listening] if beside else []):
            listening.bind(address)
            listening.listen(BACKLOG)  # here already: two sockets may share a port until one of them listens
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _unavailable(error: OSError, host: str, port: int, name: str) -> PortUnavailableError:
    option = _option(name)
    match error.errno:
        case errno.EADDRINUSE:
            return PortUnavailableError(
                f"Port {port} on {host} is taken.",
                f"Stop the other program that listens there, or choose another port with {option}.",
                FieldProblem(name, f"{port} is taken on {host}; choose another, or stop what listens there"),
            )
        case errno.EACCES | errno.EPERM:
            return PortUnavailableError(
                f"Port {port} on {host} is not permitted.",
                f"Choose a port from 1024 upwards with {option}.",
                FieldProblem(name, f"{port} is not permitted on {host}; choose one from 1024 upwards"),
            )
        case errno.EADDRNOTAVAIL:
            return PortUnavailableError(
                f"{host} is no address of this machine, so port {port} cannot be opened there.",
                "Choose another address with --host.",
                FieldProblem("hosts", f"{host} is no address of this machine; choose another"),
            )
        case _:
            reason = error.strerror or type(error).__name__
            return PortUnavailableError(
                f"Port {port} on {host} cannot be opened: {reason}.",
                f"Choose another port with {option}.",
                FieldProblem(name, f"{port} cannot be opened on {host}: {reason}; choose another"),
            )
