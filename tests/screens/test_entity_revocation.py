"""Revocation of end entities: what goes with one is named, it stands in the history, and a hold is released again."""

from __future__ import annotations

from estconsole.domain.revocation import RevocationReason
from estconsole.lab import Lab
from estconsole.pki.certificates import read_certificate
from screens.certificate_page import CertificatePage
from screens.certificate_text import serial_groups
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.entity_history import EntityHistoryScreen
from screens.live import LiveScreen
from tests.labs import certificate_of, enroll
from tests.screens.driving import OpenConsole, is_on, line_with, sees, text_of, to_list, types, until


async def test_a_hold_a_release_and_a_revocation_name_what_goes_and_stand_in_the_history(
    console: OpenConsole, lab: Lab
) -> None:
    issued = read_certificate(certificate_of(enroll(lab)))
    enroll(lab)
    async with console((120, 40)) as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await sees(pilot, "GENERATED: enrolled", "0 of 1 left", "ctrl+r shows", "1 live, 1 in all")
        assert "password" not in text_of(pilot)
        await types(pilot, "rh")
        await is_on(pilot, Confirm)
        await sees(pilot, "for certificate hold?", serial_groups(issued.serial)[:30], "releases it again")
        await pilot.press("y")
        await sees(pilot, "is revoked with 1 live certificate", "✗ REVOKED", "0 live, 1 in all")
        assert revocation_of(lab, issued.sha256) is RevocationReason.CERTIFICATE_HOLD
        await pilot.press("r")
        await is_on(pilot, Menu)
        assert "which can be released" not in text_of(pilot), "it is on hold already"
        await pilot.press("r")
        await sees(pilot, "123456789 is released", "○ GENERATED")
        assert revocation_of(lab, issued.sha256) is None
        await types(pilot, "rk")
        await is_on(pilot, Confirm)
        await sees(pilot, "That is for good.")
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await types(pilot, "rky")
        await sees(pilot, "revoked with 1 live certificate: key compromise.")
        assert revocation_of(lab, issued.sha256) is RevocationReason.KEY_COMPROMISE
        await pilot.press("r")
        await sees(pilot, "123456789 cannot be revoked: it is revoked already.")
        assert isinstance(pilot.app.screen, EndEntitiesScreen)

        await pilot.press("h")
        await is_on(pilot, EntityHistoryScreen)
        await sees(
            pilot, "The history of 123456789", "3 events", "not NEW", "✓ granted", "Set the end entity back to NEW"
        )
        await pilot.press("down")
        await sees(pilot, "✗ revoked on", "issued by")
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        await sees(pilot, "Issued to 123456789", "BEGIN CERTIFICATE")
        await pilot.press("escape")
        await is_on(pilot, EntityHistoryScreen)
        enroll(lab)
        await sees(pilot, "4 events")
        await pilot.press("up", "enter")
        await is_on(pilot, LiveScreen)
        await until(pilot, lambda: "not NEW" in line_with(pilot, "▌"))
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)


async def test_what_expired_on_hold_is_not_offered_for_release(console: OpenConsole, lab: Lab) -> None:
    issued = read_certificate(certificate_of(enroll(lab)))
    lab.administration.certificates.revoke(issued.sha256, RevocationReason.CERTIFICATE_HOLD)
    for now, offered in ((issued.not_before, True), (issued.not_after, False)):
        async with console(now=lambda now=now: now) as pilot:
            await to_list(pilot, EndEntitiesScreen)
            await pilot.press("r")
            await is_on(pilot, Menu)
            assert ("release what is on hold" in text_of(pilot)) == offered


def revocation_of(lab: Lab, sha256: str) -> RevocationReason | None:
    certificate = lab.administration.certificates.get(sha256)
    assert certificate is not None
    return certificate.revocation.reason if certificate.revocation else None
