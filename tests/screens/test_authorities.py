"""CAs: the tree, and every act on it, by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from estconsole.administration.authorities import AuthorityOverview
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.certificate import grouped
from estconsole.domain.revocation import RevocationReason
from estconsole.lab import Lab
from estconsole.messages import EditRecord
from estconsole.pki.certificates import read_certificate
from estconsole.results import Saved
from screens import progress_dialog
from screens.authorities import AuthoritiesScreen
from screens.authority_form import AuthorityForm
from screens.authority_rows import in_tree
from screens.certificate_page import CertificatePage
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm, Menu, Notice, Prompt
from screens.end_entities import EndEntitiesScreen
from screens.show_text import ShowText
from tests.administration.outside import PASSPHRASE, Outsider
from tests.labs import add, authority_of, create_ca
from tests.screens.driving import (
    SECONDS,
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    text_of,
    to_list,
    types,
    until,
)

CA = "ManagementCA"
URL = "http://lab.example:8080/crl/x.crl"


async def test_the_tree_shows_each_ca_under_its_signer_with_its_state_in_words(console: OpenConsole, lab: Lab) -> None:
    create_ca(lab, "Root A")
    create_ca(lab, "Sub 1", signed_by="Root A", validity="20d")
    create_ca(lab, "Sub 2", signed_by="Root A")
    robots = create_ca(lab, "Robots", signed_by="Sub 2")
    sha256 = read_certificate(robots.certificate).sha256
    assert isinstance(lab.administration.certificates.revoke(sha256, RevocationReason.SUPERSEDED), Saved)
    moved = Outsider.root("CN=Old [red]Root[/]").sub("CN=Moved")
    assert isinstance(lab.administration.authorities.import_with_key("Moved", moved.p12(), PASSPHRASE), Saved)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        table = [line for line in text_of(pilot).splitlines() if "EC P-256" in line or "RSA 2048" in line][:6]
        assert [line[1:25].rstrip() for line in table] == [
            "ManagementCA",
            "Root A",
            "├ Sub 1",
            "└ Sub 2",
            "  └ Robots",
            "Moved (under CN=Old [re…",
        ]
        assert table[0].split()[-5:] == ["years", "left", "1", "2", "2"]
        assert "▲ 19 days left" in table[2]
        assert "✗ revoked" in table[4]
        for text in ("root CA", "needed by", "the alias est (CA Name)", "no. 1 of", "0 certificates revoked"):
            assert text in text_of(pilot)
        await pilot.press("end")
        await sees(pilot, "signed by    CN=Old [red]Root[/], which is not in this lab", "nothing: it can be deleted")
        await pilot.press("slash")
        await types(pilot, grouped(sha256))
        await sees(pilot, "3 of 6 shown")
        await pilot.press("ctrl+u")
        await types(pilot, "robots")
        await sees(pilot, "3 of 6 shown")
        assert "Root A" in text_of(pilot)
        assert "Sub 1" not in text_of(pilot)
        await pilot.press("escape", "o", "1")
        await sees(pilot, "CA ▲")
        assert "└" not in text_of(pilot)


async def test_a_ca_is_made_in_a_form_that_says_what_is_wrong(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("a")
        await is_on(pilot, AuthorityForm)
        await types(pilot, CA)
        await sees(pilot, f"encoded: CN {CA}")
        await pilot.press("ctrl+s")
        await sees(pilot, f"✗ a CA {CA} is there already")
        await pilot.press("ctrl+u")
        await types(pilot, "Plant CA")
        await pilot.press("enter", "enter", "enter", "down", "enter", "tab", "tab", "ctrl+u")
        await types(pilot, "2 weeks")
        await sees(pilot, "✗ '2 weeks' is no period")
        await pilot.press("ctrl+u")
        await types(pilot, "20y")
        await sees(pilot, f", with {CA}: no CA")
        await pilot.press("ctrl+u")
        await types(pilot, "2y")
        await sees(pilot, "ends 20")
        await pilot.press("tab")
        await types(pilot, "ftp://x")
        await sees(pilot, "✗ write it as in http://")
        await pilot.press("ctrl+u")
        await types(pilot, URL)
        await pilot.press("ctrl+s")
        await is_on(pilot, AuthoritiesScreen)
        await sees(pilot, "└ Plant CA", "The CA Plant CA is made, with its first CRL.")
        assert "Plant CA" in line_with(pilot, "▌")
    made = authority_of(lab, "Plant CA")
    assert made.crl_url == URL
    assert str(read_certificate(made.certificate).issuer).startswith(f"CN={CA}")


async def test_a_long_key_is_called_off_and_leaves_nothing(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real RSA 4096 takes seconds: here the act waits to be called off, so that the test need not."""
    monkeypatch.setattr(progress_dialog, "PATIENCE", 0.0)
    create_ca = lab.administration.authorities.create

    def slow(draft: AuthorityDraft, progress: progress_dialog.Progress) -> object:
        while not progress.cancelled:
            progress.step(0, 3, "Making an RSA 4096 key")
        return create_ca(draft, progress)

    monkeypatch.setattr(lab.administration.authorities, "create", slow)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("a")
        await is_on(pilot, AuthorityForm)
        await types(pilot, "Slow CA")
        await pilot.press("ctrl+s")
        await is_on(pilot, progress_dialog.ProgressDialog)
        await sees(pilot, "Making an RSA 4096 key")
        await pilot.press("escape")
        await is_on(pilot, AuthorityForm)
        await sees(pilot, "It was called off: no CA was made.")
    assert lab.administration.authorities.get("Slow CA") is None


