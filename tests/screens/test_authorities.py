"""CAs: the tree, and every act on it, by keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from textual.events import Paste

from estconsole.administration.authorities import AuthorityOverview
from estconsole.domain.ca_drafts import AuthorityDraft
from estconsole.domain.certificate import grouped
from estconsole.domain.model import CertificationAuthority
from estconsole.domain.revocation import RevocationReason
from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from estconsole.messages import EditRecord
from estconsole.pki.bundles import read_certificates, read_key_bundle
from estconsole.pki.certificates import certificate_pem, read_certificate
from estconsole.pki.crls import read_crl
from estconsole.results import Saved
from screens import progress_dialog
from screens.authorities import AuthoritiesScreen
from screens.authority_form import AuthorityForm
from screens.authority_import import AuthorityImport, KeyPaste
from screens.authority_rows import in_tree
from screens.certificate_page import CertificatePage
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm, Menu, Notice, Prompt
from screens.end_entities import EndEntitiesScreen
from screens.file_prompt import FilePrompt
from screens.show_text import ShowText
from tests.administration.outside import PASSPHRASE, Outsider
from tests.labs import add
from tests.screens.driving import (
    SECONDS,
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    sees,
    shown_keys,
    text_of,
    types,
    until,
)

CA = "ManagementCA"
URL = "http://lab.example:8080/crl/x.crl"


async def to_list(pilot: ConsolePilot, name: str = CA) -> None:
    """Go to the CAs, and select one."""
    await pilot.press("4")
    await is_on(pilot, AuthoritiesScreen)
    await sees(pilot, name)
    screen = pilot.app.screen
    assert isinstance(screen, AuthoritiesScreen)
    await screen.open(name).wait()
    await until(pilot, lambda: name in line_with(pilot, "▌"))


def create(lab: Lab, name: str, **draft: str) -> CertificationAuthority:
    made = lab.administration.authorities.create(AuthorityDraft(name=name, subject=f"CN={name}", **draft))
    assert isinstance(made, Saved), made
    return made.record


def authority_of(lab: Lab, name: str) -> CertificationAuthority:
    authority = lab.administration.authorities.get(name)
    assert authority is not None, name
    return authority


async def answer_path(pilot: ConsolePilot, path: Path) -> None:
    await is_on(pilot, FilePrompt)
    await pilot.press("ctrl+u")
    await types(pilot, str(path))
    await pilot.press("enter")


async def test_the_tree_shows_each_ca_under_its_signer_with_its_state_in_words(console: OpenConsole, lab: Lab) -> None:
    create(lab, "Root A")
    create(lab, "Sub 1", signed_by="Root A", validity="20d")
    create(lab, "Sub 2", signed_by="Root A")
    robots = create(lab, "Robots", signed_by="Sub 2")
    sha256 = read_certificate(robots.certificate).sha256
    assert isinstance(lab.administration.certificates.revoke(sha256, RevocationReason.SUPERSEDED), Saved)
    moved = Outsider.root("CN=Old [red]Root[/]").sub("CN=Moved")
    assert isinstance(lab.administration.authorities.import_with_key("Moved", moved.p12(), PASSPHRASE), Saved)
    async with console() as pilot:
        await to_list(pilot)
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
        await to_list(pilot)
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
        await to_list(pilot)
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


async def test_a_ca_comes_with_its_key_from_a_file_once_it_was_looked_at(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    moved = Outsider.root("CN=Old Root").sub("CN=Moved CA")
    (tmp_path / "moved.p12").write_bytes(moved.p12())
    (tmp_path / "own.txt").write_text("no key")
    async with console() as pilot:
        await to_list(pilot)
        await pilot.press("i", "f")
        await answer_path(pilot, tmp_path / "own.txt")
        await is_on(pilot, Notice)
        await sees(pilot, "neither PKCS#12 nor PEM")
        await pilot.press("escape", "i", "f")
        await answer_path(pilot, tmp_path / "moved.p12")
        await is_on(pilot, Prompt)
        await types(pilot, "planted")
        await pilot.press("enter")
        await sees(pilot, "✗ the passphrase is wrong")
        assert "planted" not in text_of(pilot)
        await types(pilot, PASSPHRASE.reveal())
        await pilot.press("enter")
        await is_on(pilot, AuthorityImport)
        await sees(pilot, "CN=Moved CA", "CN=Old Root", "days left")
        assert lab.administration.authorities.get("Moved CA") is None
        await pilot.press("ctrl+u", "ctrl+s")
        await sees(pilot, "✗ a name is needed")
        await types(pilot, "Moved here")
        await pilot.press("ctrl+s")
        await is_on(pilot, Notice)
        await sees(pilot, "The CA Moved here is here, with its key.", "comes without its CRL")
        await pilot.press("escape")
        await until(pilot, lambda: "Moved here" in line_with(pilot, "▌"))
    assert authority_of(lab, "Moved here").certificate == moved.certificate


async def test_a_pasted_key_is_never_shown(console: OpenConsole, lab: Lab) -> None:
    """B-45."""
    source = Outsider.root("CN=Pasted CA")
    key = source.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    async with console() as pilot:
        await to_list(pilot)
        await pilot.press("i", "p")
        await is_on(pilot, KeyPaste)
        pilot.app.post_message(Paste(key + certificate_pem(source.certificate)))
        await sees(pilot, "1 private key, 1 certificate")
        assert "BEGIN" not in text_of(pilot)
        await pilot.press("enter")
        await is_on(pilot, AuthorityImport)
        assert "itself: a root CA" in line_with(pilot, "issuer")
        await pilot.press("ctrl+s")
        await is_on(pilot, Notice)
    assert authority_of(lab, "Pasted CA").certificate == source.certificate


async def test_a_ca_is_written_in_each_form_and_its_key_behind_a_passphrase_alone(
    console: OpenConsole, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sub = create(lab, "Sub", signed_by=CA)
    async with console() as pilot:
        await to_list(pilot, "Sub")
        for key, name in (("p", "one.pem"), ("h", "chain.pem"), ("r", "ca.crl")):
            await pilot.press("w")
            await is_on(pilot, Menu)
            await pilot.press(key)
            await answer_path(pilot, tmp_path / name)
            await is_on(pilot, AuthoritiesScreen)
            await sees(pilot, "Sub is written to")
        await pilot.press("w", "k")
        await is_on(pilot, Prompt)
        await pilot.press("enter")
        await sees(pilot, "✗ a passphrase is needed")
        await types(pilot, "planted")
        await pilot.press("enter")
        await sees(pilot, "The same passphrase again")
        await types(pilot, "plantex")
        await pilot.press("enter")
        await sees(pilot, "✗ it is another one than before")
        await pilot.press("ctrl+u")
        await types(pilot, "planted")
        await pilot.press("enter")
        await answer_path(pilot, tmp_path / "ca.p12")
        await until(pilot, (tmp_path / "ca.p12").exists)
        await is_on(pilot, AuthoritiesScreen)
        monkeypatch.setattr(lab.administration.authorities, "crl", lambda _: None)
        await pilot.press("w", "r")
        await is_on(pilot, Notice)
        await sees(pilot, "Sub has no CRL yet")
    above = authority_of(lab, CA).certificate
    assert (tmp_path / "one.pem").read_text() == certificate_pem(sub.certificate)
    assert read_certificates((tmp_path / "chain.pem").read_bytes()) == (sub.certificate, above)
    assert read_crl((tmp_path / "ca.crl").read_bytes()).number == 1
    assert (tmp_path / "ca.p12").stat().st_mode & 0o777 == 0o600
    assert read_key_bundle((tmp_path / "ca.p12").read_bytes(), Secret("planted")).certificate == sub.certificate


async def test_a_ca_is_renewed_and_its_crl_issued_and_read(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(lab, "Sub", signed_by=CA, validity="1y")
    before = read_certificate(authority_of(lab, "Sub").certificate)
    async with console() as pilot:
        await to_list(pilot, "Sub")
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
        with monkeypatch.context() as patch:
            patch.setattr(lab.administration.authorities, "describe_crl", lambda _: None)
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
        await to_list(pilot)
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
        await to_list(pilot, "Ages")
        await pilot.press("r")
        await is_on(pilot, Prompt)
        await sees(pilot, "100y", "It ends on 9999-12-31")


async def test_what_a_ca_revoked_elsewhere_comes_with_its_earlier_crl(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    moved = Outsider.root("CN=Moved CA")
    assert isinstance(lab.administration.authorities.import_with_key("Moved CA", moved.p12(), PASSPHRASE), Saved)
    (tmp_path / "theirs.crl").write_bytes(moved.crl(77, 5))
    (tmp_path / "other.crl").write_bytes(Outsider.root("CN=Other").crl(1))
    async with console() as pilot:
        await to_list(pilot, "Moved CA")
        await pilot.press("f")
        await answer_path(pilot, tmp_path / "other.crl")
        await is_on(pilot, Notice)
        await sees(pilot, "nothing was changed", "it is CN=Other's")
        await pilot.press("escape", "f")
        await answer_path(pilot, tmp_path / "theirs.crl")
        await sees(pilot, "What Moved CA revoked elsewhere counts here too.", "1 certificate revoked")


async def test_the_crl_url_is_set_and_taken_back_and_a_conflict_shows_both(console: OpenConsole, lab: Lab) -> None:
    authorities = lab.administration.authorities
    async with console() as pilot:
        await to_list(pilot)
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
    create(lab, "Spare")
    add(lab, "printer")
    async with console() as pilot:
        await to_list(pilot)
        await pilot.press("d")
        await is_on(pilot, Notice)
        await sees(pilot, "ManagementCA is needed, and stays", "by the alias est (CA Name)", "end entities")
        await pilot.press("escape", "g")
        await is_on(pilot, Menu)
        await sees(pilot, "alias  est", "its certificate's record", "the first of 3")
        await pilot.press("e")
        await is_on(pilot, EndEntitiesScreen)
        await to_list(pilot, "Spare")
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
        await to_list(pilot)
        await sees(pilot, "needed by")
        await pilot.press("c")
        await is_on(pilot, Menu)
        await sees(pilot, "/ca/ManagementCA.cacert.pem", "/crl/ManagementCA.crl")
        await pilot.press("p")
        await is_on(pilot, ShowText)
        assert pilot.app.clipboard.startswith("-----BEGIN CERTIFICATE-----")


async def test_a_read_only_console_reads_and_copies_and_gives_no_key(console: OpenConsole) -> None:
    async with console(read_only=True) as pilot:
        await to_list(pilot)
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
