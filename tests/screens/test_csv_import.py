"""End entities from a CSV file and into one: the dry run, all or nothing, and the codes for the devices."""

from __future__ import annotations

import asyncio
import csv
import io
import stat
from pathlib import Path

from estconsole.administration.csv_format import COLUMNS
from estconsole.domain.model import EntityStatus
from estconsole.lab import Lab
from screens.csv_import import ImportForm, ImportPage
from screens.dialogs import Menu, Notice
from screens.end_entities import EndEntitiesScreen
from screens.end_entity_form import EndEntityForm
from screens.progress_dialog import ProgressDialog
from server.service import EstService
from tests.interop.device import Device
from tests.interop.programs import needs
from tests.labs import add, entity_of
from tests.screens.driving import (
    ConsolePilot,
    OpenConsole,
    is_on,
    line_with,
    names_file,
    sees,
    table_of,
    text_of,
    to_list,
    types,
    until,
)
from tests.screens.test_hostile import CONTROLS, HOSTILE, MARKUP, assert_calm
from tests.screens.test_keys import SIZES, check, check_help


async def to_dry_run(pilot: ConsolePilot, path: Path) -> None:
    await pilot.press("i")
    await names_file(pilot, path)
    await is_on(pilot, ImportForm)
    await pilot.press("ctrl+s")


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    return {row["username"]: row for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))}


def enrolled(device: Device, username: str, code: str) -> str:
    """What real openssl and curl come to, with a code out of the file; the HTTP status."""
    device.fetch_ca_certificate()
    device.request(username, code)
    return device.post("simpleenroll", "device.b64", "answer")


@needs("openssl", "curl")
async def test_a_thousand_rows_with_three_bad_ones(
    console: OpenConsole, lab: Lab, service: EstService, tmp_path: Path
) -> None:
    devices = [f"device-{number:04}" for number in range(1_000)]
    lines = ["username,subject,aliases", *(f'{name},"CN={name},O=Lab",est' for name in devices)]
    lines[10] = '123456789,"CN=123456789",est'  # registered already
    lines[500] = 'device-0003,"CN=device-0003",est'  # doubled
    lines[900] = 'device-0899,"CN=device-0899",nowhere'  # an alias that is not there
    file, written = tmp_path / "devices.csv", tmp_path / "codes.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await to_list(pilot, EndEntitiesScreen)
        await to_dry_run(pilot, file)
        await is_on(pilot, ImportPage)
        await sees(pilot, "997 good, 3 bad", "nothing is imported yet", "3 rows")
        assert "is registered already" in line_with(pilot, " 11 ")
        assert "line 5 has it too" in line_with(pilot, " 501 ")
        assert "no alias nowhere" in line_with(pilot, " 901 ")
        assert len(lab.administration.end_entities.all()) == 2
        await pilot.press("ctrl+s")
        await pilot.press("f")
        await sees(pilot, "1,000 rows")
        await pilot.press("f", "i")
        await is_on(pilot, Menu)
        await sees(pilot, "997 end entities registered; 3 rows with problems left out.")
        assert len(lab.administration.end_entities.all()) == 999
        await pilot.press("w")
        await names_file(pilot, written)
        await is_on(pilot, EndEntitiesScreen)
        await sees(pilot, "997 end entities written", "999 registered")
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        codes = rows_of(written)
        assert len(codes) == 997
        code = codes["device-0042"]["code"]
        assert code not in text_of(pilot)

        urls = service.state.urls
        assert urls is not None
        device = Device(directory=tmp_path, lab=lab, service=service, urls=urls)
        assert await asyncio.to_thread(enrolled, device, "device-0042", code) == "200"
        assert entity_of(lab, "device-0042").status is EntityStatus.GENERATED


