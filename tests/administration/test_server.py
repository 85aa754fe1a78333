"""The operator's settings of the server, and the switch that turns EST off."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from estconsole.activity import ActivityFeed
from estconsole.domain.refusal import RefusalReason
from estconsole.handshakes import HandshakeLog
from estconsole.results import Saved
from estconsole.server_control import ServerPhase
from estconsole.settings import ServerSettings
from server.service import EstService
from tests.administration.site import DAY, Site, problem_of
from tests.labs import add, enroll, reason_of


def control_of(site: Site) -> EstService:
    """The server of a site that does not serve: it takes settings, and binds nothing."""
    handshakes = HandshakeLog(site.store, ActivityFeed())
    return EstService(ServerSettings(), site.engine, site.administration, handshakes, site.identity)


def names_of(site: Site) -> set[str]:
    facts = site.administration.server.certificate_facts()
    assert facts is not None
    return {name.value for name in facts.subject_alt_names}


def test_settings_are_kept_and_their_names_go_into_the_certificate(site: Site) -> None:
    """B-36, B-37."""
    server, control = site.administration.server, control_of(site)
    settings = replace(server.settings(), tls_port=18442, names=("est.example",))
    assert isinstance(server.change_settings(settings, control), Saved)
    assert server.settings() == control.settings == settings
    assert "est.example" in names_of(site)
    assert isinstance(server.change_settings(ServerSettings(), control), Saved)
    assert "est.example" not in names_of(site)


def test_settings_that_do_not_hold_are_refused_and_nothing_changes(site: Site) -> None:
    server, control = site.administration.server, control_of(site)
    before = server.settings(), control.settings, names_of(site)
    problem = problem_of(server.change_settings(replace(server.settings(), tls_port=70000), control), "tls_port")
    assert "0 to 65535" in problem
    assert (server.settings(), control.settings, names_of(site)) == before


def test_a_server_that_cannot_follow_leaves_the_settings_and_the_certificate_as_they_were(site: Site) -> None:
    """B-36: the port is taken. What it listens on by an option of this run stays in its certificate, too."""
    control = control_of(site)
    control.apply(
        ServerSettings(hosts=("127.0.0.1",), http_port=0, tls_port=0, mtls_port=0, names=("running.example",))
    )
    control.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            wanted = replace(control.settings, tls_port=taken.getsockname()[1], names=("wanted.example",))
            problem = problem_of(site.administration.server.change_settings(wanted, control), "tls_port")
            assert f"{wanted.tls_port} is taken on 127.0.0.1" in problem
        assert site.administration.server.settings() == ServerSettings()
        assert "running.example" in names_of(site)
        assert "wanted.example" not in names_of(site)
        assert control.state.phase is ServerPhase.SERVING
    finally:
        control.stop()


def test_a_management_ca_that_has_expired_leaves_the_server_its_certificate(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """B-37: the lab still opens, so that the operator can renew the CA."""
    before = site.administration.server.certificate_facts()
    site.clock.turn(20 * 365 * DAY)
    site.identity.renew_due()
    assert site.administration.server.certificate_facts() == before
    assert "not in date" in caplog.text


def test_est_is_switched_off_and_on(site: Site) -> None:
    """B-25."""
    add(site, "printer")
    server = site.administration.server
    assert server.est_is_on()
    server.switch_est(on=False)
    assert not server.est_is_on()
    assert reason_of(enroll(site, "printer")) is RefusalReason.EST_SWITCHED_OFF
    server.switch_est(on=True)
    assert enroll(site, "printer").certificates
