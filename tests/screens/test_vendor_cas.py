"""Vendor CAs: looked at before they are imported, listed in an alias, trusted or not, and their CRLs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual import events

from estconsole.domain.model import VendorCa
from estconsole.lab import Lab
from estconsole.progress import Progress
from estconsole.results import Saved
from screens import progress_dialog
from screens.aliases import AliasesScreen
from screens.certificate_page import CertificatePage
from screens.dialogs import Confirm, Menu, Notice, Prompt
from screens.file_prompt import FilePrompt
from screens.show_text import ShowText
from screens.vendor_cas import VendorCasScreen
from screens.vendor_import import VendorPaste
from screens.vendor_preview import VendorPreview
from tests.administration.outside import Outsider, bundle
from tests.labs import alias_of, save_alias, unregister
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

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The console is started where the files are that it is given."""
    monkeypatch.chdir(tmp_path)


def vendor(lab: Lab, name: str) -> VendorCa:
    found = lab.administration.vendor_cas.get(name)
    assert found is not None, name
    return found


def without_vendors(lab: Lab) -> None:
    """A lab in which no device has a code that a vendor alias leaves usable elsewhere, and no vendor is known."""
    for each in lab.administration.vendor_cas.all():
        assert isinstance(lab.administration.vendor_cas.delete(each.name, each.revision), Saved)
    for entity in lab.administration.end_entities.all():
        unregister(lab, entity.username)


def imported(lab: Lab, *outsiders: Outsider) -> None:
    assert isinstance(lab.administration.vendor_cas.import_(bundle(*outsiders)), Saved)


async def pastes(pilot: ConsolePilot, text: str) -> None:
    """Open the page to paste on from the list, and paste as a terminal does: in one piece."""
    await pilot.press("a")
    await is_on(pilot, Menu)
    await pilot.press("p")
    await is_on(pilot, VendorPaste)
    pilot.app.post_message(events.Paste(text))
    await pilot.press("ctrl+s")


async def test_a_pasted_bundle_is_shown_named_chosen_imported_and_listed(console: OpenConsole, lab: Lab) -> None:
    without_vendors(lab)
    root = Outsider.root("CN=Factory Root,O=Factory")
    sub = root.sub("CN=Factory Sub,O=Factory")
    other = Outsider.root("CN=Elsewhere").sub("CN=Lonely Sub")
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await sees(pilot, "No vendor CAs yet. a imports one")
        await pastes(pilot, "see below\r\n" + bundle(sub, root, other, sub.device("CN=device")).decode())
        await is_on(pilot, VendorPreview)
        await sees(pilot, "4 certificates found, 3 chosen", "CN=Factory Root,O=Factory · Factory Root", "SHA-256")
        assert "sub of Factory…" in line_with(pilot, "▌[✓] yes")
        assert "self-signed root" in line_with(pilot, " Factory Root  ")
        assert "▲ issuer missing" in line_with(pilot, "Lonely Sub")
        assert "✗ refused" in line_with(pilot, "✗ no")
        await pilot.press("down", "down")
        await sees(pilot, "CN=Elsewhere · ▲ not here")
        await pilot.press("space", "down", "space")
        await sees(pilot, "4 certificates found, 2 chosen", "it is no CA's certificate", "cannot be imported")
        await pilot.press("a")
        await sees(pilot, "4 certificates found, 3 chosen")
        await pilot.press("up", "space", "home", "e")
        await is_on(pilot, Prompt)
        await types(pilot, "; two")
        await pilot.press("enter")
        await sees(pilot, "✗ leave out ';'")
        await pilot.press("ctrl+u")
        await types(pilot, "Line 4")
        await pilot.press("enter")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "▌[✓] yes Line 4")
        await pilot.press("escape")
        await is_on(pilot, Confirm)
        await pilot.press("n")
        await is_on(pilot, VendorPreview)
        assert lab.administration.vendor_cas.all() == (), "nothing is imported before it is asked for"
        await pilot.press("ctrl+s")
        await is_on(pilot, Menu)
        await sees(pilot, "List Line 4 as a vendor CA of an alias?")
        assert [each.name for each in lab.administration.vendor_cas.all()] == ["Factory Root", "Line 4"]
        assert vendor(lab, "Line 4").certificate == sub.certificate
        before = alias_of(lab, "estvendor").vendor_cas
        await pilot.press("1")
        await sees(pilot, "estvendor lists Line 4 now.")
        assert alias_of(lab, "estvendor").vendor_cas == (*before, "Line 4"), "the root signs no device's certificate"
        await pilot.press("escape")
        await is_on(pilot, VendorCasScreen)
        await sees(pilot, "2 vendor CAs are imported and trusted. estvendor lists Line 4 now.")
        await until(pilot, lambda: "estvendor" in line_with(pilot, "Line 4"))


