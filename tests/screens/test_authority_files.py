"""CAs and files: a key that comes with its CA, what is written of a CA, and the CRL that it had elsewhere."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from textual.events import Paste

from estconsole.domain.secret import Secret
from estconsole.lab import Lab
from estconsole.pki.bundles import read_certificates, read_key_bundle
from estconsole.pki.certificates import certificate_pem
from estconsole.pki.crls import read_crl
from estconsole.results import Saved
from screens.authorities import AuthoritiesScreen
from screens.authority_import import AuthorityImport, KeyPaste
from screens.dialogs import Menu, Notice, Prompt
from tests.administration.outside import PASSPHRASE, Outsider
from tests.labs import authority_of, create_ca
from tests.screens.driving import (
    OpenConsole,
    is_on,
    line_with,
    names_file,
    sees,
    text_of,
    to_list,
    types,
    until,
)

CA = "ManagementCA"


async def test_a_ca_comes_with_its_key_from_a_file_once_it_was_looked_at(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    moved = Outsider.root("CN=Old Root").sub("CN=Moved CA")
    (tmp_path / "moved.p12").write_bytes(moved.p12())
    (tmp_path / "own.txt").write_text("no key")
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("i", "f")
        await names_file(pilot, tmp_path / "own.txt")
        await is_on(pilot, Notice)
        await sees(pilot, "neither PKCS#12 nor PEM")
        await pilot.press("escape", "i", "f")
        await names_file(pilot, tmp_path / "moved.p12")
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


async def test_a_pasted_key_is_never_shown_and_stays_until_its_certificate_is_there(
    console: OpenConsole, lab: Lab
) -> None:
    """B-45."""
    source = Outsider.root("CN=Pasted CA")
    key = source.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, CA)
        await pilot.press("i", "p")
        await is_on(pilot, KeyPaste)
        pilot.app.post_message(Paste(key.strip()))
        await pilot.press("enter")
        await sees(pilot, "Nothing can be imported", "no certificate for the private key is in it")
        await pilot.press("escape")
        await is_on(pilot, KeyPaste)
        pilot.app.post_message(Paste(certificate_pem(source.certificate)))
        await sees(pilot, "1 private key, 1 certificate")
        assert "BEGIN" not in text_of(pilot)
        await pilot.press("enter")
        await is_on(pilot, AuthorityImport)
        assert "itself: a root CA" in line_with(pilot, "issuer")
        await pilot.press("ctrl+s")
        await is_on(pilot, Notice)
    assert authority_of(lab, "Pasted CA").certificate == source.certificate


async def test_a_ca_is_written_in_each_form_and_its_key_behind_a_passphrase_alone(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    sub = create_ca(lab, "Sub", signed_by=CA)
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, "Sub")
        for key, name in (("p", "one.pem"), ("h", "chain.pem"), ("r", "ca.crl")):
            await pilot.press("w")
            await is_on(pilot, Menu)
            await pilot.press(key)
            await names_file(pilot, tmp_path / name)
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
        await names_file(pilot, tmp_path / "ca.p12")
        await until(pilot, (tmp_path / "ca.p12").exists)
        await is_on(pilot, AuthoritiesScreen)
        lab._store.crls.remove("Sub")
        await pilot.press("w", "r")
        await is_on(pilot, Notice)
        await sees(pilot, "Sub has no CRL yet")
    above = authority_of(lab, CA).certificate
    assert (tmp_path / "one.pem").read_text() == certificate_pem(sub.certificate)
    assert read_certificates((tmp_path / "chain.pem").read_bytes()) == (sub.certificate, above)
    assert read_crl((tmp_path / "ca.crl").read_bytes()).number == 1
    assert (tmp_path / "ca.p12").stat().st_mode & 0o777 == 0o600
    assert read_key_bundle((tmp_path / "ca.p12").read_bytes(), Secret("planted")).certificate == sub.certificate


async def test_what_a_ca_revoked_elsewhere_comes_with_its_earlier_crl(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    moved = Outsider.root("CN=Moved CA")
    assert isinstance(lab.administration.authorities.import_with_key("Moved CA", moved.p12(), PASSPHRASE), Saved)
    (tmp_path / "theirs.crl").write_bytes(moved.crl(77, 5))
    (tmp_path / "other.crl").write_bytes(Outsider.root("CN=Other").crl(1))
    async with console() as pilot:
        await to_list(pilot, AuthoritiesScreen, "Moved CA")
        await pilot.press("f")
        await names_file(pilot, tmp_path / "other.crl")
        await is_on(pilot, Notice)
        await sees(pilot, "nothing was changed", "it is CN=Other's")
        await pilot.press("escape", "f")
        await names_file(pilot, tmp_path / "theirs.crl")
        await sees(pilot, "What Moved CA revoked elsewhere counts here too.", "1 certificate revoked")
