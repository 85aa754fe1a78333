"""Settings of the embedded server: where it listens, and how they are kept. What runs is another thing."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections import Counter
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from estconsole.domain.problems import FieldProblem
from estconsole.errors import SettingsError

LOOPBACK = ("127.0.0.1", "::1")
"""The default addresses: `localhost` may be either for a client, so both are listened on (B-36)."""

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - the operator says where to listen
"""The addresses that stand for every one of a family."""
_MAX_PORT = 65535
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


class PortLayout(StrEnum):
    """Which ports there are (B-36)."""

    THREE = "three-port"
    TWO = "two-port"
    SINGLE = "single-port"


_PORTS = {
    PortLayout.THREE: ("http_port", "tls_port", "mtls_port"),
    PortLayout.TWO: ("http_port", "mtls_port"),
    PortLayout.SINGLE: ("mtls_port",),
}
"""The fields that are a layout's ports. The one that all have takes client certificates, so it can serve everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the server listens. Port 0 means any free one, the same on every address.

    A port that the layout does not have keeps its number for the day that the layout changes. `names` are host names
    and addresses that the operator adds to the server's certificate (B-37).
    """

    hosts: tuple[str, ...] = LOOPBACK
    layout: PortLayout = PortLayout.THREE
    http_port: int = 8080
    tls_port: int = 8442
    mtls_port: int = 8443
    names: tuple[str, ...] = ()

    @property
    def ports(self) -> dict[str, int]:
        """The ports that the layout has, by the name of their field."""
        return {name: getattr(self, name) for name in _PORTS[self.layout]}

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
        return socket.gethostname() if host in WILDCARDS else host

    def certificate_names(self) -> tuple[str, ...]:
        """The host names and addresses that the server certificate carries (B-37), in a stable order."""
        names = ["localhost", *LOOPBACK, socket.gethostname()]
        for host in self.hosts:
            names += _local_addresses() if host in WILDCARDS else [host]
        names += self.names
        return tuple(dict.fromkeys(_canonical(name) for name in names if name_problem(name) is None))

    def with_options(self, **given: Any) -> ServerSettings:
        """The settings with what was given in their place. Raises SettingsError for a port that their layout lacks."""
        settings = replace(self, **given)
        for name in given:
            if name in _PORTS[PortLayout.THREE] and name not in settings.ports:
                raise SettingsError(
                    f"The layout {settings.layout} has no --{name.replace('_', '-')}.",
                    "Leave it out, or give a --layout that has it.",
                )
        return settings

    def to_text(self) -> str:
        """The settings as they are stored: one JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ServerSettings:
        """The settings of a stored text; what it does not name has its default. Raises ValueError if it is damaged."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ValueError("The stored server settings are no JSON") from error
        if not isinstance(values, dict) or not values.keys() <= {field.name for field in fields(cls)}:
            raise ValueError("The stored server settings are not those of this program")
        settings = cls(**{name: _of_json(name, value) for name, value in values.items()})
        if problems := settings_problems(settings):
            raise ValueError(f"The stored server settings do not hold: {problems[0].field}: {problems[0].message}")
        return settings


def settings_problems(settings: ServerSettings) -> tuple[FieldProblem, ...]:
    """What keeps settings from being taken, field by field; empty when nothing does."""
    problems = [FieldProblem("hosts", problem) for host in settings.hosts if (problem := host_problem(host))]
    if not settings.hosts:
        problems.append(FieldProblem("hosts", "name at least one address to listen on"))
    problems += [FieldProblem("names", problem) for name in settings.names if (problem := name_problem(name))]
    times = Counter(settings.ports.values())
    for name in _PORTS[PortLayout.THREE]:
        number: int = getattr(settings, name)
        if not 0 <= number <= _MAX_PORT:
            problems.append(FieldProblem(name, f"a port is a number from 0 to {_MAX_PORT}, 0 for any free one"))
        elif number and name in settings.ports and times[number] > 1:
            problems.append(FieldProblem(name, f"{number} is given to two ports; choose another for one of them"))
    return tuple(problems)


def host_problem(host: str) -> str | None:
    """What keeps a host from being listened on, or None."""
    if _is_address(host) or (len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))):
        return None
    return f"{host!r} is no address or host name; write an international name in its xn-- form"


def name_problem(name: str) -> str | None:
    """What keeps a host name or address from standing in the server's certificate, or None."""
    if name in WILDCARDS:
        return f"{name} stands for every address; write the one that clients call"
    return host_problem(name)


def _of_json(name: str, value: Any) -> Any:
    """A field's value from its JSON. Raises ValueError when it is none."""
    match name, value:
        case "hosts" | "names", list() if all(isinstance(each, str) for each in value):
            return tuple(value)
        case "layout", str() if value in set(PortLayout):
            return PortLayout(value)
        case "http_port" | "tls_port" | "mtls_port", int() if not isinstance(value, bool):
            return value
    raise ValueError(f"The stored server settings hold what is no {name}")


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
