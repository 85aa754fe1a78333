"""The console's command: a lab, a server and the Textual app, put together and taken apart in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from estconsole.app import EstConsole
from estconsole.lab import Lab
from server.service import EstService
from server.wire import answer_code


def run_console(data_dir: Path, options: Mapping[str, object], *, demo: bool, on_open: Callable[[], None]) -> None:
    """Open a lab and show it until the operator quits.

    `options` are settings of the server that hold in the place of the lab's own, for this run. `on_open` is called once
    the directory is this process's own.
    """
    owner = "estconsole demo" if demo else "estconsole"
    with Lab.open(data_dir, owner=owner, options=options, demo=demo) as lab:
        on_open()
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        try:
            EstConsole(
                lab_name=lab.name,
                administration=lab.administration,
                feed=lab.feed,
                server=service,
                answer_code=answer_code,
            ).run()
        finally:
            service.stop()
