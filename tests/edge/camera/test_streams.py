"""Cameras of the network on loopback: MJPEG over HTTP and RTSP, stopped, stalled and restarted."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.camera.address import parse_address
from edge.camera.camera_feed import CameraFeed
from edge.camera.finder import opener
from edge.camera.source import Wanted
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.command import edge, start_module
from tests.support.patience import wait_until
from tests.support.photographs import film, photograph
from tests.support.stream_server import Server, free_port, http_camera, rtsp_camera, wait_for_port


@pytest.fixture(params=["http", "rtsp"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """The astronaut before a camera whose picture wobbles a little."""
    face = cv2.resize(read_image(photograph("astronaut.png")), (320, 320))
    images = [np.hstack([face[:, :index], face[:, : 320 - index]]) for index in range(30)]
    if request.param == "http":
        started = http_camera(film(tmp_path / "video.avi", images, 20))
    else:
        for index, image in enumerate(images):
            cv2.imwrite(str(tmp_path / f"{index:03d}.jpg"), image)
        started = rtsp_camera(tmp_path)
    with started as server:
        yield server


@pytest.fixture
def feed(server: Server) -> Iterator[CameraFeed]:
    with CameraFeed(opener(parse_address(server.url), Wanted()), server.url) as feed:
        wait_until(feed, lambda: feed.captured > 10)
        yield feed


def test_frames_are_the_newest(feed: CameraFeed) -> None:
    while feed.captured <= 20:  # a busy machine: frames go by
        time.sleep(0.05)
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
        wait_until(feed, lambda: feed.troubles.is_down)
        time.sleep(2.0)  # the pauses between attempts grow meanwhile
        server.start()
        wait_until(feed, lambda: not feed.troubles.is_down)
    assert feed.troubles.counts["lost"] == 2
    assert threading.active_count() <= threads + 1


def test_a_server_that_stalls_and_goes_on(server: Server, feed: CameraFeed) -> None:
    server.send(signal.SIGSTOP)
    wait_until(feed, lambda: feed.troubles.is_down)
    assert feed.troubles.counts["stalled"] == 1
    time.sleep(2.0)
    server.send(signal.SIGCONT)
    wait_until(feed, lambda: not feed.troubles.is_down)


def test_a_video_on_a_server_is_played_at_its_speed_and_ends(tmp_path: Path) -> None:
    face = cv2.resize(read_image(photograph("astronaut.png")), (320, 320))
    film(tmp_path / "film.avi", [face] * 30, 20)
    port = free_port()
    arguments = (port, "--bind", "127.0.0.1", "-d", tmp_path)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with start_module("http.server", *arguments, **quiet) as server:
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


def test_a_password_is_in_no_message() -> None:
    address = parse_address("rtsp://admin:hunter2@camera.local:554/stream?x=1")
    assert address.place == "rtsp://admin:hunter2@camera.local:554/stream?x=1"
    assert address.name == "rtsp://***@camera.local:554/stream?x=1"
