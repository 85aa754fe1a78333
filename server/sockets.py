"""Listening sockets, all bound before anything is served (B-36)."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from estconsole.errors import PortUnavailableError
from estconsole.settings import LOOPBACK, ServerSettings

_BACKLOG = 512
_TRIES = 50  # to find a port that is free on every address
_NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


@dataclass(frozen=True, slots=True)
class Port:
    """One port with its socket on each address."""

    number: int
    sockets: tuple[socket.socket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The three ports of B-36, listening."""

    http: Port
    tls: Port
    mtls: Port

    def close(self) -> None:
        for port in (self.http, self.tls, self.mtls):
            for listening in port.sockets:
                listening.close()


def bind(settings: ServerSettings) -> Ports:
    """Listen on every port and address, or on none. Raises PortUnavailableError."""
    with ExitStack() as bound:
        ports = Ports(
            http=_bind_port(settings.hosts, settings.http_port, "--http-port", bound),
            tls=_bind_port(settings.hosts, settings.tls_port, "--tls-port", bound),
            mtls=_bind_port(settings.hosts, settings.mtls_port, "--mtls-port", bound),
        )
        bound.pop_all()
        return ports


def _bind_port(hosts: tuple[str, ...], number: int, option: str, bound: ExitStack) -> Port:
    """Listen on one port at every host; 0 means a free one, the same at each."""
    for _ in range(_TRIES if number == 0 else 1):
        with ExitStack() as tried:
            try:
                sockets = _bind_everywhere(hosts, number, option, tried)
            except _TakenElsewhereError:
                continue
            bound.push(tried.pop_all())
            return Port(int(sockets[0].getsockname()[1]), sockets)
    raise PortUnavailableError(
        f"No port is free on all of {', '.join(hosts)}.", f"Choose a port with {option}, or fewer addresses."
    )


class _TakenElsewhereError(Exception):
    """The port that was free on the first address is not on another."""


def _bind_everywhere(hosts: tuple[str, ...], number: int, option: str, tried: ExitStack) -> tuple[socket.socket, ...]:
    sockets: list[socket.socket] = []
    for host, family, address in _addresses(hosts):
        port = int(sockets[0].getsockname()[1]) if sockets and number == 0 else number
        try:
            listening = _listen(family, (address, port), both_families=hosts == ("::",))
        except OSError as error:
            if hosts == LOOPBACK and family is socket.AF_INET6 and error.errno in _NO_IPV6:
                continue  # a machine without IPv6: localhost is 127.0.0.1 alone there
            if number == 0 and sockets and error.errno == errno.EADDRINUSE:
                raise _TakenElsewhereError from error
            raise _unavailable(error, host, port, option) from error
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
                f"The address {host} is not known: {reason}.", "Choose an address of this machine with --host."
            ) from error
        for family, _type, _proto, _name, address in answers:
            if family in (socket.AF_INET, socket.AF_INET6):
                resolved.setdefault(str(address[0]), (host, family, str(address[0])))
    return list(resolved.values())


def _listen(family: socket.AddressFamily, address: tuple[str, int], *, both_families: bool) -> socket.socket:
    # asyncio switches Nagle off only on a socket made with this protocol number: 45 ms a reply otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # A restart does not wait for TIME_WAIT to end. (Elsewhere the option would share a live port.)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both_families))
        listening.bind(address)
        listening.listen(_BACKLOG)  # here already: two sockets may share a port until one of them listens
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _unavailable(error: OSError, host: str, port: int, option: str) -> PortUnavailableError:
    match error.errno:
        case errno.EADDRINUSE:
            return PortUnavailableError(
                f"Port {port} on {host} is taken.",
                f"Stop the other program that listens there, or choose another port with {option}.",
            )
        case errno.EACCES | errno.EPERM:
            return PortUnavailableError(
                f"Port {port} on {host} is not permitted.", f"Choose a port from 1024 upwards with {option}."
            )
        case errno.EADDRNOTAVAIL:
            return PortUnavailableError(
                f"{host} is no address of this machine, so port {port} cannot be opened there.",
                "Choose another address with --host.",
            )
        case _:
            reason = error.strerror or type(error).__name__
            return PortUnavailableError(
                f"Port {port} on {host} cannot be opened: {reason}.", f"Choose another port with {option}."
            )
