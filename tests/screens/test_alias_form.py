"""The form of an alias: what has no effect is greyed, the words stay true, and what saving does is said before."""

from __future__ import annotations

from estconsole.domain.model import AuthenticationModule
from estconsole.lab import Lab
from estconsole.messages import AddRecord, EditRecord
from screens.alias_consequences import AliasConsequences
from screens.alias_form import AliasForm
from screens.aliases import AliasesScreen
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm
from screens.many_choice import ManyChoice
from tests.labs import add, alias_of, save_alias
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, line_with, sees, text_of, types, until

WORDS = (120, 50)
"""Room for the whole form."""


async def to_form(pilot: ConsolePilot, name: str, field: str) -> None:
    pilot.app.post_message(EditRecord("aliases", name, field))
    await is_on(pilot, AliasForm)
    await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == field, f"focus on {field}")


def note_of(pilot: ConsolePilot, label: str) -> str:
    """The line under an option."""
    lines = text_of(pilot).splitlines()
    return lines[next(number for number, line in enumerate(lines) if line.startswith(f" {label}")) + 1].strip()


async def test_vendor_mode_greys_the_module_and_says_why(console: OpenConsole, lab: Lab) -> None:
    async with console(WORDS) as pilot:
        await to_form(pilot, "est", "vendorcertificatemode")
        await sees(pilot, "not used: ChallengePwd looks elsewhere", "as the CSR's challengePassword")
        assert note_of(pilot, "Allow ChangeSubjectName") == "not used: Vendor Certificate Mode is off"
        await pilot.press("space")
        await sees(pilot, "▲ Vendor mode is used instead of ChallengePwd", "the List of Vendor CAs is empty")
        assert note_of(pilot, "Authentication Module") == "not used: vendor certificates authenticate"
        assert "not used" not in note_of(pilot, "Allow ChangeSubjectName")
        await pilot.press("tab", "down", "space")
        await sees(pilot, "[✓] Vendor Sub CA  listed, vendor CA", "with a certificate from Vendor Sub CA.")
        await pilot.press("m")
        await until(pilot, lambda: pilot.app.screen.query_one(ManyChoice).highlighted == 2, "a letter goes to its name")
        await pilot.press("v", "space")
        await sees(pilot, "with a certificate from Vendor Sub CA or Vendor Root CA.")
        await pilot.press("ctrl+s")
        await is_on(pilot, AliasConsequences)
        await sees(pilot, "Save est?", "2 end entities are shut out: a vendor's certificate is needed", "123456789")
        await pilot.press("n")
        await is_on(pilot, AliasForm)
        assert not alias_of(lab, "est").vendor_certificate_mode
        await pilot.press("ctrl+s")
        await is_on(pilot, AliasConsequences)
        await pilot.press("y")
        await is_on(pilot, AliasesScreen)
        await sees(pilot, "est is saved; u takes it back.")
        assert alias_of(lab, "est").vendor_cas == ("Vendor Sub CA", "Vendor Root CA")
        await pilot.press("u")
        await sees(pilot, "est is as it was before the edit.")
        assert alias_of(lab, "est").module_in_force is AuthenticationModule.CHALLENGE_PWD
        assert alias_of(lab, "est").vendor_cas == ()


async def test_a_new_one_needs_only_a_name_and_says_what_is_wrong_with_it(console: OpenConsole, lab: Lab) -> None:
    async with console() as pilot:
        pilot.app.post_message(AddRecord("aliases"))
        await is_on(pilot, AliasForm)
        await sees(pilot, "/.well-known/est/…/simpleenroll")
        await types(pilot, "cacerts")
        await sees(pilot, "✗ cacerts is an EST operation")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ cacerts is an EST operation")
        await pilot.press("ctrl+u")
        await types(pilot, "est")
        await pilot.press("ctrl+s")
        await sees(pilot, "✗ an alias est is there already")
        await types(pilot, "-2")
        await sees(pilot, "/.well-known/est/est-2/simpleenroll")
        await pilot.press("ctrl+s")
        await is_on(pilot, AliasesScreen)
        await sees(pilot, "est-2 is added", "3 aliases")
        await until(pilot, lambda: "est-2" in line_with(pilot, "▌"))
        alias = alias_of(lab, "est-2")
        assert (alias.authentication_module, alias.default_ca) == (AuthenticationModule.CHALLENGE_PWD, "ManagementCA")


