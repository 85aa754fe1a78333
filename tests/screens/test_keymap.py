"""Keys that the operator gave other bindings: what is allowed, and that footer, help and texts show what works."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static
from textual.widgets._footer import FooterKey

from estconsole.app import EstConsole
from estconsole.lab import Lab
from estconsole.preferences import Preferences
from screens.end_entities import EndEntitiesScreen
from screens.fields import Field
from screens.help import HelpScreen
from screens.keymap import ConsoleKeys, console_keys
from screens.keys import declared, key_of, with_keys
from screens.themes import THEMES
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, text_of, types, until
from tests.screens.test_key_order import SlowDisk

KEYS = {
    "live.filter": "f,ctrl+f",
    "live.back": "b",
    "list.search": "f",
    "entities.add": "?",
    "app.help": "f2",
    "app.end_entities": "e",
    "app.quit": "ctrl+x",
    "text.copy": "y",
}


@pytest.fixture
def rules() -> ConsoleKeys:
    assert EstConsole.BINDINGS
    return console_keys()


@pytest.mark.parametrize(
    ("keys", "clashes"),
    [
        ({}, []),
        ({"live.fix": "p"}, ["live.fix and live.pause are both on 'p'."]),
        ({"live.fix": "ctrl+t,1"}, ["app.live and live.fix are both on '1'."]),
        ({"live.fix": "k"}, ["details.up and live.fix are both on 'k'.", "live.fix and table.up are both on 'k'."]),
        ({"details.up": "p"}, ["details.up and live.pause are both on 'p'."]),
        ({"app.help": "p"}, ["app.help and live.pause are both on 'p'."]),
        ({"live.fix": "?"}, ["app.help and live.fix are both on 'question_mark'."]),
        ({"live.fix": "p", "live.pause": "x"}, []),
        ({"live.fix": "a"}, []),
        ({"live.follow": "end,F"}, []),
        ({"live.back": "escape"}, []),
        ({"text.copy": "1"}, []),
        ({"text.copy": "ctrl+q"}, ["app.quit and text.copy are both on 'ctrl+q'."]),
        ({"form.save": "S"}, ["form.save works while text is typed, where 'S' is a character."]),
        ({"form.save": "slash"}, ["form.save works while text is typed, where 'slash' is a character."]),
        ({"app.quit": "ctrl+g"}, ["app.quit and form.new_code are both on 'ctrl+g'."]),
    ],
)
def test_no_two_bindings_of_a_screen_share_a_key(rules: ConsoleKeys, keys: dict[str, str], clashes: list[str]) -> None:
    found = {words for _, words in rules.clashes(keys)}
    assert set(clashes) <= found
    assert bool(clashes) == bool(found), found
    assert {name for name, _ in rules.clashes(keys)} <= keys.keys()


@pytest.mark.parametrize(
    "key", ["f", "é", "/", "slash", "?", "space", "comma", "f24", "shift+up", "alt+ctrl+f", "question_mark"]
)
def test_what_is_a_key(rules: ConsoleKeys, key: str) -> None:
    assert rules.key_problem(key) is None


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("", "Name a key; the space bar is 'space', the comma 'comma'."),
        ("Escape", "The nearest one is 'escape'."),
        ("Full_Stop", "The nearest one is '.'."),
        ("ctrl+Pagedwn", "The nearest one is 'ctrl+pagedown'."),
        ("solidus", "The nearest one is 'slash'."),
        ("latin_small_letter_a", "The nearest one is 'a'."),
        ("ctl+f", "'ctl' is no modifier. There are: alt, ctrl, hyper, meta, shift, super."),
        ("shift+f", "A terminal sends the character: write 'F'."),
        ("ctrl+alt+f", "The nearest one is 'alt+ctrl+f'."),
        ("ctrl+F", "The nearest one is 'ctrl+shift+f'."),
        ("alt+/", "The nearest one is 'alt+slash'."),
        ("ctrl++", "The nearest one is 'ctrl+plus'."),
        ("ctrl+shift+foo", "Keys are characters, and names such as 'f2', 'ctrl+s', 'pagedown' and 'question_mark'."),
    ],
)
def test_what_is_no_key_is_told_what_would_be(rules: ConsoleKeys, key: str, hint: str) -> None:
    problem = rules.key_problem(key)
    assert problem is not None
    assert problem[1] == hint


def test_what_is_printed_can_be_put_into_the_file_as_it_is(rules: ConsoleKeys, tmp_path: Path) -> None:
    printed = rules.as_toml()
    assert '# "app.help" = "question_mark,f1"  # help: Every key of this screen' in printed.splitlines()
    path = tmp_path / "config.toml"
    path.write_text(printed.replace('# "', '"'))
    preferences = Preferences.load(path, bindings=rules, themes=THEMES)
    assert set(preferences.keys) == set(rules.ids)
    path.write_text(printed)
    assert not Preferences.load(path, bindings=rules, themes=THEMES).keys


async def test_what_stands_on_a_screen_is_known_to_be_there(console: OpenConsole, rules: ConsoleKeys) -> None:
    async with console((120, 40)) as pilot:
        for place in pilot.app.places:
            await pilot.app.switch_mode(place.PLACE)
            await is_on(pilot, type(place))
            standing = {name for widget in place.query("*") for name in declared(type(widget))}
            assert standing <= rules.reach(type(place)), place


async def test_other_keys_work_and_are_what_footer_help_and_texts_show(console: OpenConsole) -> None:
    async with console((100, 40), preferences=Preferences.in_memory(keys=KEYS)) as pilot:
        await until(pilot, lambda: "f filter" in footer(pilot))
        assert "f2 help" in footer(pilot)
        await pilot.press("slash")
        assert not pilot.app.screen.query_one("#filter", Field).has_focus
        await pilot.press("f")
        await until(pilot, lambda: pilot.app.screen.query_one("#filter", Field).has_focus)
        await types(pilot, "ef")
        await until(pilot, lambda: pilot.app.screen.query_one("#filter", Field).value == "ef")
        # What shared a key with a binding that left it keeps it: Textual alone would take both off.
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.query_one("#filter", Field).value)
        await pilot.press("f2")
        await is_on(pilot, HelpScreen)
        shown = str(pilot.app.screen.query_one("#help-text", Static).content)
        assert "  f ^f      filter        Show only rows that match" in shown.splitlines()
        assert "  b         back          Close the details" in shown.splitlines()
        await pilot.press("escape", "e")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "registered_client")
        assert "? add" in footer(pilot)
        assert key_of(pilot.app, "entities.edit") == "e"
        assert key_of(pilot.app, "text.copy") == "y"
        assert key_of(pilot.app, "form.save") == "ctrl+s"
        assert key_of(pilot.app, "live.details") == "enter"
        assert with_keys(pilot.app, "{list.search} or {list.undo}: {x}") == "f or u: {x}"
        await sees(pilot, "e Entities  3 Aliases")
        await pilot.press("c", "u")
        await sees(pilot, "OSC 52", "esc close")
        assert "copy" not in text_of(pilot).splitlines()[-2]


def footer(pilot: ConsolePilot) -> list[str]:
    """What the footer says, key by key."""
    return [f"{key.key_display} {key.description}" for key in pilot.app.screen.query(FooterKey)]


async def test_another_key_that_leaves_does_not_wait_either(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(lab, monkeypatch)
    async with console(preferences=Preferences.in_memory(keys={"app.quit": "ctrl+x"})) as pilot:
        await pilot.press("2")
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "registered_client")
        await pilot.press("n")
        await until(pilot, disk.asked.is_set)
        await pilot.press("ctrl+q")
        assert pilot.app.is_running
        await pilot.press("ctrl+x")
        await until(pilot, lambda: not pilot.app.is_running)
        disk.may_go.set()
