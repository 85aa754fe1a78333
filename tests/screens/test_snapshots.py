"""Pictures of every screen, at the smallest size and at a wide one."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estconsole.activity import Activity, ActivityDetail, ActivityFeed
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.handshake import HandshakeFailure
from estconsole.domain.refusal import RefusalReason
from estconsole.domain.revocation import RevocationReason
from estconsole.lab import Lab
from estconsole.results import Saved
from estconsole.server_control import ServerControl, ServerPhase, ServerState, ServerUrls
from estconsole.settings import ServerSettings
from estconsole.subscription import Subscription
from tests.labs import ANY_PORTS, CODE, add, certificate_of, enroll
from tests.screens.conftest import HOST_NAME, MatchesPicture
from tests.screens.driving import OpenConsole, sees
from tests.screens.feeding import NOON, granted, handshake, refused

SIZES = [(80, 24), (120, 40)]

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

    @property
    def settings(self) -> ServerSettings:
        return ServerSettings()

    def start(self) -> ServerState:
        return self.state

    def stop(self) -> ServerState:
        return self.state

    def subscribe(self, listener: Callable[[ServerState], None]) -> Subscription:  # noqa: ARG002
        return Subscription(lambda: None)


@pytest.fixture(scope="module")
def noon_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo lab that was made at noon: all of its dates are the same each time."""
    directory = tmp_path_factory.mktemp("noon") / "lab"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "gethostname", lambda: HOST_NAME)
        with lab_at_noon(directory) as made:
            for username in ("printer-7", "printer-8"):
                add(made, username, code=None if username == "printer-7" else CODE, allowed_requests="3")
            certificate_of(enroll(made))
            certificate_of(enroll(made, "printer-8"))
            revoked = made.administration.certificates.of_entity("printer-8")[0]
            gone = made.administration.certificates.revoke(revoked.sha256, RevocationReason.KEY_COMPROMISE)
            assert isinstance(gone, Saved)
            sub = AuthorityDraft(name="Factory CA", subject="CN=Factory CA", validity="20d", signed_by="ManagementCA")
            assert isinstance(made.administration.authorities.create(sub), Saved)
    return directory


@pytest.fixture
def lab(noon_directory: Path, tmp_path: Path) -> Iterator[Lab]:
    shutil.copytree(noon_directory, tmp_path / "lab")
    with lab_at_noon(tmp_path / "lab") as opened:
        yield opened


@pytest.fixture
def empty_feed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab with none of its rows in memory: what is shown are the fixed ones."""
    monkeypatch.setattr(lab, "feed", ActivityFeed())
    return lab


def lab_at_noon(directory: Path) -> Lab:
    return Lab.open(directory, owner="a test", settings=ANY_PORTS, demo=True, clock=lambda: NOON)


def detail(number: int) -> ActivityDetail:
    activity: Activity = next(row for row in ROWS if row.id == number)
    return ActivityDetail(activity=activity, checks=TRACE, has_raw_request=True)


@pytest.mark.parametrize("size", SIZES)
async def test_live(
    console: OpenConsole,
    empty_feed: Lab,
    matches_picture: MatchesPicture,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(empty_feed.administration.activities, "detail", detail)
    async with console(size, server=Serving(), now=lambda: NOON) as pilot:
        await sees(pilot, "No device has called yet", "cacerts")
        await matches_picture(pilot, f"live-empty-{size[0]}x{size[1]}")
        for row in ROWS:
            empty_feed.feed.publish(row)
        await sees(pilot, "✗ not NEW", "x set NEW")
        await matches_picture(pilot, f"live-{size[0]}x{size[1]}")
        await pilot.press("enter")
        await sees(pilot, "GENERATED, last changed", "esc back")
        await matches_picture(pilot, f"live-details-{size[0]}x{size[1]}")


VISITS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("end-entities", ("2",), ("printer-8", "e edit")),
    ("end-entity-form", ("e",), ("Edit 1234.primekey.com", "^s save")),
    ("aliases", ("escape", "3"), ("estvendor", "● complete")),
    ("alias-form", ("down", "e"), ("Vendor Certificate Mode", "^s save")),
    ("authorities", ("escape", "4"), ("Factory CA", "20 days left")),
    ("certificate", ("enter",), ("CN=ManagementCA", "esc back")),
    ("vendor-cas", ("escape", "5"), ("Vendor Sub CA", "● trusted")),
    ("certificates", ("6",), ("printer-8", "✗")),
    ("server", ("7",), ("SHA-256", "issuer unknown", "w write PEM")),
    ("server-form", ("e",), ("Where the server listens", "^s save")),
)
"""What is drawn of each screen, by the keys that lead there from the one before, and what has come by then."""


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen(
    console: OpenConsole, lab: Lab, matches_picture: MatchesPicture, size: tuple[int, int]
) -> None:
    lab.feed.publish(ROWS[3])
    async with console(size, server=Serving(), now=lambda: NOON) as pilot:
        for name, keys, seen in VISITS:
            await pilot.press(*keys)
            await sees(pilot, *seen)
            await matches_picture(pilot, f"{name}-{size[0]}x{size[1]}")
