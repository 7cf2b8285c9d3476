"""Cameras of the network on loopback: MJPEG over HTTP and RTSP, stopped, stalled and restarted."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.camera.address import parse_address
from edge.camera.camera_feed import CameraFeed
from edge.camera.finder import opener
from edge.camera.source import Wanted
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.edge.camera.test_camera_feed import wait_until
from tests.edge.cli.test_classify import edge
from tests.support.chain import ROOT
from tests.support.photographs import photograph

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's, which has GStreamer


class Server:
    """A stream server in a process of its own.

    Attributes:
        url: Of its stream.
    """

    def __init__(self, url: str, command: list[str]) -> None:
        self.url, self._command = url, command
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


def http_camera(video: Path, fps: int = 20) -> contextlib.AbstractContextManager[Server]:
    """MJPEG over HTTP: a video in a loop."""
    port = free_port()
    script = str(ROOT / "tests" / "support" / "mjpeg_server.py")
    command = [sys.executable, script, port, str(fps), str(video)]
    return running(Server(f"http://127.0.0.1:{port}/", command))


def rtsp_camera(folder: Path, fps: int = 15) -> contextlib.AbstractContextManager[Server]:
    """RTSP: the JPEG files of a folder in a loop; the test is skipped where GStreamer is not."""
    has_server = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if not shutil.which(SYSTEM_PYTHON) or subprocess.run(
        [SYSTEM_PYTHON, "-c", has_server], capture_output=True
    ).returncode:  # fmt: skip
        pytest.skip("no RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0")
    port = free_port()
    script = str(ROOT / "tests" / "support" / "rtsp_server.py")
    command = [SYSTEM_PYTHON, script, port, str(fps), str(folder)]
    return running(Server(f"rtsp://127.0.0.1:{port}/camera", command))


@pytest.fixture(params=["http", "rtsp"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """The astronaut before a camera whose picture wobbles a little."""
    face = cv2.resize(read_image(photograph("astronaut.png")), (320, 320))
    writer = None
    if request.param == "http":
        video = tmp_path / "video.avi"
        writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 20, (320, 320))
    for index in range(30):
        moved = face.copy()
        moved[:, index:] = face[:, : 320 - index]
        if writer:
            writer.write(moved)
        else:
            cv2.imwrite(str(tmp_path / f"{index:03d}.jpg"), moved)
    if writer:
        writer.release()
    started = http_camera(video) if writer else rtsp_camera(tmp_path)
    with started as server:
        yield server


@pytest.fixture
def feed(server: Server) -> Iterator[CameraFeed]:
    with CameraFeed(opener(parse_address(server.url), Wanted()), server.url) as feed:
        wait_until(feed, lambda: feed.captured > 10)
        yield feed


def seconds_until(feed: CameraFeed, happens: Callable[[], bool]) -> float:
    began_s = time.monotonic()
    wait_until(feed, happens, seconds=20)
    return time.monotonic() - began_s


def test_frames_are_the_newest(feed: CameraFeed) -> None:
    time.sleep(1.0)  # a busy machine; 15 frames and more go by
    asked_s = time.monotonic()
    frame = feed.next(2.0)
    assert frame is not None
    assert frame.taken_s >= asked_s - 0.1
    assert frame.image.shape == (320, 320, 3)
    assert frame.index >= 20


def test_a_server_that_goes_away_and_comes_back(server: Server, feed: CameraFeed) -> None:
    threads = threading.active_count()
    for _ in range(2):
        server.stop()
        assert seconds_until(feed, lambda: feed.troubles.is_down) < 3.0
        time.sleep(2.0)  # the pauses between attempts grow meanwhile
        server.start()
        # An RTSP session takes a second to begin by itself.
        assert seconds_until(feed, lambda: not feed.troubles.is_down) < 3.0
    assert feed.troubles.counts["lost"] == 2
    assert threading.active_count() <= threads + 1


def test_a_server_that_stalls_and_goes_on(server: Server, feed: CameraFeed) -> None:
    server.send(signal.SIGSTOP)
    assert seconds_until(feed, lambda: feed.troubles.is_down) < 3.0
    assert feed.troubles.counts["stalled"] == 1
    time.sleep(2.0)
    server.send(signal.SIGCONT)
    seconds_until(feed, lambda: not feed.troubles.is_down)


def test_a_video_on_a_server_is_played_at_its_speed_and_ends(tmp_path: Path) -> None:
    face = cv2.resize(read_image(photograph("astronaut.png")), (320, 320))
    writer = cv2.VideoWriter(
        str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20, (320, 320)
    )
    for _ in range(30):
        writer.write(face)
    writer.release()
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "http.server",
        port,
        "--bind",
        "127.0.0.1",
        "-d",
        str(tmp_path),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for_port(int(port))
            done = edge(
                "webcam",
                f"http://127.0.0.1:{port}/film.avi",
                "-m",
                "faces",
                "--json",
                "--duration",
                30,
            )
        finally:
            server.kill()
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == ["happy"]
    assert "30 frames captured" in done.stderr
    assert done.stderr.splitlines()[-1] == "faults: none"


def wait_for_port(port: int) -> None:
    end_s = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end_s
            time.sleep(0.05)


def test_a_password_is_in_no_message() -> None:
    address = parse_address("rtsp://admin:hunter2@camera.local:554/stream?x=1")
    assert address.place == "rtsp://admin:hunter2@camera.local:554/stream?x=1"
    assert address.name == "rtsp://***@camera.local:554/stream?x=1"
