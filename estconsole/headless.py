"""Headless serving: the engine and the server without a console, one JSON object a line."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from estconsole.activity import Activity, Outcome
from estconsole.domain.refusal import RefusalReason
from estconsole.json_lines import Lines
from estconsole.lab import Lab
from estconsole.server_control import ServerPhase, ServerState
from server.service import EstService
from server.wire import answer_code


def serve_headless(data_dir: Path, options: Mapping[str, object], *, demo: bool, out: TextIO = sys.stdout) -> None:
    """Serve until SIGINT or SIGTERM, then stop cleanly. Raises EstConsoleError when it cannot start.

    `options` are settings of the server that hold in the place of the lab's own, for this run. The first line says
    where it listens; each activity follows as a line of its own. A server that fails while it runs ends the command
    with that error. A reader that is slow or gone costs lines, and never an enrollment.
    """
    ended = threading.Event()
    _end_on_signals(ended)
    with Lab.open(data_dir, owner="estconsole serve", options=options, demo=demo) as lab:
        service = EstService(lab.settings, lab.engine, lab.administration, lab.handshakes, lab.tls)
        lines = Lines(out)

        def on_state(state: ServerState) -> None:
            if state.phase is ServerPhase.FAILED:
                ended.set()

        with service.subscribe(on_state), lab.feed.subscribe(lambda activity: lines.write(activity_line(activity))):
            lines.begin(_listening_line(service.start()))
            ended.wait()
            failure = service.state.problem
            service.stop()
        lines.write({"activity": "stopped"})
        lines.close()
        if failure is not None:
            raise failure


def activity_line(activity: Activity) -> dict[str, Any]:
    """One activity as the JSON object of its line: no secret is in it, since none is in the activity (B-45)."""
    line: dict[str, Any] = {
        "activity": "handshake" if activity.outcome is Outcome.HANDSHAKE else "request",
        "id": activity.id,
        "at": activity.at.isoformat(timespec="milliseconds"),
        "peer": activity.peer,
    }
    reason = activity.reason
    if activity.outcome is Outcome.HANDSHAKE:
        return line | {"reason": reason.key if reason else None, "words": _sentence(activity), "count": activity.count}
    refusal = reason if isinstance(reason, RefusalReason) else None
    return line | {
        "alias": activity.alias,
        "operation": activity.operation,
        "entity": activity.username,
        "outcome": str(activity.outcome),
        "reason": refusal.key if refusal else None,
        "words": _sentence(activity),
        "code": answer_code(activity),
        "milliseconds": round(activity.milliseconds, 1),
        "reference": activity.reference,
    }


def _sentence(activity: Activity) -> str | None:
    return activity.words.sentence if activity.words else None


def _listening_line(state: ServerState) -> dict[str, Any]:
    urls = state.urls
    if urls is None:
        raise LookupError("a server that started says where it listens")
    return {
        "activity": "listening",
        "layout": str(urls.layout),
        "urls": {"http": urls.http, "tls": urls.tls, "mtls": urls.mtls},
    }


def _end_on_signals(ended: threading.Event) -> None:
    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