async def test_what_holds_no_certificate_is_refused_in_words_and_what_was_pasted_stays(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    before = lab.administration.vendor_cas.all()
    (tmp_path / "not.pem").write_bytes(b"\x00\x1b[2J")
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await pastes(pilot, "[bold]x[/]\x1b]0;y\x07\u202e" + "é\t" * 10_000 + "\nCN=dev[/x]")
        await sees(pilot, "✗ no certificate in it; give PEM or DER")
        pilot.app.post_message(events.Paste(Outsider.root("CN=Factory").pem.decode()))
        await pilot.press("ctrl+s")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "CN=Factory", "1 certificate found, 1 chosen")
        await pilot.press("escape", "y")
        await is_on(pilot, VendorCasScreen)
        await pilot.press("a", "f")
        await is_on(pilot, FilePrompt)
        await types(pilot, "not.pem")
        await pilot.press("enter")
        await is_on(pilot, Notice)
        await sees(pilot, "Nothing can be imported of this.", "no certificate in it")
        await pilot.press("escape", "a", "p")
        await is_on(pilot, VendorPaste)
        pilot.app.post_message(events.Paste("[bold]x[/]\x1b]0;y\x07\u202ez"))
        await sees(pilot, "[bold]x[/]␛]0;y␇\ufffdz")
        assert "\x1b" not in text_of(pilot)
        await pilot.press("escape")
        await sees(pilot, "Leave without saving?")
        await pilot.press("y")
        await is_on(pilot, VendorCasScreen)
    assert lab.administration.vendor_cas.all() == before


async def test_the_clipboard_and_a_file_are_imported_too(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    without_vendors(lab)
    one, two = Outsider.root("CN=One"), Outsider.root("CN=Two")
    (tmp_path / "two.der").write_bytes(two.certificate)
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        pilot.app.copy_to_clipboard(one.pem.decode())
        await pilot.press("a", "b")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "1 certificate found, 1 chosen")
        await pilot.press("ctrl+s")
        await is_on(pilot, Menu)
        await pilot.press("escape")
        await is_on(pilot, VendorCasScreen)
        await pilot.press("a", "f")
        await is_on(pilot, FilePrompt)
        await types(pilot, "two.der")
        await pilot.press("enter")
        await is_on(pilot, VendorPreview)
        await pilot.press("space", "ctrl+s")
        await sees(pilot, "None of them is chosen")
        await pilot.press("escape")
        await is_on(pilot, VendorCasScreen)
        assert [each.name for each in lab.administration.vendor_cas.all()] == ["One"]
        assert alias_of(lab, "estvendor").vendor_cas == ("Vendor Sub CA",)


async def test_trust_is_switched_with_what_it_means_and_taken_back(console: OpenConsole, lab: Lab) -> None:
    """B-19."""
    async with console((120, 40)) as pilot:
        await to_list(pilot, VendorCasScreen)
        await sees(pilot, "Vendor Sub CA", "● trusted", "listed by")
        await pilot.press("down", "t")
        await is_on(pilot, Notice)
        await sees(
            pilot, "Vendor Sub CA is trusted no more. u takes it back.", "Vendor Root CA above it is still trusted"
        )
        assert not vendor(lab, "Vendor Sub CA").trusted
        await pilot.press("escape")
        await until(pilot, lambda: "○ not trusted" in line_with(pilot, "▌Vendor Sub CA"))
        await sees(pilot, "trusted: devices that send Vendor")
        await pilot.press("u")
        await sees(pilot, "is as it was before the edit")
        assert vendor(lab, "Vendor Sub CA").trusted
        await until(pilot, lambda: "● trusted" in line_with(pilot, "▌Vendor Sub CA"))
        await pilot.press("t", "escape")
        seen = vendor(lab, "Vendor Sub CA")
        lab.administration.vendor_cas.set_trusted(seen.name, True, seen.revision)
        await pilot.press("u")
        await sees(pilot, "was changed since")


