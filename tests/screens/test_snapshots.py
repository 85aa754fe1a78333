"""Pictures of every screen, at the smallest size and at a wide one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from estconsole.activity import Activity, ActivityDetail
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.names import GeneralName, SanKind
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from estconsole.server_control import ServerControl, ServerPhase, ServerState, ServerUrls
from estconsole.subscription import Subscription
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.server import ServerScreen
from tests.labs import add
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, types
from tests.screens.feeding import NOON, granted, handshake, refused

SIZES = [(80, 24), (120, 40)]
MatchesPicture = Callable[[ConsolePilot, str], None]

ROWS = (
    granted(1, "", operation="cacerts", milliseconds=0.4),
    granted(9),
    refused(14, RefusalReason.RENEWAL_SAME_KEY, operation="simplereenroll", milliseconds=2.2),
    handshake(20, HandshakeFailure.UNKNOWN_ISSUER, count=3),
    refused(31, RefusalReason.WRONG_CODE, "printer-7", peer="10.0.4.17", milliseconds=3.1),
    refused(44, RefusalReason.ENTITY_UNKNOWN, "カメラ-9[/x]\u202e", peer="2001:db8::17"),
    refused(58, RefusalReason.ENTITY_NOT_OPEN, milliseconds=3.4),
)
TRACE = (
    Check("request can be read", CheckState.PASSED, "", "a request with key EC P-256"),
    Check("proof of possession", CheckState.PASSED, "", "valid"),
    Check("alias exists", CheckState.PASSED, "", "est"),
    Check("end entity registered", CheckState.PASSED, "", "123456789"),
    Check("status", CheckState.FAILED, "NEW, FAILED or INPROCESS", "GENERATED, last changed 2026-01-05 12:00:09 UTC"),
    Check("code", CheckState.NOT_REACHED),
)


class Serving(ServerControl):
    """A server that has served since noon on the usual ports, and does nothing else."""

    @property
    def state(self) -> ServerState:
        urls = ServerUrls("http://localhost:8080", "https://localhost:8442", "https://localhost:8443")
        return ServerState(phase=ServerPhase.SERVING, since=NOON, urls=urls)

    def start(self) -> ServerState:
        return self.state

    def stop(self) -> ServerState:
        return self.state

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:  # noqa: ARG002
        return Subscription(lambda: None)


@pytest.fixture
def calm_lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The demo lab with what differs from one making to the next held still: fingerprints, dates and traces."""
    administration = lab.administration
    authority, server = administration.authorities.facts("ManagementCA"), administration.server.certificate_facts()
    assert authority is not None
    assert server is not None
    names = frozenset({GeneralName(SanKind.DNS_NAME, "localhost"), GeneralName(SanKind.IP_ADDRESS, "127.0.0.1")})
    authority = replace(authority, sha256="4a11" * 16, not_after=NOON + timedelta(days=3650))
    server = replace(server, not_after=NOON + timedelta(days=89), subject_alt_names=names)
    monkeypatch.setattr(administration.authorities, "facts", lambda _: authority)
    monkeypatch.setattr(administration.server, "certificate_facts", lambda: server)
    monkeypatch.setattr(administration.activities, "detail", detail)
    return lab


def detail(number: int) -> ActivityDetail:
    activity: Activity = next(row for row in ROWS if row.id == number)
    return ActivityDetail(activity=activity, checks=TRACE, has_raw_request=True)


@pytest.mark.parametrize("size", SIZES)
async def test_live(
    console: OpenConsole, calm_lab: Lab, matches_picture: MatchesPicture, size: tuple[int, int]
) -> None:
    async with console(size, server=Serving(), now=lambda: NOON) as pilot:
        await sees(pilot, "No device has called yet", "cacerts")
        matches_picture(pilot, f"live-empty-{size[0]}x{size[1]}")
        for row in ROWS:
            calm_lab.feed.publish(row)
        await sees(pilot, "✗ not NEW", "x fix")
        await pilot.pause()
        matches_picture(pilot, f"live-{size[0]}x{size[1]}")
        await pilot.press("enter")
        await sees(pilot, "GENERATED, last changed", "esc back")
        await pilot.pause()
        matches_picture(pilot, f"live-details-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_end_entities(
    console: OpenConsole, calm_lab: Lab, matches_picture: MatchesPicture, size: tuple[int, int]
) -> None:
    add(calm_lab, "printer-7", code=None, allowed_requests="3")
    async with console(size, server=Serving(), now=lambda: NOON) as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "printer-7", "e edit")
        await pilot.pause()
        matches_picture(pilot, f"end-entities-{size[0]}x{size[1]}")
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        await types(pilot, ",C=S")
        await sees(pilot, "✗ C takes", "^s save")
        await pilot.pause()
        matches_picture(pilot, f"end-entity-form-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_server(
    console: OpenConsole, calm_lab: Lab, matches_picture: MatchesPicture, size: tuple[int, int]
) -> None:
    calm_lab.feed.publish(ROWS[3])
    async with console(size, server=Serving(), now=lambda: NOON) as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "4A:11:4A:11", "issuer unknown", "r restart")
        await pilot.pause()
        matches_picture(pilot, f"server-{size[0]}x{size[1]}")
