"""Settings of the embedded server: where it listens. What runs is another thing (`server.service`)."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "::1")
"""The default addresses: `localhost` may be either for a client, so both are listened on (B-36)."""


_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The three-port layout of B-36. Port 0 means any free one, the same on every address."""

    hosts: tuple[str, ...] = LOOPBACK
    http_port: int = 8080
    tls_port: int = 8442
    mtls_port: int = 8443

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return all(_is_loopback(host) for host in self.hosts)

    @property
    def public_host(self) -> str:
        """The host that clients call, without brackets: `localhost` on loopback, our name on a wildcard address."""
        host = self.hosts[0]
        if self.is_local:
            return "localhost"
        return socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound

    def certificate_names(self) -> tuple[str, ...]:
        """The host names and addresses that the server certificate carries (B-37), in a stable order."""
        names = ["localhost", *LOOPBACK, socket.gethostname()]
        for host in self.hosts:
            names += _local_addresses() if host in ("0.0.0.0", "::") else [host]  # noqa: S104 - compared, not bound
        return tuple(dict.fromkeys(_canonical(name) for name in names if host_problem(name) is None))


def host_problem(host: str) -> str | None:
    """What keeps a host from being listened on and from standing in a certificate, or None."""
    if _is_address(host) or (len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))):
        return None
    return f"{host!r} is no address or host name; write an international name in its xn-- form"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _canonical(host: str) -> str:
    """An address in its one spelling, so that the certificate's names compare."""
    return str(ipaddress.ip_address(host)) if _is_address(host) else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local_addresses() -> list[str]:
    """The addresses that this machine's name resolves to: what a wildcard address answers on."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[4][0]).partition("%")[0] for address in found]