async def test_a_crl_is_imported_shown_forgotten_and_taken_back(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    without_vendors(lab)
    root = Outsider.root("CN=Root")
    imported(lab, root)
    (tmp_path / "other.crl").write_bytes(Outsider.root("CN=Other").crl(1))
    old = datetime.now(UTC) - 9 * DAY
    (tmp_path / "stale.crl").write_bytes(root.crl(1, 77, at=old, validity=DAY))
    (tmp_path / "root.crl").write_bytes(root.crl(2, 77, 78, validity=8 * DAY))

    async def takes(pilot: ConsolePilot, name: str) -> None:
        await pilot.press("f")
        await is_on(pilot, FilePrompt)
        await types(pilot, name)
        await pilot.press("enter")

    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await until(pilot, lambda: "none" in line_with(pilot, "▌Root"))
        assert "vendors.remove_crl" not in [each.binding.id for each in pilot.app.screen.active_bindings.values()]
        await takes(pilot, "other.crl")
        await sees(pilot, "The CRL was not imported.")
        await pilot.press("escape")
        await takes(pilot, "stale.crl")
        await sees(pilot, "number 1, 1 certificate revoked", "every device of Root is shut out")
        await pilot.press("escape")
        await until(pilot, lambda: "▲ stale" in line_with(pilot, "▌Root"))
        await takes(pilot, "root.crl")
        await sees(pilot, "The CRL of Root is in force: number 2, 2 certificates revoked")
        await until(pilot, lambda: "● 7 days left" in line_with(pilot, "▌Root"))
        await pilot.press("F")
        await is_on(pilot, Confirm)
        await sees(pilot, "number 2, 2 certificates revoked")
        await pilot.press("y")
        await sees(pilot, "The CRL of Root is forgotten", "What it revoked (2) counts as good again.")
        assert vendor(lab, "Root").crl is None
        await pilot.press("escape", "u")
        await until(pilot, lambda: "● 7 days left" in line_with(pilot, "▌Root"))
        assert vendor(lab, "Root").crl is not None


async def test_a_vendor_ca_is_viewed_copied_left_and_deleted(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await pilot.press("slash")
        await types(pilot, "estvendor")
        await pilot.press("enter")
        await until(pilot, lambda: "Vendor Sub CA" in line_with(pilot, "▌"))
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        await sees(pilot, "The vendor CA Vendor Sub CA", "● trusted", "usages")
        await pilot.press("escape")
        await is_on(pilot, VendorCasScreen)
        await pilot.press("c", "v")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard == "Vendor Sub CA"
        await pilot.press("escape")
        await pilot.press("g", "1")
        await is_on(pilot, AliasesScreen)
        await until(pilot, lambda: "estvendor" in line_with(pilot, "▌"))
        await to_list(pilot, VendorCasScreen)
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await sees(pilot, "the alias estvendor (List of Vendor CAs)")
        seen = vendor(lab, "Vendor Sub CA")
        changed = lab.administration.vendor_cas.set_trusted(seen.name, False, seen.revision)
        assert isinstance(changed, Saved)
        await pilot.press("y")
        await sees(pilot, "Vendor Sub CA was changed meanwhile: nothing was done.")
        await until(pilot, lambda: "○ not trusted" in line_with(pilot, "▌Vendor Sub CA"))
        await pilot.press("d", "y")
        await sees(pilot, "Vendor Sub CA is deleted.", "Its devices enroll no more on estvendor")
        await pilot.press("escape")
        await sees(pilot, "0 of 1 shown")
        assert lab.administration.vendor_cas.get("Vendor Sub CA") is None
        assert shown_keys(pilot.app) == ["list.search", "vendors.add", "app.help"]
        await pilot.press("escape")
        assert pilot.app.focused is table_of(pilot)


async def test_deleting_names_what_goes_however_long_it_is(console: OpenConsole, lab: Lab) -> None:
    units = ",".join(f"OU={'x' * 60}" for _ in range(30))
    imported(lab, Outsider.root(f"CN=Long,{units}"))
    for number in range(1, 7):
        save_alias(lab, f"line-{number}", vendorcertificatemode="true", vendorcaids="Long")
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await until(pilot, lambda: "Long" in line_with(pilot, "▌"))
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await sees(
            pilot, "more characters", "· the alias line-4", "· and 2 more", "Aliases keep its name.", "y  Delete"
        )


async def test_an_import_that_lasts_is_called_off(
    console: OpenConsole, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of that size would take the test too long: the act waits to be called off."""
    monkeypatch.setattr(progress_dialog, "PATIENCE", 0.0)
    without_vendors(lab)
    imported(lab, root := Outsider.root("CN=Root"))
    (tmp_path / "root.crl").write_bytes(root.crl(1, 77))
    vendor_cas = lab.administration.vendor_cas
    import_crl, import_cas = vendor_cas.import_crl, vendor_cas.import_

    def called_off(progress: Progress) -> Progress:
        while not progress.cancelled:
            progress.step(0, 2, "Reading")
        return progress

    monkeypatch.setattr(vendor_cas, "import_crl", lambda name, data, on: import_crl(name, data, called_off(on)))
    monkeypatch.setattr(
        vendor_cas, "import_", lambda data, names, progress: import_cas(data, names, progress=called_off(progress))
    )
    async with console() as pilot:
        await to_list(pilot, VendorCasScreen)
        await until(pilot, lambda: "none" in line_with(pilot, "▌Root"))
        await pilot.press("f")
        await is_on(pilot, FilePrompt)
        await types(pilot, "root.crl")
        await pilot.press("enter")
        await is_on(pilot, progress_dialog.ProgressDialog)
        await pilot.press("escape")
        await sees(pilot, "It was called off: the CRL was not imported.")
        pilot.app.copy_to_clipboard(Outsider.root("CN=Other").pem.decode())
        await pilot.press("a", "b")
        await is_on(pilot, VendorPreview)
        await pilot.press("ctrl+s")
        await is_on(pilot, progress_dialog.ProgressDialog)
        await pilot.press("escape")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "It was called off: nothing was imported.")
    assert [(each.name, each.crl) for each in vendor_cas.all()] == [("Root", None)]


async def test_who_only_looks_changes_nothing(console: OpenConsole, lab: Lab) -> None:
    async with console(read_only=True) as pilot:
        await to_list(pilot, VendorCasScreen)
        await sees(pilot, "Vendor Root CA")
        assert shown_keys(pilot.app) == ["list.search", "vendors.view", "vendors.copy", "app.help"]
        await pilot.press("t", "d", "a")
        assert isinstance(pilot.app.screen, VendorCasScreen)
    assert vendor(lab, "Vendor Root CA").trusted
