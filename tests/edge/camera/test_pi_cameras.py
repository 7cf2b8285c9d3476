"""The Pi's CSI cameras, as far as they can be tried without one.

`rpicam-vid` is a script here that writes JPEGs to its stdout as the real one does; picamera2 is a
module with the signatures of the real one's documentation.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from edge.camera.address import Address, parse_address
from edge.camera.camera_feed import CameraFeed
from edge.camera.finder import open_first, opener
from edge.camera.picamera import PicameraSource
from edge.camera.rpicam import RpicamSource
from edge.camera.source import Wanted
from edge.errors import CameraError, FrameError
from edge.machine.opencv import cv2
from tests.support.patience import wait_until

RPICAM = """#!{python}
import os, sys, time
folder = {folder!r}
open(folder + "/arguments", "w").write(" ".join(sys.argv[1:]))
if os.path.exists(folder + "/broken"):
    sys.exit("ERROR: *** no cameras available ***")
jpeg = open(folder + "/red.jpg", "rb").read()
damaged = os.path.exists(folder + "/damaged")
for number in range(100000):
    if os.path.exists(folder + "/silent"):
        time.sleep(60)
    if os.path.exists(folder + "/ends"):
        sys.exit("ERROR: the camera frontend has timed out")
    # Each a little longer than the last, so that frames can be told apart.
    frame = jpeg[:-2] + b"\\0" * (number % 7) + jpeg[-2:]
    if damaged:
        frame = b"\\xff\\xd8" + b"rubbish" + b"\\xff\\xd9"
    os.write(1, frame[:100])
    os.write(1, frame[100:])
    os.write(2, b"#%d (30.00 fps) exp 33251.00 ag 8.00 dg 1.00\\n" % number)
    time.sleep(0.01)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with an `rpicam-vid`; files in it tell what is to go wrong."""
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 2] = 200
    cv2.imwrite(str(tmp_path / "red.jpg"), red)
    script = tmp_path / "rpicam-vid"
    script.write_text(RPICAM.format(python=sys.executable, folder=str(tmp_path)))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def test_the_jpegs_of_rpicam_vid_are_frames(program: Path) -> None:
    source = RpicamSource(1, Wanted(320, 240, 15.0))
    try:
        for _ in range(20):
            before_s = time.monotonic()
            assert before_s <= source.grab() <= time.monotonic()
            image = source.retrieve()
            assert image.shape == (48, 64, 3)
            blue, green, red = image.mean(axis=(0, 1))
            assert red > 150 > 50 > max(blue, green)
    finally:
        source.close()
    arguments = (program / "arguments").read_text()
    for part in ("--camera 1", "--width 320 --height 240", "--framerate 15", "--codec mjpeg",
                 "--output -"):  # fmt: skip
        assert part in arguments


def test_a_kind_of_camera_that_nobody_knows_is_not_taken_for_any_camera() -> None:
    with pytest.raises(ValueError, match="'thermal' is no kind of camera or stream"):
        opener(Address("thermal", "", "thermal"), Wanted())


def test_an_rpicam_vid_without_a_camera_is_no_source_and_says_why(program: Path) -> None:
    (program / "broken").touch()
    expected = r"rpicam-vid:0 has ended \(ERROR: .* no cameras available .*\)"
    with pytest.raises(CameraError, match=expected):
        RpicamSource(0, Wanted())
    if not list(Path("/dev").glob("video*")):
        with pytest.raises(CameraError, match=f"no camera found: .*{expected}"):
            open_first(Wanted())


def test_an_rpicam_vid_that_falls_silent_is_a_fault(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RpicamSource(0, Wanted())
    monkeypatch.setattr("edge.camera.rpicam.TIMEOUT_S", 0.5)
    (program / "silent").touch()

    def grab_all() -> None:
        while True:
            source.grab()

    with pytest.raises(CameraError, match="gives no frame for "):
        grab_all()
    source.close()
    source.close()  # twice is allowed


def test_damaged_jpegs_are_bad_frames(program: Path) -> None:
    (program / "damaged").touch()
    source = RpicamSource(0, Wanted())
    source.grab()
    with pytest.raises(FrameError, match="damaged"):
        source.retrieve()
    source.close()


def test_an_rpicam_vid_that_ends_is_started_again(program: Path) -> None:
    open_camera = opener(parse_address("rpicam-vid"), Wanted())
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    with CameraFeed(open_camera, "rpicam-vid", allow_still=True) as feed:
        wait_until(feed, lambda: feed.captured > 5)
        for number in range(3):
            (program / "ends").touch()
            said = wait_until(feed, lambda: feed.troubles.is_down)
            assert said[0] == (
                "camera: rpicam-vid:0: has ended (ERROR: the camera frontend has timed out); "
                "trying again"
            )
            (program / "ends").unlink()
            wait_until(feed, lambda: not feed.troubles.is_down)
            assert feed.troubles.counts["lost"] == number + 1
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


PICAMERA2 = """
from concurrent.futures import Future
import numpy as np

class Request:
    made = released = 0
    def make_array(self, name):
        assert name == "main"
        Request.made += 1
        image = np.zeros((240, 320, 3), np.uint8)
        image[..., 2] = 200  # libcamera's RGB888 is B, G, R in memory
        return image
    def release(self):
        Request.released += 1

class Job:
    def get_result(self, timeout=None):
        if Picamera2.silent:
            raise TimeoutError
        return Request()

class Picamera2:
    silent = False
    closed = 0
    def __init__(self, camera_num=0):
        if camera_num > 0:
            raise IndexError("list index out of range")
    def create_video_configuration(self, main={}, controls={}, queue=True):
        assert main == {"size": (320, 240), "format": "RGB888"} and not queue
        return {"main": main, "controls": controls}
    def configure(self, config):
        self.config = config
    def start(self):
        pass
    def capture_request(self, wait=None, signal_function=None, flush=None):
        assert wait is False
        return Job()
    def close(self):
        Picamera2.closed += 1
"""


def test_the_frames_of_picamera2_are_read_and_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "picamera2.py").write_text(PICAMERA2)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        source = PicameraSource(0, Wanted(320, 240))
        for _ in range(3):
            source.grab()
        assert source.retrieve()[0, 0].tolist() == [0, 0, 200]
        import picamera2

        picamera2.Picamera2.silent = True
        with pytest.raises(CameraError, match="gives no frame for 3 s"):
            source.grab()
        source.close()
        # Libcamera has few buffers: those not wanted are given back too.
        assert (picamera2.Request.made, picamera2.Request.released) == (1, 3)
        assert picamera2.Picamera2.closed == 1
        with pytest.raises(CameraError, match="picamera2:1 cannot be opened"):
            PicameraSource(1, Wanted(320, 240))
    finally:
        sys.modules.pop("picamera2", None)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("raise ImportError('no libcamera')", "sudo apt install python3-picamera2"),
        ("raise ValueError('numpy.dtype size changed, may indicate')", "pip install 'numpy<2'"),
    ],
)
def test_a_picamera2_that_cannot_be_used_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, message: str
) -> None:
    (tmp_path / "picamera2.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CameraError, match=message):
        PicameraSource(0, Wanted())
