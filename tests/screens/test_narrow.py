"""Terminals that are narrow, and tables that scroll: nothing that matters is cut off without a sign."""

from __future__ import annotations

import pytest

from estconsole.domain.refusal import RefusalReason
from estconsole.lab import Lab
from screens.help import HelpScreen
from screens.server import ServerScreen
from screens.show_text import ShowText
from tests.screens.driving import OpenConsole, is_on, line_with, sees, table_of, text_of, until
from tests.screens.feeding import refused


@pytest.mark.parametrize("username", ["device", "device-with-a-name-of-28-signs"])
@pytest.mark.parametrize("width", [80, 120])
async def test_a_table_with_a_scrollbar_cuts_no_column(
    console: OpenConsole, lab: Lab, width: int, username: str
) -> None:
    for number in range(1, 60):
        lab.feed.publish(refused(number, RefusalReason.WRONG_CODE, username))
    async with console((width, 24)) as pilot:
        await sees(pilot, "✗ wrong code")
        await until(pilot, lambda: table_of(pilot).show_vertical_scrollbar)
        await pilot.pause()
        bar = "▁▂▃▄▅▆▇█ "
        last = line_with(pilot, "operation").rstrip(bar).split()[-1]
        cells = line_with(pilot, "✗ wrong code").rstrip(bar).split()
        assert {"result": "code", "code": "400", "ms": "6"}[last] == cells[-1]


async def test_a_fingerprint_breaks_between_bytes(console: OpenConsole) -> None:
    """It is compared with openssl's by eye."""
    async with console((60, 30)) as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await sees(pilot, "SHA-256")
        first = text_of(pilot).splitlines().index(line_with(pilot, "SHA-256"))
        lines = [line.replace("SHA-256", "").strip() for line in text_of(pilot).splitlines()[first : first + 4]]
        parts = [line for line in lines if line.count(":") > 3 and "http" not in line]
        assert "".join(parts).count(":") == 31
        assert all(part.endswith(":") for part in parts[:-1])


async def test_help_hangs_its_lines_at_any_width(console: OpenConsole) -> None:
    async with console((60, 60)) as pilot:
        await pilot.press("question_mark")
        await is_on(pilot, HelpScreen)
        await sees(pilot, "Another tab of the")
        lines = text_of(pilot).splitlines()
        first = next(number for number, line in enumerate(lines) if "Another tab of the" in line)
        assert lines[first + 1].index("details") == lines[first].index("Another")


async def test_a_copied_text_stands_alone_on_the_screen(console: OpenConsole, lab: Lab) -> None:
    """Where the terminal does not take OSC 52, it is selected by hand, and nothing else with it."""
    pem = lab.administration.authorities.pem("ManagementCA")
    assert pem is not None
    async with console((80, 40)) as pilot:
        await pilot.press("7")
        await is_on(pilot, ServerScreen)
        await pilot.press("c")
        await sees(pilot, "PEM")
        await pilot.press("p")
        await is_on(pilot, ShowText)
        await sees(pilot, "-----END CERTIFICATE-----")
        shown = [line for line in text_of(pilot).splitlines() if line]
        start = shown.index("-----BEGIN CERTIFICATE-----")
        end = shown.index("-----END CERTIFICATE-----")
        assert "\n".join(shown[start : end + 1]) == pem.strip()
