"""Runs that are killed (SIGKILL) while they write, and what they have left.

Fifty times each: `python -m tests.support.kills 50`.
"""

import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from edge.history.database import open_to_read
from tests.support.chain import ROOT
from tests.support.patience import wait_for

WRITER = """
import itertools, sys
from pathlib import Path
from edge.history.scribe import Run, Scribe
with Scribe(Path(sys.argv[1]), Run(0.0, "door", "faces", None), 36500, 0.001) as scribe:
    for number in itertools.count(int(sys.argv[2])):
        scribe.answer(float(number), 1, "happy", "sad", 0.9, 0.05, 0.05, 1, None)
        if number % 50 == 0:
            scribe.hold(float(number), "happy", 1.0, 0.9, 0.05, 0.05)
        while len(scribe._page.answers) > 100:
            pass
"""


def kill_history(path: Path, times: int) -> None:
    """Kills runs that write answers with rising times; each must be there, and none missing."""
    end = 0
    for _ in range(times):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(end)], cwd=ROOT)
        seen = 0

        def has_written(before: int = end) -> bool:
            nonlocal seen
            seen = _answers(path)
            return seen >= before + 300

        try:
            wait_for(has_written)
        finally:
            writer.kill()
            writer.wait()
        with closing(open_to_read(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            kept = [int(time) for (time,) in connection.execute("SELECT time FROM answers")]
        assert kept == list(range(len(kept)))
        assert len(kept) >= seen
        end = len(kept)


def _answers(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(open_to_read(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    return int(count)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kill_history(Path(folder, "week.db"), int(sys.argv[1]))