async def test_nothing_is_imported_of_what_does_not_hold_any_more_or_cannot_be_read(
    console: OpenConsole, lab: Lab, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("username,code\none,secret-1\ntwo,\n", encoding="utf-8")
    bad.write_text("user name;Kode\nx;y\n", encoding="utf-8")
    async with console((120, 40)) as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await to_dry_run(pilot, bad)
        await is_on(pilot, Notice)
        await sees(pilot, "bad.csv cannot be imported", "did you mean code?")
        await pilot.press("escape")
        await to_dry_run(pilot, good)
        await is_on(pilot, ImportPage)
        await sees(pilot, "2 good, 0 bad", "✓ CN=one", "there is one, hidden")
        assert "secret-1" not in text_of(pilot)
        taken = add(lab, "two")
        await pilot.press("ctrl+s")
        await is_on(pilot, Notice)
        await sees(pilot, "Nothing was imported", "two is registered already")
        assert lab.administration.end_entities.get("one") is None
        await pilot.press("escape")
        lab.administration.end_entities.delete("two", taken.revision)
        with lab.administration._store.lock:
            await pilot.press("ctrl+s")
            await is_on(pilot, ProgressDialog)
            await sees(pilot, "Registering 2 end entities", "esc cancel")
            await pilot.press("escape")
        await is_on(pilot, ImportPage)
        await sees(pilot, "Called off: nothing was imported.")
        assert lab.administration.end_entities.get("one") is None
        await pilot.press("ctrl+s")
        await is_on(pilot, Menu)
        await pilot.press("w")
        await names_file(pilot, tmp_path / "no" / "directory.csv")
        await sees(pilot, "No such file or directory")
        await pilot.press("escape")
        await is_on(pilot, EndEntitiesScreen)
        await until(pilot, lambda: "one" in line_with(pilot, "▌"))
        assert {"one", "two"} <= {entity.username for entity in lab.administration.end_entities.all()}


async def test_what_is_shown_is_written_and_codes_only_if_that_is_asked_for(
    console: OpenConsole, tmp_path: Path
) -> None:
    plain, secret = tmp_path / "plain.csv", tmp_path / "secret.csv"
    async with console() as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("w", "a")
        await names_file(pilot, plain)
        await sees(pilot, "2 end entities written")
        assert {*rows_of(plain)} == {"123456789", "registered_client"}
        assert b"password" not in plain.read_bytes()
        assert stat.S_IMODE(plain.stat().st_mode) == 0o644
        await types(pilot, "/12345")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.focused is table_of(pilot))
        await types(pilot, "wv")
        await names_file(pilot, secret)
        await sees(pilot, "1 end entity written", "codes in clear")
        assert {name: row["code"] for name, row in rows_of(secret).items()} == {"123456789": "password"}
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    async with console(read_only=True) as pilot:
        await to_list(pilot, EndEntitiesScreen)
        await pilot.press("w")
        await is_on(pilot, Menu)
        assert "with their codes" not in text_of(pilot)


def hostile_file(path: Path) -> None:
    """Every column hostile in each way, as long as one may be and longer; a row that holds; and one of MARKUP alone."""
    texts = [text.replace("\ud800", "") for text in HOSTILE.values()]
    rows = [list(COLUMNS), *([text[:4_000]] * len(COLUMNS) for text in [*texts, MARKUP])]
    rows += [[text, *[text[:4_000]] * (len(COLUMNS) - 1)] for text in texts if len(text) > 10_000]
    for name in (f"{MARKUP}1", f"{MARKUP}2"):
        row = {"username": name, "subject": f"CN={MARKUP},O={MARKUP}", "code": f"{MARKUP}geheim"}
        rows.append([row.get(column, "") for column in COLUMNS])
    bad = {"username": "bad", "subject": "CN=bad", "aliases": CONTROLS}
    rows.append([bad.get(column, "") for column in COLUMNS])
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)


async def test_what_a_file_holds_is_text_on_every_screen(console: OpenConsole, lab: Lab, tmp_path: Path) -> None:
    file, header = tmp_path / "[red]hostile[@click=app.quit].csv", tmp_path / "header.csv"
    hostile_file(file)
    header.write_text(f'username,"{MARKUP}","{CONTROLS}"\nx,y,z\n', encoding="utf-8")
    async with console(start_server=True) as pilot:
        await sees(pilot, "● serving")
        await to_list(pilot, EndEntitiesScreen)
        await to_dry_run(pilot, header)
        await is_on(pilot, Notice)
        await sees(pilot, "[/x][red]boo[/red]")
        assert_calm(pilot)
        await pilot.press("escape")
        await to_dry_run(pilot, file)
        await is_on(pilot, ImportPage)
        await sees(pilot, "2 good, 5 bad", "[red]hostile[@click=app.q")
        await check(pilot, *SIZES, (60, 24))
        await check_help(pilot)
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            for key in ("home", "down", "down", "down", "down", "f"):
                await pilot.press(key)
                assert_calm(pilot)
                assert "geheim" not in text_of(pilot)
        await types(pilot, "/boo")
        await sees(pilot, "2 of 5 shown")
        assert_calm(pilot)
        await pilot.press("escape")
        add(lab, f"{MARKUP}2")
        await types(pilot, "i")
        await is_on(pilot, Notice)
        await sees(pilot, "was left out that was good before", f"{MARKUP}2"[:30])
        assert_calm(pilot)
        await pilot.press("escape")
        await is_on(pilot, Menu)
        await types(pilot, "l")
        await is_on(pilot, EndEntitiesScreen)
        await pilot.resize_terminal(120, 40)
        await sees(pilot, f"▌{MARKUP[:18]}", "subject       CN=[/x][red]boo")
        assert_calm(pilot)
        await pilot.press("e")
        await is_on(pilot, EndEntityForm)
        assert_calm(pilot)
        assert lab.administration.end_entities.get(f"{MARKUP}1")
