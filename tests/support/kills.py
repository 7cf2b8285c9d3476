"""Runs that are killed (SIGKILL) while they write, and what they have left.

Fifty times each: `python -m tests.support.kills 50`.
"""

import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from edge.history.database import open_to_read
from edge.images.image_file import read_image
from edge.machine.temporary import sweep
from edge.video.reader import Video
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

# Photos and clips of a face that is happy in every fifth frame.
CAMERA = """
import itertools, sys
from pathlib import Path
import numpy as np
from edge.camera.feed import CapturedFrame
from edge.live.answerer import FrameAnswerer
from edge.live.keeping import Keeping, Wish
from edge.live.moment import Change, Moment
from edge.live.outputs.clips import Clips
from edge.live.outputs.photos import Photos
from edge.prediction import Prediction
folder = Path(sys.argv[1])
keep = Keeping(
    photos=(Wish("happy", folder / "photos"),), clips=(Wish("happy", folder / "clips"),),
    before_s=0.3, after_s=0.3, pause_s=1.0,
)
nobody = FrameAnswerer.__new__(FrameAnswerer)
image = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
answer = Prediction("happy", 0.9, box=(9, 9, 50, 50), track_id=1)
with Photos(keep, nobody) as photos, Clips(keep, nobody, is_video=True) as clips:
    for number in itertools.count():
        time_s = number / 15
        changes = (Change(answer, "neutral", 1),) if number % 5 == 0 else ()
        moment = Moment(time_s, CapturedFrame(image, number, time_s, 0.0), (answer,), changes)
        photos.take(moment)
        clips.take(moment)
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


def kill_pictures(folder: Path, times: int) -> None:
    """Kills runs that save pictures; each file must be whole, and the next run sweeps the rest."""
    for _ in range(times):
        before = len(_saved(folder, "photos")), len(_saved(folder, "clips"))
        camera = subprocess.Popen(
            [sys.executable, "-c", CAMERA, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL
        )

        def has_saved(before: tuple[int, int] = before) -> bool:
            photos, clips = (len(_saved(folder, kind)) for kind in ("photos", "clips"))
            return photos >= before[0] + 3 and clips >= before[1] + 2

        try:
            wait_for(has_saved)
        finally:
            camera.kill()
            camera.wait()
        for path in _saved(folder, "photos"):
            assert read_image(path).shape == (240, 320, 3)
        for path in _saved(folder, "clips"):
            with Video(path) as video:
                assert len(list(video)) >= 5
    for kind in ("photos", "clips"):
        sweep(folder / kind)
        assert len(list((folder / kind).iterdir())) == len(_saved(folder, kind))


def _saved(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / kind).glob("happysad-*"))


def _answers(path: Path) -> int:
    if not path.exists():
        return 0
    with closing(open_to_read(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    return int(count)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kill_history(Path(folder, "week.db"), int(sys.argv[1]))
        kill_pictures(Path(folder), int(sys.argv[1]))
