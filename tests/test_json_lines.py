"""Lines of JSON for readers that are quick, slow, or gone: whoever writes one never waits."""

from __future__ import annotations

import json
import os
import threading
from io import StringIO
from typing import Any

import pytest

from estconsole.json_lines import WAITING_LINES, Lines


def test_the_first_line_is_first_whatever_came_before_it() -> None:
    out = StringIO()
    lines = Lines(out)
    lines.write({"activity": "request"})
    lines.begin({"activity": "listening"})
    lines.write({"activity": "stopped"})
    lines.close()
    assert [json.loads(line)["activity"] for line in out.getvalue().splitlines()] == ["listening", "request", "stopped"]


def test_a_reader_that_does_not_read_costs_lines_and_they_are_counted() -> None:
    read, write = os.pipe()
    with os.fdopen(write, "w") as out, os.fdopen(read) as reader:
        lines = Lines(out)
        lines.begin({"activity": "listening"})
        total = WAITING_LINES + 5_000
        for number in range(total):
            lines.write({"activity": "request", "id": number})
        seen: list[dict[str, Any]] = []
        done = threading.Event()

        def read_all() -> None:
            for text in reader:
                seen.append(json.loads(text))
                if seen[-1]["activity"] == "dropped":
                    done.set()
                    return

        thread = threading.Thread(target=read_all)
        thread.start()
        assert done.wait(30)
        thread.join()
        lines.close()
    requests = [line for line in seen if line["activity"] == "request"]
    assert seen[-1]["count"] == total - len(requests)
    numbers = [line["id"] for line in requests]
    assert numbers == sorted(set(numbers))


def test_a_reader_that_is_gone_is_noted_once_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    read, write = os.pipe()
    os.close(read)
    out = os.fdopen(write, "w")
    lines = Lines(out)
    lines.begin({"activity": "listening"})
    for _ in range(100):
        lines.write({"activity": "request"})
    lines.close()
    assert caplog.text.count("nobody reads the lines") == 1
    out.close()  # as Python does when it ends: what is left in its buffer harms nobody either
