"""The words of the Server screen and of the frame, layout by layout."""

from __future__ import annotations

import pytest

from estconsole.server_control import ServerPhase, ServerState, ServerUrls
from estconsole.settings import PortLayout
from screens.first_steps import first_steps
from screens.frame import server_line
from screens.server_view import ServerFacts, authority_url, fact_lines, state_lines, urls
from tests.screens.feeding import NOON

HTTP, TLS, MTLS = "http://localhost:8080", "https://localhost:8442", "https://localhost:8443"
THREE, TWO, SINGLE = ServerUrls(HTTP, TLS, MTLS), ServerUrls(HTTP, MTLS, MTLS), ServerUrls(None, MTLS, MTLS)


def serving(where: ServerUrls) -> ServerState:
    return ServerState(phase=ServerPhase.SERVING, since=NOON, urls=where)


@pytest.mark.parametrize(
    ("where", "layout", "listens", "heading"),
    [
        (
            THREE,
            PortLayout.THREE,
            "8080 http   8442 tls   8443 tls + client certificate",
            "8442 tls · 8443 mtls · 8080 http",
        ),
        (TWO, PortLayout.TWO, "8080 http   8443 tls, client certificate or none", "8443 tls · 8080 http"),
        (SINGLE, PortLayout.SINGLE, "8443 tls, client certificate or none", "8443 tls"),
    ],
)
def test_only_the_ports_that_there_are(where: ServerUrls, layout: PortLayout, listens: str, heading: str) -> None:
    facts = fact_lines(serving(where), ServerFacts(), NOON, 75, switch_key="t").plain
    assert facts.splitlines()[0].split(maxsplit=1) == ["listens", listens]
    assert server_line(serving(where)).plain == f"● serving {heading}"
    assert state_lines(serving(where), NOON, 75, start_key="s").plain.startswith(
        f"● serving {heading}  {layout} since "
    )
    assert where.layout is layout


def test_the_cas_certificate_is_where_there_is_a_port_for_it() -> None:
    assert authority_url(serving(TWO), "ManagementCA") == f"{HTTP}/ca/ManagementCA.cacert.pem"
    assert authority_url(serving(SINGLE), "ManagementCA") == f"{MTLS}/ca/ManagementCA.cacert.pem"
    assert authority_url(serving(TWO), "50% Ü/CA?") == f"{HTTP}/ca/50%25%20%C3%9C%2FCA%3F.cacert.pem"
    assert urls(serving(SINGLE), "est")["enroll"] == f"{MTLS}/.well-known/est/est/simpleenroll"


def test_the_first_steps_without_a_plain_port() -> None:
    """curl cannot verify what it fetches to verify with."""
    verified, blindly = (first_steps(serving(where), "ManagementCA", str).plain for where in (THREE, SINGLE))
    assert f"curl -o ca.cacert.pem {HTTP}/ca/ManagementCA.cacert.pem\n" in verified
    assert f"curl -k -o ca.cacert.pem {MTLS}/ca/ManagementCA.cacert.pem\n" in blindly