async def test_lists_are_chosen_from_and_what_cannot_hold_together_is_said_at_once(
    console: OpenConsole, lab: Lab
) -> None:
    save_alias(lab, "est", authenticationmodule="HttpBasicAuth", tlsunique="required")
    async with console(WORDS) as pilot:
        await to_form(pilot, "est", "authenticationmodule")
        await sees(pilot, "not used: HTTP Basic brings the username", "linked to its TLS session")
        await pilot.press("enter", "home", "down", "enter")
        await sees(pilot, "✗ the challengePassword cannot be the code and tls-unique at once")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "tlsunique")
        await pilot.press("enter", "up", "enter")
        await sees(pilot, "not used: challengePassword is the code")
        pilot.app.screen.query_one("#certprofile").focus()
        await pilot.press("enter", "home", "enter")
        await sees(pilot, "csrattrs tells of no profile")
        pilot.app.screen.query_one("#extractusernamecomponent").focus()
        await pilot.press("enter", "end", "enter")
        await sees(pilot, "found by the whole subject of the CSR")
        await pilot.press("ctrl+s")
        await is_on(pilot, AliasConsequences)
        await sees(
            pilot, "✗ 2 end entities are shut out: the registered subject does not have", "123456789, registered_client"
        )
        await pilot.press("y")
        await is_on(pilot, AliasesScreen)
        alias = alias_of(lab, "est")
        assert (alias.extract_username_component, alias.certificate_profile) == ("DN", None)
        assert (alias.module_in_force, alias.tls_unique_required) == (AuthenticationModule.CHALLENGE_PWD, False)


async def test_a_vendor_ca_that_is_gone_stays_until_it_is_left_out(console: OpenConsole, lab: Lab) -> None:
    vendors = lab.administration.vendor_cas
    save_alias(lab, "estvendor", vendorcaids="Vendor Root CA;Vendor Sub CA")
    root = vendors.get("Vendor Root CA")
    assert root is not None
    vendors.set_trusted("Vendor Sub CA", False, vendors.get("Vendor Sub CA").revision)  # type: ignore[union-attr]
    vendors.delete("Vendor Root CA", root.revision)
    async with console(WORDS) as pilot:
        await to_form(pilot, "estvendor", "vendorcaids")
        await sees(pilot, "[✓] Vendor Root CA  listed, not in this lab", "[✓] Vendor Sub CA  listed, not trusted")
        await pilot.press("space")
        await sees(pilot, "[ ] Vendor Root CA  not in this lab")
        assert pilot.app.screen.query_one(ManyChoice).value == ("Vendor Sub CA",)
        await pilot.press("escape")
        await is_on(pilot, Confirm)
        await pilot.press("y")
        await is_on(pilot, AliasesScreen)
        assert alias_of(lab, "estvendor").vendor_cas == ("Vendor Root CA", "Vendor Sub CA")


async def test_an_edit_that_was_overtaken_shows_both(console: OpenConsole, lab: Lab) -> None:
    add(lab, "meter", aliases=("est",))
    async with console() as pilot:
        await to_form(pilot, "est", "severkeygenenabled")
        await pilot.press("space")
        save_alias(lab, "est", allowupdatewithsamekey="false")
        await pilot.press("ctrl+s")
        await is_on(pilot, ConflictDialog)
        await sees(pilot, "est was changed meanwhile", "Enable server side key generation", "typed here  yes")
        await sees(pilot, "Certificate Renewal with Same Keys", "stored now  no")
        await pilot.press("o")
        await is_on(pilot, AliasesScreen)
        await sees(pilot, "est is saved")
        assert alias_of(lab, "est").server_key_generation
        assert alias_of(lab, "est").allow_update_with_same_key
        await to_form(pilot, "est", "severkeygenenabled")
        alias = alias_of(lab, "est")
        lab.administration.aliases.rename("est", "other", alias.revision)
        await pilot.press("ctrl+s")
        await sees(pilot, "Nothing was saved: there is no alias est any more.")


async def test_a_new_vendor_alias_has_no_module_left_over(console: OpenConsole, lab: Lab) -> None:
    """The module that the form began with was nobody's wish: there is nothing to warn of."""
    async with console(WORDS) as pilot:
        pilot.app.post_message(AddRecord("aliases", "meters"))
        await is_on(pilot, AliasForm)
        pilot.app.screen.row("vendorcertificatemode").focus_field()  # type: ignore[attr-defined]
        await pilot.press("space", "tab", "down", "space", "ctrl+s")
        await is_on(pilot, AliasConsequences)
        assert "has no effect" not in text_of(pilot)
        await pilot.press("y")
        await is_on(pilot, AliasesScreen)
        assert alias_of(lab, "meters").vendor_cas == ("Vendor Sub CA",)
        assert alias_of(lab, "meters").authentication_module is None