async def test_a_ca_is_renewed_and_its_crl_issued_and_read(console: OpenConsole, lab: Lab) -> None:
    create_ca(lab, "Sub", signed_by=CA, validity="1y")
    before = read_certificate(authority_of(lab, "Sub").certificate)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, "Sub")
        await pilot.press("r")
        await is_on(pilot, Prompt)
        await sees(pilot, "Renew Sub for", "same subject and key")
        await pilot.press("ctrl+u", "x", "enter")
        await sees(pilot, "✗ 'x' is no period")
        await pilot.press("ctrl+u")
        await types(pilot, "3y")
        await pilot.press("enter")
        await sees(pilot, "Sub is renewed until", "3 years left")
        await pilot.press("l")
        await sees(pilot, "CRL 3 of Sub is issued; the next by", "no. 3 of")
        await pilot.press("v")
        await is_on(pilot, ShowText)
        await sees(pilot, "number             3")
        await pilot.press("escape")
        lab._store.crls.remove("Sub")
        await pilot.press("v")
        await sees(pilot, "Sub has no CRL yet: l issues one.")
        await pilot.press("enter")
        await is_on(pilot, CertificatePage)
        await sees(pilot, f"which is {CA} here")
    after = read_certificate(authority_of(lab, "Sub").certificate)
    assert after.not_after - before.not_after > timedelta(days=700)
    assert after.key == before.key


