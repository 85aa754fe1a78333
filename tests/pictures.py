"""The README's pictures: the console as it looks after real devices called, exported by the app itself."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import demo_data
from estconsole.app import EstConsole
from estconsole.lab import Lab
from estconsole.server_control import ServerUrls
from screens.lab_view import LabView
from server.service import EstService
from server.wire import answer_code
from tests.labs import CODE, add, demo_lab, save_alias
from tests.screens.driving import ConsolePilot, sees, self_contained, types
from tests.support import ec_key
from tests.wire import WireClient

SIZE = (100, 30)


def call(urls: ServerUrls) -> None:
    """A morning's calls: an enrollment, a renewal, a spent code, a wrong one, a renewal with a key that is not new."""
    client = WireClient(urls.http, urls.tls, urls.mtls)
    key = ec_key()
    certificate = client.enroll("123456789", CODE, key).certificate
    client.renew("123456789", certificate, key, ec_key())
    client.enroll("meter-0417", "guessed")
    client.enroll("meter-0418", CODE)
    client.enroll("pump-12", CODE)
    client.renew("123456789", certificate, key)
    client.enroll("123456789", CODE)


async def live(pilot: ConsolePilot) -> None:
    """The details of a refusal."""
    await sees(pilot, "not NEW")
    await pilot.press("enter")
    await sees(pilot, "Set the end entity back to NEW")


async def end_entities(pilot: ConsolePilot) -> None:
    """A search, and what is known of one that was found."""
    await pilot.press("2")
    await sees(pilot, "meter-0418")
    await pilot.resize_terminal(120, SIZE[1])
    await pilot.press("slash")
    await types(pilot, "meter")
    await sees(pilot, "2 of 5 shown")
    await pilot.press("enter", "down")
    await sees(pilot, "GENERATED")


async def aliases(pilot: ConsolePilot) -> None:
    """An alias in its form, and in plain words."""
    await pilot.press("3")
    await sees(pilot, "● complete")
    await pilot.press("down", "e")
    await sees(pilot, "^s save", "from Vendor Sub CA.")


async def vendor_import(pilot: ConsolePilot) -> None:
    """A vendor's CA is shown before anything is done with it."""
    await pilot.press("5")
    await sees(pilot, "No vendor CAs yet")
    await pilot.press("a", "f")
    await sees(pilot, "Import vendor CAs from a file")
    await pilot.press("ctrl+u")
    await types(pilot, str(Path(demo_data.__file__).parent / demo_data.VENDOR_CAS["Vendor Sub CA"]))
    await pilot.press("enter")
    await sees(pilot, "1 certificate found, 1 chosen", "SHA-256")


PICTURES = {"live": live, "end-entities": end_entities, "aliases": aliases, "vendor-import": vendor_import}


@asynccontextmanager
async def console() -> AsyncIterator[tuple[ConsolePilot, Lab]]:
    """A console that serves, after the devices called."""
    with tempfile.TemporaryDirectory() as directory, demo_lab(Path(directory) / "lab") as lab:
        add(lab, "meter-0417")
        add(lab, "meter-0418")
        save_alias(lab, "est", allowupdatewithsamekey="false")
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        view = LabView(
            name=lab.name,
            administration=lab.administration,
            feed=lab.feed,
            server=service,
            answer_code=answer_code,
        )
        async with EstConsole(view).run_test(size=SIZE) as pilot:
            await sees(pilot, "serving")
            urls = service.state.urls
            if urls is None:
                raise LookupError("a serving server has URLs")
            await asyncio.to_thread(call, urls)
            yield pilot, lab


async def draw(name: str) -> str:
    """Go to what the picture shows, and export the screen as SVG."""
    async with console() as (pilot, lab):
        if name == "vendor-import":
            for vendor in lab.administration.vendor_cas.all():
                lab.administration.vendor_cas.delete(vendor.name, vendor.revision)
        await PICTURES[name](pilot)
        await pilot.pause()
        return self_contained(pilot.app.export_screenshot(title="estconsole"))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for picture in PICTURES:
        (folder / f"{picture}.svg").write_text(asyncio.run(draw(picture)), encoding="utf-8")
