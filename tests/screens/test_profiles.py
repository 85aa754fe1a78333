"""Profiles: the built-in ones stay, the operator's are made, changed, taken back and deleted."""

from __future__ import annotations

from estconsole.domain.profiles import CertificateProfileDraft, EndEntityProfileDraft
from estconsole.lab import Lab
from estconsole.results import Saved
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm, Menu, Notice
from screens.end_entities import EndEntitiesScreen
from screens.profile_forms import CertificateProfileForm, EndEntityProfileForm
from screens.profiles import ProfilesScreen
from tests.labs import add, unregister
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, line_with, sees, shown_keys, types, until
from tests.screens.test_keys import check, check_help


async def to_profiles(pilot: ConsolePilot) -> None:
    await pilot.press("2")
    await is_on(pilot, EndEntitiesScreen)
    await sees(pilot, "registered_client")
    await pilot.press("p")
    await is_on(pilot, ProfilesScreen)
    await sees(pilot, "TLSEndEntityCertProfile", "TLSClientEEProfile")


async def test_a_certificate_profile_from_a_built_in_one_to_its_end(console: OpenConsole, lab: Lab) -> None:
    profiles = lab.administration.certificate_profiles
    async with console() as pilot:
        await to_profiles(pilot)
        await sees(pilot, "2 profiles", "2 end entities, the alias est")
        assert not {"profiles.edit", "profiles.delete"} & {*shown_keys(pilot.app)}
        await check(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.press("l")
        await is_on(pilot, CertificateProfileForm)
        await check_help(pilot)
        await types(pilot, "Short")
        await pilot.press("tab", "ctrl+u")
        await types(pilot, "EC P-256, Ed25519")
        await pilot.press("tab", "ctrl+u")
        await types(pilot, "12 parsecs")
        await pilot.press("tab", "tab", "ctrl+u")
        await types(pilot, "serverAuth")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ ")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "validity")
        await pilot.press("ctrl+u")
        await types(pilot, "12h")
        await sees(pilot, "▲ Certificates of Short lack clientAuth and cannot renew")
        await pilot.press("ctrl+s")
        await is_on(pilot, Notice)
        await sees(pilot, "Short is saved", "cannot renew (B-15)")
        await pilot.press("escape")
        await until(pilot, lambda: "yours" in line_with(pilot, "▌Short"))

        await pilot.press("e")
        await is_on(pilot, CertificateProfileForm)
        await types(pilot, ", RSA from 3072")
        stored = profiles.get("Short")
        assert stored is not None
        other = CertificateProfileDraft(name="Short", key_rules="EC P-384", validity="3h")
        assert isinstance(profiles.save(other, stored.revision), Saved)
        await pilot.press("ctrl+s")
        await is_on(pilot, ConflictDialog)
        await sees(pilot, "Short was changed meanwhile", "stored now  3h", "typed here  12h")
        await pilot.press("o")
        await is_on(pilot, Notice)
        await pilot.press("escape")
        await is_on(pilot, ProfilesScreen)
        edited = profiles.get("Short")
        assert edited is not None
        assert "RSA from 3072" in map(str, edited.key_rules)
        await pilot.press("u")
        await sees(pilot, "is as it was before the edit", "EC P-384")

        add(lab, "user", certificate_profile="Short")
        await pilot.press("d")
        await sees(pilot, "Short stays: it is the profile of 1 end entity")
        unregister(lab, "user")
        await pilot.press("d")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await sees(pilot, "Short is deleted", "2 profiles")
        assert profiles.get("Short") is None
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)


async def test_an_end_entity_profile_is_added_and_only_looked_at_when_read_only(console: OpenConsole, lab: Lab) -> None:
    profiles = lab.administration.end_entity_profiles
    async with console((120, 40)) as pilot:
        await to_profiles(pilot)
        await pilot.press("a")
        await is_on(pilot, Menu)
        await pilot.press("e")
        await is_on(pilot, EndEntityProfileForm)
        await types(pilot, "Strict")
        await pilot.press("tab", "tab")
        await types(pilot, "O, Nonsense")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ 'Nonsense' is no DN field")
        await pilot.press("ctrl+u")
        await types(pilot, "O")
        await pilot.press("tab", "tab", "space", "ctrl+s")
        await is_on(pilot, ProfilesScreen)
        await until(pilot, lambda: "end entity" in line_with(pilot, "▌Strict"))
        await sees(pilot, "Strict is saved", "allowed DN fields", "CN, O")
        saved = profiles.get("Strict")
        assert saved is not None
        assert (saved.allowed_fields, saved.code_required) == ({"CN", "O"}, True)
    other = EndEntityProfileDraft(name="Other")
    assert isinstance(profiles.save(other), Saved)
    async with console(read_only=True) as pilot:
        await to_profiles(pilot)
        await pilot.press("down", "down")
        await pilot.click("#records", offset=(4, 3))
        await types(pilot, "alde")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ProfilesScreen)
