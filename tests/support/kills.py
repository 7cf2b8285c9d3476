"""Runs that are killed (SIGKILL) while they write, and what they have left.

Fifty times each: `python -m tests.support.kills 50`.
"""

import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from edge.errors import HistoryError
from edge.history.database import open_to_read
from edge.images.image_file import read_image
from edge.machine.temporary import sweep
from edge.video.reader import Video
from tests.support.chain import ROOT
from tests.support.mosquitto import listening, mosquitto
from tests.support.patience import until

WRITER = """
import itertools, sys
from pathlib import Path
from edge.history.rows import Run
from edge.history.scribe import Scribe
from edge.prediction import Prediction
answer = Prediction("happy", 0.9, p_sad=0.05, p_neutral=0.05)
with Scribe(Path(sys.argv[1]), Run(0.0, "door", "faces", None), 36500, 0.001) as scribe:
    for number in itertools.count(int(sys.argv[2])):
        scribe.answer(float(number), 1, "happy", "sad", 0.9, 0.05, 0.05, 1, None)
        if number % 50 == 0:
            scribe.hold(float(number), answer, 1.0)
        while len(scribe._runs[-1][1].answers) > 100:
            pass
"""

PLACES = ("photos", "clips", "review/unsorted")
# Photos and clips of a face that is happy in every fifth frame, and one that is never sure.
CAMERA = """
import itertools, sys
from pathlib import Path
import numpy as np
from edge.camera.feed import CapturedFrame
from edge.live.answerer import FrameAnswerer
from edge.live.keeping import Keeping, Wish
from edge.live.moment import Change, Moment
from edge.live.outputs.clips import Clips
from edge.live.outputs.doubtful import Doubtful
from edge.live.outputs.photos import Photos
from edge.prediction import Prediction
folder = Path(sys.argv[1])
keep = Keeping(
    photos=(Wish("happy", folder / "photos"),), clips=(Wish("happy", folder / "clips"),),
    before_s=0.3, after_s=0.3, pause_s=1.0,
)
nobody = FrameAnswerer.__new__(FrameAnswerer)
noise = np.random.default_rng()  # as what is known already is not kept again
answer = Prediction("happy", 0.9, box=(9, 9, 50, 50), track_id=1)
unsure = Prediction("unsure", 0.5, box=(99, 99, 50, 50), track_id=2)
with (
    Photos(keep, nobody) as photos, Clips(keep, nobody, is_video=True) as clips,
    Doubtful(folder / "review", keep, nobody) as doubtful,
):
    for number in itertools.count():
        time_s = number / 15
        changes = (Change(answer, "neutral", 1),) if number % 5 == 0 else ()
        image = noise.integers(0, 256, (240, 320, 3), np.uint8)
        frame = CapturedFrame(image, number, time_s, 0.0)
        moment = Moment(time_s, frame, (answer, unsure), changes)
        for output in (photos, clips, doubtful):
            output.take(moment)
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
            until(has_written)
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
        before = _saved(folder)
        camera = subprocess.Popen(
            [sys.executable, "-c", CAMERA, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL
        )

        def has_saved(before: list[list[Path]] = before) -> bool:
            pairs = zip(_saved(folder), before, strict=True)
            return all(len(now) >= len(then) + 2 for now, then in pairs)

        try:
            until(has_saved)
        finally:
            camera.kill()
            camera.wait()
        photos, clips, doubtful = (
            sorted(set(now) - set(then)) for now, then in zip(_saved(folder), before, strict=True)
        )
        for path in (*photos, *doubtful):
            assert min(read_image(path).shape[:2]) >= 80
        for path in clips:
            with Video(path) as video:
                assert len(list(video)) >= 4
    for place, files in zip(PLACES, _saved(folder), strict=True):
        sweep(folder / place)
        assert sorted((folder / place).iterdir()) == files


# A state of 20 times the same number, longer and longer, as fast as the broker takes them.
SPEAKER = """
import itertools, sys
from edge.mqtt.access import Access
from edge.mqtt.broker import broker
from edge.mqtt.connection import Connection, Pauses
from edge.mqtt.device import Device
known = broker(Access(sys.argv[1]))
with Connection(known, Device("x", "x"), lambda line: None, Pauses()) as kept:
    for number in itertools.count():
        kept.put("a", b"%d" % number * 20_000)
"""


def kill_speakers(folder: Path, times: int) -> None:
    """Kills runs that tell a broker; each message must be whole, and the last word "offline"."""
    with mosquitto(folder) as broker:
        command = [sys.executable, "-c", SPEAKER, f"mqtt://127.0.0.1:{broker.port}"]
        for _ in range(times):
            with listening(broker) as listener:
                speaker = subprocess.Popen(command, cwd=ROOT)
                try:
                    until(lambda listener=listener: b"online" in listener.of("/availability"))
                    until(lambda listener=listener: len(listener.of("a")) >= 4)
                finally:
                    speaker.kill()
                    speaker.wait()
                until(lambda listener=listener: listener.of("/availability")[-1:] == [b"offline"])
                for payload in listener.of("a"):
                    assert payload == payload[: len(payload) // 20_000] * 20_000


def _saved(folder: Path) -> list[list[Path]]:
    return [sorted((folder / place).glob("happysad-*")) for place in PLACES]


def _answers(path: Path) -> int:
    try:
        with closing(open_to_read(path)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    except HistoryError:  # nothing is there yet
        return 0
    return int(count)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kill_history(Path(folder, "week.db"), int(sys.argv[1]))
        kill_pictures(Path(folder), int(sys.argv[1]))
        kill_speakers(Path(folder), int(sys.argv[1]))
