"""The page of a certificate, opened from a list and by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.events import Key

from estconsole.domain.certificate import grouped
from estconsole.domain.certificate_words import CertificateWords, ExtensionWords
from estconsole.lab import Lab
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.describe import certificate_words
from estconsole.results import Saved
from screens.authorities import AuthoritiesScreen
from screens.certificate_page import CertificatePage
from screens.certificate_text import certificate_text, in_words, serial_groups
from screens.dialogs import ErrorDialog, Menu
from screens.file_prompt import FilePrompt
from screens.show_text import ShowText
from screens.vendor_cas import VendorCasScreen
from tests.administration.outside import Outsider
from tests.labs import certificate_of, enroll
from tests.screens.driving import OpenConsole, is_on, line_with, sees, shown_keys, table_of, text_of, types, until

DAY = timedelta(days=1)


def root_words() -> CertificateWords:
    return certificate_words(Outsider.root("CN=Root,O=Lab").certificate)


async def test_a_page_says_all_of_a_certificate_and_leads_to_its_issuer(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    der = certificate_of(enroll(lab))
    facts = read_certificate(der)
    async with console() as pilot:
        page = CertificatePage(
            pilot.app.lab,  # type: ignore[attr-defined]
            "123456789",
            der,
            remarks=["✗ revoked for [bold]good[/]"],
            load_more=lambda: "Its CRL\nin words",
        )
        pilot.app.push_screen(page)
        await sees(pilot, "✗ revoked for [bold]good[/]", "which is ManagementCA here", " days left")
        assert "subject            CN=123456789" in text_of(pilot)
        assert "issuer             CN=ManagementCA" in text_of(pilot)
        assert "TLS client authentication" in line_with(pilot, "usages")
        assert grouped(facts.sha256)[:47] in line_with(pilot, "SHA-256")
        assert {"certificate.copy", "certificate.write", "certificate.go_to"} <= set(shown_keys(pilot.app))  # type: ignore[arg-type]
        await pilot.press("end")
        await sees(pilot, "-----END CERTIFICATE-----", "Its CRL", "in words")
        await pilot.press("home", "j", "j", "c")
        await is_on(pilot, Menu)
        await pilot.press("n")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == serial_groups(facts.serial)
        await pilot.press("escape", "w")
        await is_on(pilot, FilePrompt)
        await sees(pilot, "123456789.pem")
        await pilot.press("ctrl+u")
        await types(pilot, f"{tmp_path / 'one.pem'}")
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        assert (tmp_path / "one.pem").read_text() == certificate_pem(der)
        await pilot.press("g")
        await is_on(pilot, Menu)
        await pilot.press("i")
        await is_on(pilot, AuthoritiesScreen)
        await until(pilot, lambda: "ManagementCA" in line_with(pilot, "▌"))


async def test_a_vendors_page_leads_to_the_vendor_and_a_roots_nowhere(console: OpenConsole, lab: Lab) -> None:
    vendor = Outsider.root("CN=Some Vendor")
    assert isinstance(lab.administration.vendor_cas.import_(vendor.pem), Saved)
    async with console(size=(120, 40)) as pilot:
        pilot.app.push_screen(CertificatePage(pilot.app.lab, "device", vendor.device("CN=device").certificate))  # type: ignore[attr-defined]
        await sees(pilot, "which is Some Vendor here")
        await pilot.press("g")
        await is_on(pilot, Menu)
        await pilot.press("i")
        await is_on(pilot, VendorCasScreen)
        await until(pilot, lambda: table_of(pilot).selected is not None)
        assert "Some Vendor" in line_with(pilot, "▌")
        pilot.app.push_screen(CertificatePage(pilot.app.lab, "root", vendor.certificate))  # type: ignore[attr-defined]
        await sees(pilot, "itself (a root)")
        pilot.app.post_message(Key("g", "g"))
        await pilot.pause()
        assert isinstance(pilot.app.screen, CertificatePage)
        await pilot.press("escape")
        await is_on(pilot, VendorCasScreen)
        pilot.app.push_screen(CertificatePage(pilot.app.lab, "junk", b"junk"))  # type: ignore[attr-defined]
        await is_on(pilot, ErrorDialog)
        await sees(pilot, "This certificate cannot be read.")


def test_how_long_is_left_is_said_in_words_and_by_a_sign() -> None:
    words = root_words()
    ends = words.facts.not_after

    def line(now: datetime) -> str:
        text = certificate_text(words, "", now, 80).plain
        return next(each for each in text.splitlines() if each.startswith("valid to"))

    assert line(ends - 31 * DAY).endswith(" · 31 days left")
    assert line(ends - 29 * DAY).endswith(" · ▲ 29 days left")
    assert line(ends - DAY / 2).endswith(" · ▲ less than a day left")
    assert line(ends + DAY / 2).endswith(" · ✗ expired today")
    assert line(ends + DAY).endswith(" · ✗ expired 1 day ago")
    assert line(words.facts.not_before - DAY).endswith(" · ▲ not valid yet")
    assert in_words(3649 * DAY) == "10 years"


def test_what_a_certificate_says_never_acts_and_no_line_is_wider_than_the_page() -> None:
    facts = root_words().facts
    hostile = ExtensionWords(name="[red]\x1b[31m", critical=True, lines=("[/]\u202e" + "x" * 900, "AB:" * 200 + "AB"))
    words = replace(root_words(), facts=replace(facts, serial=-(2**900)), extensions=(hostile,))
    text = certificate_text(words, "\x07", datetime.now(UTC), 60).plain
    assert "[red]\\x1b[31m (critical)" in text
    assert "[/]\\u202e" in text
    assert max(map(len, text.splitlines())) <= 64  # a PEM's own lines
    groups = [line.strip() for line in text.splitlines() if line.strip().startswith("AB:")]
    assert {line[:3] for line in groups} == {"AB:"}
    assert all(line.endswith(":") for line in groups[:-1])