async def test_what_signs_at_once_is_done_to_its_end(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-43: a CRL that was asked for is issued, so that nobody is told that it was called off."""
    monkeypatch.setattr(progress_dialog, "PATIENCE", 0.0)
    issue, looked_at = lab.administration.authorities.issue_crl, Event()

    def slow(name: str) -> object:
        assert looked_at.wait(SECONDS)
        return issue(name)

    monkeypatch.setattr(lab.administration.authorities, "issue_crl", slow)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("l")
        await is_on(pilot, progress_dialog.ProgressDialog)
        await sees(pilot, "it is done to its end")
        looked_at.set()
        await sees(pilot, "CRL 2 of ManagementCA is issued")


async def test_a_ca_for_ever_is_renewed_for_the_longest_that_there_is(console: OpenConsole, lab: Lab) -> None:
    made = datetime.now(UTC).replace(microsecond=0)
    ages = Outsider.root("CN=Ages", validity=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - made, made=made)
    assert isinstance(lab.administration.authorities.import_with_key("Ages", ages.p12(), PASSPHRASE), Saved)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, "Ages")
        await pilot.press("r")
        await is_on(pilot, Prompt)
        await sees(pilot, "100y", "It ends on 9999-12-31")


async def test_the_crl_url_is_set_and_taken_back_and_a_conflict_shows_both(console: OpenConsole, lab: Lab) -> None:
    authorities = lab.administration.authorities
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("e")
        await is_on(pilot, Prompt)
        await types(pilot, "lab.example")
        await pilot.press("enter")
        await sees(pilot, "✗ write it as in http://")
        await pilot.press("ctrl+u")
        await types(pilot, URL)
        await pilot.press("enter")
        await sees(pilot, "The CRL URL of ManagementCA is set; u takes it back.")
        assert authority_of(lab, CA).crl_url == URL
        await pilot.press("u")
        await sees(pilot, "is as it was before")
        assert authority_of(lab, CA).crl_url == ""
        await pilot.press("e")
        await is_on(pilot, Prompt)
        await types(pilot, URL)
        assert isinstance(authorities.set_crl_url(CA, "http://other.example/", authority_of(lab, CA).revision), Saved)
        await pilot.press("enter")
        await is_on(pilot, ConflictDialog)
        await sees(pilot, "stored now", "http://other.example/", "typed here", URL)
        await pilot.press("o")
        await until(pilot, lambda: authority_of(lab, CA).crl_url == URL)
        pilot.app.post_message(EditRecord("authorities", CA, "crl_url"))
        await is_on(pilot, Prompt)
        await sees(pilot, URL)


async def test_a_ca_that_is_needed_stays_and_another_goes_after_a_question(console: OpenConsole, lab: Lab) -> None:
    create_ca(lab, "Spare")
    add(lab, "printer")
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("d")
        await is_on(pilot, Notice)
        await sees(pilot, "ManagementCA is needed, and stays", "by the alias est (CA Name)", "end entities")
        await pilot.press("escape", "g")
        await is_on(pilot, Menu)
        await sees(pilot, "alias  est", "its certificate's record", "the first of 3")
        await pilot.press("e")
        await is_on(pilot, EndEntitiesScreen)
        await to_list(pilot, AuthoritiesScreen, "Spare")
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await sees(pilot, "Delete the CA Spare?", "CN=Spare", "Its private key goes for good")
        changed = lab.administration.authorities.set_crl_url("Spare", URL, 0)
        assert isinstance(changed, Saved)
        await pilot.press("y")
        await sees(pilot, "It was changed meanwhile: look at it again first.")
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await pilot.press("n", "d")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "The CA Spare is deleted.", "1 CA")
    assert lab.administration.authorities.get("Spare") is None


async def test_a_ca_is_copied_with_the_urls_at_which_the_server_has_it(console: OpenConsole) -> None:
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await to_list(pilot, AuthoritiesScreen, CA)
        await sees(pilot, "needed by")
        await pilot.press("c")
        await is_on(pilot, Menu)
        await sees(pilot, "/ca/ManagementCA.cacert.pem", "/crl/ManagementCA.crl")
        await pilot.press("p")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard.startswith("-----BEGIN CERTIFICATE-----")


async def test_a_read_only_console_reads_and_copies_and_gives_no_key(console: OpenConsole) -> None:
    async with console(read_only=True) as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        assert set(shown_keys(pilot.app)) == {"cas.write", "list.search", "app.help"}  # type: ignore[arg-type]
        await pilot.press("a", "i", "r", "l", "e", "d", "f", "w")
        await is_on(pilot, Menu)
        assert "PKCS#12" not in text_of(pilot)
        await pilot.press("escape", "enter")
        await is_on(pilot, CertificatePage)


def test_cas_that_signed_one_another_are_shown_all_the_same(lab: Lab) -> None:
    """No path goes through such a circle, and the list must not either."""
    (one,) = lab.administration.authorities.overview()

    def signed(name: str, parent: str) -> AuthorityOverview:
        return replace(one, authority=replace(one.authority, name=name), parent=parent)

    nodes = in_tree([signed("A", "B"), signed("B", "A"), signed("C", "")])
    assert [node.name for node in nodes] == ["C", "A", "B"]
