from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from estconsole.store.table import JournalDB

WRITER = """
import sys
from pathlib import Path
from estconsole.store.table import JournalDB

db = JournalDB(Path(sys.argv[1]), compact_after=3000)
first = int(sys.argv[2])
for number in range(first, first + 100_000):
    with db.transaction(sync=number % 4 > 0):
        db.table("a").put(str(number), {"text": "x" * 40})
        db.table("b").put(str(number), {"text": "y" * 40})
        db.table("a").remove(doc_ids=[str(number - 60)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("seed", range(2))
def test_what_a_killed_process_acknowledged_is_there_and_nothing_is_half_done(tmp_path: Path, seed: int) -> None:
    """Killed six times in a row, somewhere in a commit or in one of the compactions that go on all the time."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    path = tmp_path / "db.json"
    last = -1
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(last + 1)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(20, 300)):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().splitlines()
        acknowledged = int(rest[-1]) if rest else acknowledged
        db = JournalDB(path, compact_after=1_000_000)
        first_kept = [int(key) for key in db.table("a").rows()]
        every = [int(key) for key in db.table("b").rows()]
        last = every[-1]
        assert last in (acknowledged, acknowledged + 1)
        assert every == list(range(last + 1))
        assert first_kept == every[-60:]
        assert all(row == {"text": "y" * 40} for row in db.table("b"))
        db.storage._journal.close()
