"""The README's picture: the console as it looks after real devices called, exported by the app itself."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from estconsole.app import EstConsole
from estconsole.server_control import ServerUrls
from screens.lab_view import LabView
from server.service import EstService
from server.wire import answer_code
from tests.labs import CODE, add, demo_lab, save_alias
from tests.screens.driving import sees, self_contained
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


async def draw() -> str:
    """Let the devices call, open the details of the last row, and export the screen as SVG."""
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
        app = EstConsole(view)
        async with app.run_test(size=SIZE) as pilot:
            await sees(pilot, "serving")
            urls = service.state.urls
            if urls is None:
                raise LookupError("a serving server has URLs")
            await asyncio.to_thread(call, urls)
            await sees(pilot, "not NEW")
            await pilot.press("enter")
            await sees(pilot, "Set the end entity back to NEW")
            return self_contained(app.export_screenshot(title="estconsole"))


if __name__ == "__main__":
    Path(sys.argv[1]).parent.mkdir(exist_ok=True)
    Path(sys.argv[1]).write_text(asyncio.run(draw()), encoding="utf-8")
