"""Certificates: the register searched and narrowed, and each one viewed, written, revoked, held and let go."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.model import IssuedCertificate
from estconsole.domain.revocation import RevocationReason
from estconsole.lab import Lab
from estconsole.pki.crls import read_crl
from estconsole.results import Saved
from screens import certificates
from screens.authorities import AuthoritiesScreen
from screens.certificate_page import CertificatePage
from screens.certificates import CertificatesScreen
from screens.dialogs import Confirm, Menu
from screens.end_entities import EndEntitiesScreen
from screens.file_prompt import FilePrompt
from screens.live import LiveScreen
from screens.show_text import ShowText
from tests.labs import add, enroll, save_alias
from tests.screens.driving import (
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    table_of,
    text_of,
    to_list,
    types,
    until,
)

HOLD = RevocationReason.CERTIFICATE_HOLD


def device(lab: Lab, username: str = "123456789") -> IssuedCertificate:
    """The certificate that a device gets when it enrolls."""
    enroll(lab, username)
    return lab.administration.certificates.of_entity(username)[0]


def reason_of(lab: Lab, issued: IssuedCertificate) -> RevocationReason | None:
    now = lab.administration.certificates.get(issued.sha256)
    assert now is not None
    return now.revocation.reason if now.revocation else None


async def searches(pilot: ConsolePilot, text: str) -> None:
    await pilot.press("slash")
    await types(pilot, text)
    await pilot.press("enter")


async def test_the_register_is_searched_by_what_is_known_of_a_certificate(console: OpenConsole, lab: Lab) -> None:
    issued = device(lab)
    serial = issued.serial.to_bytes(20).hex(":")
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await sees(pilot, "3 certificates")
        assert "CN=123456789" in line_with(pilot, "▌"), "the newest first"
        for text in (serial, f"000{issued.serial:X}", issued.sha256[:12], "cn=123456 management"):
            await searches(pilot, text)
            await sees(pilot, "1 shown")
            assert "● live" in line_with(pilot, "▌CN=123456789")
            await pilot.press("escape")
            await sees(pilot, "3 certificates")
        await searches(pilot, "nobody")
        await sees(pilot, "No certificate matches the search. esc shows every one.", "0 shown")
        assert shown_keys(pilot.app) == ["list.search", "certificates.show", "app.help"]
        await pilot.press("escape")
        await sees(pilot, "3 certificates")
        assert pilot.app.focused is table_of(pilot)


async def test_only_those_that_expire_or_are_of_a_kind_are_shown(console: OpenConsole, lab: Lab) -> None:
    issued = device(lab)
    soon = issued.not_after - timedelta(days=3)
    async with console(now=lambda: soon) as pilot:
        await to_list(pilot, CertificatesScreen)
        await until(pilot, lambda: "▲ expires soon" in line_with(pilot, "CN=123456789"))
        assert "○ expired" in line_with(pilot, "CN=localhost")
        for keys, shown, hidden in (
            ("se", "expiring in 30 days · 1 shown", "CN=localhost"),
            ("sx", "expired · 1 shown", "CN=ManagementCA"),
            ("sx", "3 certificates", "expired ·"),
            ("sc", "CAs · 1 shown", "CN=localhost"),
            ("sr", "revoked · CAs · 0 shown", "CN=ManagementCA"),
            ("sa", "3 certificates", "CAs"),
        ):
            await types(pilot, keys)
            await is_on(pilot, CertificatesScreen)
            await sees(pilot, shown)
            assert hidden not in "\n".join(text_of(pilot).splitlines()[2:]), keys
        await types(pilot, "se")
        await sees(pilot, "expiring in 30 days")
        await pilot.press("escape")
        await sees(pilot, "3 certificates")


async def test_a_certificate_is_held_let_go_and_revoked_for_good(console: OpenConsole, lab: Lab) -> None:
    """B-43, B-44."""
    issued = device(lab)

    def number() -> int | None:
        crl = lab.administration.authorities.crl("ManagementCA")
        assert crl is not None
        return read_crl(crl).number

    first = number()
    assert first is not None
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await sees(pilot, "CN=123456789")
        await pilot.press("h")
        await is_on(pilot, Confirm)
        await sees(
            pilot, "Put CN=123456789 on hold?", "It renews no more and gets no server keys.", "It can be let go again."
        )
        await pilot.press("n")
        await is_on(pilot, CertificatesScreen)
        assert reason_of(lab, issued) is None
        await pilot.press("h", "y")
        await sees(pilot, "CN=123456789 is on hold.", "‖ on hold")
        assert reason_of(lab, issued) is HOLD
        assert number() == first + 1
        assert "certificates.release" in shown_keys(pilot.app)
        await pilot.press("l")
        await sees(pilot, "CN=123456789 counts again.", "● live  ")
        assert reason_of(lab, issued) is None
        await pilot.press("r")
        await is_on(pilot, Menu)
        await sees(pilot, "u  unspecified", "key compromise", "CA compromise", "affiliation changed", "superseded")
        await sees(pilot, "cessation of operation", "privilege withdrawn", "AA compromise")
        await pilot.press("s")
        await is_on(pilot, Confirm)
        await sees(pilot, "for superseded?", "That is for good.")
        await pilot.press("y")
        await sees(pilot, "CN=123456789 is revoked for superseded.", "✗ superseded")
        assert reason_of(lab, issued) is RevocationReason.SUPERSEDED
        assert number() == first + 3
        await pilot.press("u", "r", "h")
        assert isinstance(pilot.app.screen, CertificatesScreen), "it is for good"
        assert reason_of(lab, issued) is RevocationReason.SUPERSEDED


async def test_what_cannot_be_revoked_says_so_at_once_and_what_was_overtaken_too(
    console: OpenConsole, lab: Lab
) -> None:
    issued = device(lab)
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await pilot.press("end")
        await until(pilot, lambda: "CN=ManagementCA" in line_with(pilot, "▌"))
        await pilot.press("r")
        await sees(pilot, "CN=ManagementCA,O=estconsole cannot be revoked: a root")
        await pilot.press("up", "h")
        await sees(pilot, "cannot be revoked: the server presents it")
        await pilot.press("up", "r", "k")
        await is_on(pilot, Confirm)
        assert isinstance(lab.administration.certificates.revoke(issued.sha256, HOLD), Saved)
        await pilot.press("y")
        await sees(pilot, "Nothing was changed: meanwhile CN=123456789 is revoked on", "certificate hold")
        assert reason_of(lab, issued) is HOLD


async def test_a_sub_ca_is_held_with_all_that_needs_it(console: OpenConsole, lab: Lab) -> None:
    draft = AuthorityDraft(name="Sub", subject="CN=Sub", signed_by="ManagementCA")
    assert isinstance(lab.administration.authorities.create(draft), Saved)
    for number in range(1, 7):
        save_alias(lab, f"line-{number}", authenticationmodule="ChallengePwd", defaultca="Sub")
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await until(pilot, lambda: "CN=Sub" in line_with(pilot, "▌"))
        await pilot.press("h")
        await is_on(pilot, Confirm)
        await sees(pilot, "Sub is shut out as a whole", "· the alias line-4", "· and 2 more", "It can be let go again.")
        assert "▌  A new CRL of ManagementCA says so." in text_of(pilot)


async def test_a_certificate_is_viewed_copied_written_and_related_records_are_gone_to(
    console: OpenConsole, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    issued = device(lab)
    name = f"123456789-{issued.serial:x}"[:80]
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await sees(pilot, "CN=123456789")
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        await sees(pilot, "Certificate of CN=123456789", "● live", "end entity 123456789")
        await pilot.press("escape")
        await is_on(pilot, CertificatesScreen)
        await pilot.press("c", "d")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == f"{issued.serial:x}"
        await pilot.press("escape")
        for form in "pdh":
            await pilot.press("w", form)
            await is_on(pilot, FilePrompt)
            await pilot.press("enter")
            if form == "h":
                await is_on(pilot, Confirm)  # the chain would take the place of the PEM
                await pilot.press("y")
            await sees(pilot, "The certificate is in")
            await is_on(pilot, CertificatesScreen)
            if form == "p":
                assert (tmp_path / f"{name}.pem").read_text() == lab.administration.certificates.pem(issued.sha256)
        assert (tmp_path / f"{name}.der").read_bytes() == issued.der
        assert (tmp_path / f"{name}.pem").read_text().count("BEGIN CERTIFICATE") == 2
        for key, kind, seen in (
            ("e", EndEntitiesScreen, "▌123456789"),
            ("i", AuthoritiesScreen, "▌ManagementCA"),
            ("l", LiveScreen, issued.reference),
        ):
            await to_list(pilot, CertificatesScreen)
            await pilot.press("g")
            await is_on(pilot, Menu)
            await pilot.press(key)
            await is_on(pilot, kind)  # type: ignore[type-abstract]
            await sees(pilot, seen)


async def test_of_many_the_newest_are_listed_and_every_one_is_found(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "NEWEST", 2)
    first = device(lab)
    for username in ("second", "third", "last"):
        add(lab, username)
    device(lab, "second")
    device(lab, "third")
    async with console() as pilot:
        await to_list(pilot, CertificatesScreen)
        await sees(pilot, "newest 2 of 5", "CN=third", "CN=second")
        assert "123456789" not in text_of(pilot)
        await searches(pilot, "123456789")
        await until(pilot, lambda: "CN=123456789" in line_with(pilot, "▌"))
        await pilot.press("escape")
        await sees(pilot, "newest 2 of 5")
        await pilot.app.open_record("certificates", first.sha256)  # type: ignore[attr-defined]
        await until(pilot, lambda: "CN=123456789" in line_with(pilot, "▌"))
        assert "CN=third" in text_of(pilot), "it stands behind the newest"
        device(lab, "last")
        await sees(pilot, "newest 2 of 6", "CN=last")
        assert "CN=123456789" in line_with(pilot, "▌"), "nothing jumps"
        await pilot.app.open_record("certificates", "00")  # type: ignore[attr-defined]
        await sees(pilot, "00 is not here.")
