"""Hostile text in every record that the wire, a file or another tool can bring: walked through on every screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from textual.command import CommandPalette
from textual.geometry import Region
from textual.widgets import Footer

from estconsole.lab import Lab
from estconsole.messages import EditRecord
from screens.alias_consequences import AliasConsequences
from screens.conflict import ConflictDialog
from screens.dialogs import Confirm, ErrorDialog, Menu, Notice
from screens.fields import Field
from screens.file_prompt import FilePrompt
from screens.form_screen import FormScreen
from screens.profiles import ProfilesScreen
from screens.records_screen import RecordsScreen
from screens.vendor_preview import VendorPreview
from tests.labs import entity_of
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, text_of, types, until
from tests.screens.hostile_lab import hostile_certificate, plant
from tests.screens.test_hostile import EVERYTHING, MARKUP, assert_calm

WIDE_SIZE, SMALL = (120, 40), (80, 24)

# Looking


def assert_whole(pilot: ConsolePilot) -> None:
    """Nothing acts, nothing is cut in two, and what one needs to go on is in view: the keys, buttons and fields."""
    assert_calm(pilot)
    screen = pilot.app.screen
    assert not isinstance(screen, ErrorDialog), text_of(pilot)
    view = Region(0, 0, *pilot.app.size)
    needed = [*screen.query(".dialog-keys"), *screen.query(".dialog-buttons"), *screen.query(Footer)]
    needed += [] if screen.focused is None or not isinstance(screen.focused, Field) else [screen.focused]
    for widget in needed:
        if widget.display:
            place = screen.find_widget(widget)
            assert view.contains_region(place.region.intersection(place.clip)), f"{widget} is out of view"
            assert place.visible_region.height, f"{widget} is covered\n{text_of(pilot)}"


async def press(pilot: ConsolePilot, *keys: str) -> None:
    """Press keys one by one, each with all that comes of it, and look."""
    for key in keys:
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.gate.is_open)  # type: ignore[attr-defined]
        await pilot.pause()
        assert_whole(pilot)


async def leave(pilot: ConsolePilot, behind: object) -> None:
    """Go back to a screen, whatever stands on it. A form asks whether that is meant; nothing else is agreed to."""
    for number in range(8):
        if pilot.app.screen is behind:
            return
        await press(pilot, "y" if number and isinstance(pilot.app.screen, Confirm) else "escape")
    raise AssertionError(f"esc leads nowhere\n{text_of(pilot)}")


async def walk(pilot: ConsolePilot, *ways: str) -> None:
    """From the screen in front, take each way, keys with a space between, and come back; each comes to something."""
    behind = pilot.app.screen
    for way in ways:
        pilot.app.clear_notifications()
        await press(pilot, *way.split())
        assert pilot.app.screen is not behind or len(pilot.app._notifications), f"{way} did nothing\n{text_of(pilot)}"
        if pilot.app._notifications:
            await until(pilot, lambda: pilot.app.screen.query("Toast"))
            assert_whole(pilot)
        await leave(pilot, behind)


async def select(pilot: ConsolePilot, place: str, key: str) -> None:
    """Select a record in its list, and look at it with its pane."""
    await pilot.app.open_record(place, key)  # type: ignore[attr-defined]
    await until(pilot, lambda: pilot.app.gate.is_open)  # type: ignore[attr-defined]
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, RecordsScreen)
    assert screen.selected is not None
    assert screen.rows.key(screen.table.selected or 0) == key
    assert_whole(pilot)


PUT_IN = {
    "end_entities": ("h", "d", "c s", "g", "m"),
    "aliases": ("e ctrl+s", "m", "d", "c u", "g"),
    "authorities": ("d", "c", "g", "v", "e"),
    "vendor_cas": ("enter w", "d", "c", "F", "t"),
    "certificates": ("enter c i", "w p", "g"),
}
"""The keys to press on a record that was put into the store, each as far as it goes before something goes for good."""

LET_IN = {
    "end_entities": ("h enter", "n", "r u", "m 1", "l", "w"),
    "aliases": (),
    "authorities": ("w k", "r", "l", "f"),
    "vendor_cas": ("f",),
    "certificates": ("r k", "h"),
}
"""What only a record that holds can do besides."""


async def test_every_record_is_text_wherever_it_is_shown(console: OpenConsole, lab: Lab) -> None:
    planted = plant(lab, EVERYTHING)
    async with console(WIDE_SIZE, start_server=True) as pilot:
        for place, (_, put_in) in planted.items():
            await select(pilot, place, put_in)
        await pilot.resize_terminal(*SMALL)
        for place, (let_in, put_in) in planted.items():
            await select(pilot, place, put_in)
            await walk(pilot, *PUT_IN[place])
            await select(pilot, place, let_in)
            await walk(pilot, *LET_IN[place])


async def test_requests_profiles_the_server_and_the_palette(console: OpenConsole, lab: Lab) -> None:
    plant(lab, EVERYTHING)
    rows = len(lab.feed.recent()) - 1
    async with console(start_server=True) as pilot:
        await press(pilot, "end", "enter")
        for _ in range(4):
            await press(pilot, *["left_square_bracket"] * rows, "end", "right")
        await press(pilot, "escape", "7")
        await sees(pilot, "devices trust")
        await press(pilot, "c", "escape", "pagedown")
        await sees(pilot, "trusts         ManagementCA", "[/x]\\x1b[31m漢\\u202e[red]字", "simplereenroll")
        await press(pilot, "2", "p")
        await walk(pilot, "end l", "end e", "end d")
        await pilot.resize_terminal(*WIDE_SIZE)
        await press(pilot, "up", "up", "1", "end", "enter")
        await press(pilot, *["left_square_bracket"] * rows)
        await press(pilot, "ctrl+p")
        await is_on(pilot, CommandPalette)  # type: ignore[type-abstract]
        await types(pilot, "boo")
        await until(pilot, lambda: "end entity" in text_of(pilot) and "vendor CA" in text_of(pilot))
        assert_calm(pilot)


# Dialogs that are seldom seen


async def overtaken(pilot: ConsolePilot, change: Callable[[], object], *keys: str) -> None:
    """Open a form, change its record behind it, and save: both versions are shown, and what was typed is refused."""
    behind = pilot.app.screen
    await press(pilot, "e")
    change()
    await press(pilot, *keys)
    await is_on(pilot, ConflictDialog)
    assert "stored now" in text_of(pilot)
    assert "typed here" in text_of(pilot)
    await press(pilot, "pagedown", "end", "o")
    await leave(pilot, behind)


async def test_edits_that_were_overtaken_and_what_an_alias_does(console: OpenConsole, lab: Lab) -> None:
    planted, store, text = plant(lab, EVERYTHING), lab._store, EVERYTHING

    def change_entity() -> None:
        entity = entity_of(lab, text)
        store.end_entities.put(
            replace(entity, revision=entity.revision + 1, issuing_ca=f"other {text}", aliases=frozenset({"renamed"}))
        )

    def change_profile() -> None:
        profile = next(each for each in store.end_entity_profiles.values() if each.name == text)
        store.end_entity_profiles.put(
            replace(profile, revision=profile.revision + 1, allowed_fields=frozenset({f"other {text}"}))
        )

    def change_alias() -> None:
        alias = store.aliases.get("renamed")
        assert alias is not None
        store.aliases.put(replace(alias, revision=alias.revision + 1, default_ca=f"other {text}"))

    def change_url() -> None:
        authority = store.authorities.get(MARKUP)
        assert authority is not None
        store.authorities.put(replace(authority, revision=authority.revision + 1, crl_url=f"http://{text}"))

    async with console() as pilot:
        await select(pilot, "end_entities", text)
        await overtaken(pilot, change_entity, "ctrl+s")
        await press(pilot, "p")
        await is_on(pilot, ProfilesScreen)
        await press(pilot, "end")
        await overtaken(pilot, change_profile, "ctrl+s")
        await press(pilot, "escape")
        await select(pilot, "authorities", planted["authorities"][0])
        await overtaken(pilot, change_url, *"http://[red]", "enter")
        await select(pilot, "aliases", "renamed")
        pilot.app.post_message(EditRecord("aliases", "renamed", "vendorcertificatemode"))
        await is_on(pilot, FormScreen)
        await press(pilot, "space", "ctrl+s")
        await is_on(pilot, AliasConsequences)
        await sees(pilot, "are shut out", "new [/x]\\x1b[31m漢\\u202e[red]字")
        await press(pilot, "pagedown", "end", "n")
        await press(pilot, "space")
        change_alias()
        await press(pilot, "ctrl+s")
        await is_on(pilot, AliasConsequences)
        await sees(pilot, "▲ renamed lists [/x]")
        await press(pilot, "y")
        await is_on(pilot, ConflictDialog)


async def test_vendor_cas_are_looked_at_before_they_are_imported(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    plant(lab, EVERYTHING)
    # One has the name of a vendor CA with another key, one that of a CA of this lab, and one is no CA's.
    bundle = tmp_path / "[red]vendor[@click=app.quit].pem"
    bundle.write_bytes(
        b"".join(
            load_der_x509_certificate(der).public_bytes(Encoding.PEM)
            for der in (
                hostile_certificate(EVERYTHING),
                hostile_certificate(f"own {EVERYTHING}"),
                hostile_certificate(f"device {EVERYTHING}", authority=False),
            )
        )
    )
    async with console() as pilot:
        await press(pilot, "5", "a", "f")
        await is_on(pilot, FilePrompt)
        await press(pilot, "ctrl+u")
        await types(pilot, f"{bundle}\r")
        await is_on(pilot, VendorPreview)
        await sees(pilot, "3 certificates found, 1 chosen", "odd, see below", "refused")
        await press(pilot, "down", "space", "home")
        await walk(pilot, "e")
        await press(pilot, "slash", *"boo", "escape")
        await pilot.resize_terminal(*WIDE_SIZE)
        await press(pilot, "down", "up", "ctrl+s")
        await is_on(pilot, Notice)
        await press(pilot, "pagedown", "escape")
        await is_on(pilot, Menu)
        await sees(pilot, "as a vendor CA of an alias?")
        await press(pilot, "1")
        assert_whole(pilot)
