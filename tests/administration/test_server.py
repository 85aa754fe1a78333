"""The operator's settings of the server, and the switch that turns EST off."""

from __future__ import annotations

from dataclasses import replace

from estconsole.domain.refusal import RefusalReason
from estconsole.results import Saved
from tests.administration.site import Site, problem_of
from tests.labs import add, enroll, reason_of


def test_settings_are_kept_and_their_names_go_into_the_certificate(site: Site) -> None:
    """B-36, B-37."""
    server = site.administration.server
    before = server.certificate_facts()
    settings = replace(server.settings(), tls_port=18442, names=("est.example",))
    assert isinstance(server.save_settings(settings), Saved)
    assert server.settings() == settings
    after = server.certificate_facts()
    assert before is not None
    assert after is not None
    assert "est.example" in {name.value for name in after.subject_alt_names} - {
        name.value for name in before.subject_alt_names
    }


def test_settings_that_do_not_hold_are_refused_and_nothing_changes(site: Site) -> None:
    server = site.administration.server
    before = server.settings(), server.certificate_facts()
    assert "0 to 65535" in problem_of(server.save_settings(replace(server.settings(), tls_port=70000)), "tls_port")
    assert (server.settings(), server.certificate_facts()) == before


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
