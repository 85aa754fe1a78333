"""The console's command: a lab, a server and the Textual app, put together and taken apart in order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from estconsole.app import EstConsole
from estconsole.crash import CrashReports
from estconsole.errors import EstConsoleError
from estconsole.lab import Lab
from estconsole.preferences import Preferences, default_location
from screens.clipboard import desktop_clipboard
from screens.keymap import console_keys
from screens.lab_view import LabView
from screens.themes import THEMES
from server.service import EstService
from server.wire import answer_code


def run_console(
    data_dir: Path,
    options: Mapping[str, object],
    *,
    demo: bool,
    on_open: Callable[[], None],
    read_only: bool = False,
    config: Path | None = None,
) -> None:
    """Open a lab and show it until the operator quits. Raises EstConsoleError, and SystemExit after a crash.

    `options` are settings of the server that hold in the place of the lab's own, for this run; `config` names the file
    of the operator's own settings. `on_open` is called once the directory is this process's own.
    """
    preferences = Preferences.load(config or default_location(), bindings=console_keys(), themes=THEMES)
    crashes = CrashReports(data_dir)
    try:
        status = _run(data_dir, options, preferences, crashes, demo=demo, on_open=on_open, read_only=read_only)
    except EstConsoleError:
        raise
    except Exception as error:  # what is nobody's to handle is reported, without its words (B-45)
        print(crashes.leave(error), file=sys.stderr)
        status = 1
    if status:
        sys.exit(status)


def keys_as_toml() -> str:
    """The section of the settings file that names every key, with where it belongs."""
    return f"# What you change here belongs into {default_location()}.\n\n{console_keys().as_toml()}"


def _run(
    data_dir: Path,
    options: Mapping[str, object],
    preferences: Preferences,
    crashes: CrashReports,
    *,
    demo: bool,
    on_open: Callable[[], None],
    read_only: bool,
) -> int:
    owner = "estconsole demo" if demo else "estconsole"
    with Lab.open(data_dir, owner=owner, options=options, demo=demo, furnish=demo, read_only=read_only) as lab:
        on_open()
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        try:
            view = LabView(
                name=lab.name,
                administration=lab.administration,
                feed=lab.feed,
                server=service,
                answer_code=answer_code,
                preferences=preferences,
                read_only=read_only,
            )
            console = EstConsole(view, desktop=desktop_clipboard(os.environ), crashes=crashes)
            console.run()
            if console.last_words:
                print(console.last_words, file=sys.stderr)
            return console.return_code or 0
        finally:
            service.stop()
