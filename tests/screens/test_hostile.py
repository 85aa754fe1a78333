"""What comes from the wire is never markup, and never acts on the terminal."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from estconsole.activity import Activity, ActivityDetail
from estconsole.domain.checks import Check, CheckState
from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from screens.details import Details
from screens.dialogs import Confirm, Menu
from screens.end_entity_form import EndEntityForm
from screens.fields import Field
from screens.show_text import ShowText
from tests.screens.driving import ConsolePilot, OpenConsole, is_on, sees, text_of, until
from tests.screens.feeding import NOON, refused

MARKUP = "[/x][red]boo[/red] [@click=app.quit]q[/]"
CONTROLS = "a\x1b[31mb\x07c\x9bd\x00e\x7ff\rg\nh\ti"
DIRECTIONS = "abc\u202edcba\u2066x\u2069\u200b\U000e0041\ud800\ufeff"
HOSTILE = {
    "that acts": MARKUP + CONTROLS + DIRECTIONS,
    "without end": "漢字かな交じり文" * 20 + "e" + "\u0301" * 3_000 + "x" * 10_000,
}
EVERYTHING = (
    "[/x]\x1b[31m漢\u202e[red]字\x07"  # in the narrowest cell
    f"{MARKUP}{CONTROLS}{DIRECTIONS}".replace("\ud800", "")
    + "漢字かな交じり文" * 20
    + "e"
    + "\u0301" * 60
    + "x" * 10_000
)
"""All of it in one text. UTF-8, and so certificates and the store's file, have no lone surrogates."""
ACTS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)


def detail_of(activity: Activity, text: str) -> ActivityDetail:
    return ActivityDetail(
        activity=activity,
        checks=(
            Check("passed", CheckState.PASSED, text, text),
            Check("failed", CheckState.FAILED, text, text),
            Check(text, CheckState.NOT_REACHED),
        ),
        csr=f"subject {text}",
        client_certificate=f"subject {text}",
        issued_certificate=f"subject {text}",
        has_raw_request=True,
    )


def assert_calm(pilot: ConsolePilot) -> None:
    """The frame is whole: every line as wide as the screen, and no character on it acts."""
    strips = pilot.app.screen._compositor.render_strips()
    assert [cell_len(strip.text) for strip in strips] == [pilot.app.size.width] * pilot.app.size.height
    for strip in strips:
        assert not ACTS.search(strip.text), repr(strip.text)


@pytest.mark.parametrize("kind", HOSTILE)
async def test_nothing_breaks_and_nothing_acts(
    console: OpenConsole, lab: Lab, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text = HOSTILE[kind]
    activity = refused(1, RefusalReason.ENTITY_NOT_OPEN, text, peer=text, alias=text, operation=text)
    monkeypatch.setattr(lab.administration.activities, "detail", lambda _: detail_of(activity, text))
    monkeypatch.setattr(lab.administration.activities, "raw_request", lambda _: text)
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(activity)
        await sees(pilot, "✗ not NEW")
        assert_calm(pilot)
        await pilot.press("enter")
        details = pilot.app.screen.query_one(Details)
        await until(pilot, lambda: details.detail is not None)
        for key in ("right", "right", "right", "right", "ctrl+r", "pagedown"):
            assert_calm(pilot)
            await pilot.press(key)
        assert_calm(pilot)
        await pilot.press("escape", "g")
        await sees(pilot, "Nothing that this row is about is on record here.")
        assert_calm(pilot)
        assert pilot.app.is_running
        await pilot.press("x")
        await is_on(pilot, Confirm)
        assert_calm(pilot)


async def test_markup_is_shown_as_it_came(console: OpenConsole, lab: Lab) -> None:
    async with console((120, 40), now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.ENTITY_UNKNOWN, "dev[/x][red]"))
        await sees(pilot, "dev[/x][red]")
        await pilot.press("c")
        await is_on(pilot, Menu)
        await pilot.press("u")
        await is_on(pilot, ShowText)
        await sees(pilot, "dev[/x][red]")
        assert pilot.app.clipboard == "dev[/x][red]"


async def test_a_username_that_no_entity_can_have_is_not_offered_for_registration(
    console: OpenConsole, lab: Lab
) -> None:
    async with console(now=lambda: NOON) as pilot:
        lab.feed.publish(refused(1, RefusalReason.ENTITY_UNKNOWN, "dev\x1b[31m"))
        await sees(pilot, "dev\\x1b[31m")
        await pilot.press("x")
        assert not isinstance(pilot.app.screen, EndEntityForm)


async def test_what_is_pasted_into_a_field_is_kept_but_does_not_act(console: OpenConsole) -> None:
    async with console() as pilot:
        await pilot.press("slash")
        field = pilot.app.screen.query_one("#filter", Field)
        field.value = "a\x1bb\u202ec"
        await until(pilot, lambda: "a␛b\ufffdc" in text_of(pilot))
        assert field.value == "a\x1bb\u202ec"
        assert_calm(pilot)
