"""End entities written into a CSV file: all or those shown, with their codes only if that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from screens.dialogs import Choice, Menu
from screens.entity_words import end_entities
from screens.file_prompt import save_file
from screens.frame import ConsoleScreen
from screens.key_order import ask
from screens.progress_dialog import with_progress

FILE = "end-entities.csv"


async def export_end_entities(screen: ConsoleScreen[None], shown: Sequence[str], total: int) -> None:
    """Ask which, and where they go; `shown` are the usernames of the list. From a task that holds keys."""
    all_of_them = f"all {end_entities(total)}"
    choices = [Choice("a", f"{all_of_them}, without codes", "all")]
    some = len(shown) < total
    if some:
        choices.append(Choice("s", f"the {len(shown):,} that are shown, without codes", "shown"))
    if not screen.lab.read_only:
        choices.append(Choice("c", f"{all_of_them}, with their codes in clear", "all codes"))
        if some:
            choices.append(Choice("v", f"the {len(shown):,} that are shown, with their codes in clear", "shown codes"))
    if (chosen := await ask(screen, Menu("Write into a CSV file", choices))) is None:
        return
    which, _, codes = chosen.partition(" ")
    await write_csv(screen, shown if which == "shown" else None, with_codes=bool(codes))


async def write_csv(screen: ConsoleScreen[None], usernames: Sequence[str] | None, *, with_codes: bool) -> None:
    """Write these end entities (None: all) where the operator says, if he does. From a task that holds keys."""
    export = screen.lab.administration.end_entities.export_csv
    content = await with_progress(
        screen,
        "Writing the end entities",
        lambda progress: export(usernames, with_codes=with_codes, progress=progress),
    )
    if content is None:
        screen.say("Called off: nothing was written.")
        return
    path = await save_file(screen, "Write the end entities as CSV", FILE, content, secret=with_codes)
    if path is None:
        return
    rows = content.count(b"\r\n") - 1  # no field of it has a line end
    codes = ", codes in clear" if with_codes else ""
    screen.say(f"{end_entities(rows)} written to {path}{codes}.")
