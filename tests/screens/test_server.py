"""The Server screen."""

from __future__ import annotations

import socket

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.certificate import grouped
from estconsole.domain.handshake import HandshakeFailure
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.server_control import ServerPhase
from estconsole.settings import ServerSettings
from screens.dialogs import ErrorDialog, Menu
from screens.server import ServerScreen
from screens.show_text import ShowText
from server.service import EstService
from tests.screens.driving import OpenConsole, is_on, sees, text_of, types, until
from tests.screens.feeding import NOON, handshake


async def test_it_starts_stops_and_restarts_by_keys(console: OpenConsole, service: EstService) -> None:
    async with console() as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "○ stopped", "No device can call. s starts the server.")
        await pilot.press("s")
        await sees(pilot, "● serving", "The server serves.", "https://localhost:")
        first = service.state.since
        await pilot.press("r")
        await sees(pilot, "stopped and serves again")
        assert service.state.since > first
        assert service.state.phase is ServerPhase.SERVING
        await pilot.press("s")
        await sees(pilot, "○ stopped", "The server is stopped: no device can call.")
        assert service.state.phase is ServerPhase.STOPPED


async def test_the_fingerprint_compares_with_openssls(console: OpenConsole, lab: Lab) -> None:
    """Of the CA that devices must trust, whichever other CAs there are."""
    another = AuthorityDraft(name="A CA before it", subject="CN=A CA", key="EC P-256")
    assert isinstance(lab.administration.authorities.create(another), Saved)
    facts = lab.administration.authorities.facts("ManagementCA")
    assert facts is not None
    fingerprint = grouped(facts.sha256)
    async with console() as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, fingerprint[:48], fingerprint[48:], "CN=localhost", "lab-7")
        await pilot.press("c")
        await is_on(pilot, Menu)
        await pilot.press("f")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == fingerprint
        await pilot.press("escape")
        await is_on(pilot, ServerScreen)
        await pilot.press("c")
        await is_on(pilot, Menu)
        await pilot.press("p")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == lab.administration.authorities.pem("ManagementCA")


async def test_a_taken_port_is_said_plainly_everywhere(console: OpenConsole, lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = ServerSettings(hosts=("127.0.0.1",), http_port=0, tls_port=port, mtls_port=0)
        service = EstService(settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        async with console(server=service, start_server=True) as pilot:
            await is_on(pilot, ErrorDialog)
            await sees(pilot, str(port))
            await pilot.press("escape")
            await pilot.press("7")
            await is_on(pilot, ServerScreen)
            await sees(pilot, "▲", str(port), "→")
            assert service.state.problem is not None
            assert service.state.problem.hint.split()[0] in text_of(pilot)


async def test_the_last_handshake_failures_stand_with_their_remedy(console: OpenConsole, lab: Lab) -> None:
    async with console(now=lambda: NOON) as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "none failed lately")
        for number in range(1, 8):
            lab.feed.publish(handshake(number, HandshakeFailure.PLAIN_HTTP, peer=f"10.0.0.{number}"))
        lab.feed.publish(handshake(8, HandshakeFailure.UNKNOWN_ISSUER, count=3))
        await sees(pilot, "5 failed lately", "10.0.4.17", "✗ issuer unknown ×3", "→ Present a certificate")
        await until(pilot, lambda: "10.0.0.1 " not in text_of(pilot))


async def test_c_r_copies_a_url_and_restarts_nothing(console: OpenConsole, service: EstService) -> None:
    async with console(start_server=True) as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "simplereenroll", "SHA-256")
        since = service.state.since
        await types(pilot, "cr")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard.endswith("/simplereenroll")
        assert service.state.since == since
