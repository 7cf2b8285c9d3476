"""The capture thread with every fault of a camera: noticed, said once, recovered from."""

import shutil
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.camera.camera_feed import CameraFeed
from edge.camera.faults import Patience, check_picture
from edge.camera.feed import CapturedFrame
from edge.camera.source import Source
from edge.camera.video_feed import VideoFeed
from edge.errors import CameraError, FrameError, ImageError
from tests.support.faulty_camera import FaultyCamera, FaultySource
from tests.support.patience import QUICK, wait_until

DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture
def camera() -> FaultyCamera:
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)
    return FaultyCamera([picture], interval_s=0.001)


@pytest.fixture
def feed(camera: FaultyCamera) -> Iterator[CameraFeed]:
    with CameraFeed(camera.open, "the camera", patience=QUICK) as feed:
        assert feed.next(1.0) is not None
        yield feed


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("unplugged", "lost", "gives no more frames"),
        ("no frame", "lost", "gives no more frames"),
        ("stalled", "stalled", "no frame for "),
        ("frozen", "frozen", "the picture has not changed for "),
        ("shape", "bad frames", "gives frames of shape (1, 921600), which are no pictures"),
        ("corrupt", "bad frames", "gives frames that cannot be decoded"),
    ],
)
def test_a_fault_is_said_once_and_ends_when_the_camera_is_well_again(
    camera: FaultyCamera, feed: CameraFeed, fault: str, kind: str, words: str
) -> None:
    camera.fault = fault
    said = wait_until(feed, lambda: feed.troubles.is_down)
    end_s = time.monotonic() + 0.2
    while time.monotonic() < end_s:
        assert feed.next(0.01) is None
        said += feed.troubles.news()
    assert len(said) == 1
    assert said[0].startswith("camera: faulty camera: ")
    assert words in said[0]
    assert said[0].endswith("; trying again")
    assert feed.troubles.counts[kind] == 1
    camera.fault = None
    said = wait_until(feed, lambda: not feed.troubles.is_down)
    assert len(said) == 1
    assert said[0].startswith("camera: faulty camera: back after ")
    assert feed.next(1.0) is not None


def test_a_picture_of_another_size_opens_the_camera_again(
    camera: FaultyCamera, feed: CameraFeed
) -> None:
    camera.fault = "size"
    said = wait_until(feed, lambda: feed.troubles.counts["lost"] == 1 and not feed.troubles.is_down)
    assert "its picture has changed from 64x48 to 32x24" in said[0]
    frame = feed.next(1.0)
    assert frame is not None
    assert frame.image.shape == (24, 32, 3)


def test_single_damaged_frames_are_skipped_and_counted(camera: FaultyCamera) -> None:
    # However busy this machine is, a few of them are no fault.
    patience = replace(QUICK, stall_s=60.0, bad_s=60.0, frozen_s=60.0)
    with CameraFeed(camera.open, "the camera", patience=patience) as feed:
        for _ in range(20):
            before = feed.troubles.counts["bad frame"]
            camera.fault = "corrupt"
            said = wait_until(
                feed, lambda before=before: feed.troubles.counts["bad frame"] > before
            )
            camera.fault = None
            assert feed.next(60.0) is not None
            assert said == []
        assert feed.troubles.news() == []


def test_the_real_patience_is_three_seconds_at_most_and_two_to_come_back(
    camera: FaultyCamera,
) -> None:
    patience = Patience()
    slowest_pause_s = patience.longest_pause_s * 1.2
    assert max(patience.stall_s, patience.frozen_s, patience.bad_s) < 3
    assert slowest_pause_s < 2
    with CameraFeed(camera.open, "the camera") as feed:
        wait_until(feed, lambda: feed.captured > 5)  # its pace is known
        camera.fault = "stalled"
        wait_until(feed, lambda: feed.troubles.is_down)
        camera.fault = "unplugged"
        end_s = time.monotonic() + 3.0  # the pauses have grown by then
        wait_until(feed, lambda: time.monotonic() > end_s)
        camera.fault = None
        wait_until(feed, lambda: not feed.troubles.is_down)


def test_a_driver_that_does_not_come_back_is_left_behind(camera: FaultyCamera) -> None:
    with CameraFeed(camera.open, "the camera", patience=QUICK) as feed:
        first = feed.next(1.0)
        assert first is not None
        stuck = threading.Event()
        grab = FaultySource.grab

        def hang(source: FaultySource) -> float:
            stuck.wait()
            return grab(source)

        FaultySource.grab = hang  # type: ignore[method-assign]
        try:
            wait_until(feed, lambda: feed.troubles.is_down)
            FaultySource.grab = grab  # type: ignore[method-assign]
            wait_until(feed, lambda: not feed.troubles.is_down)
            assert feed.is_stuck
            assert camera.is_open == 2
        finally:
            FaultySource.grab = grab  # type: ignore[method-assign]
            stuck.set()
        wait_until(feed, lambda: camera.is_open == 1)
    assert camera.is_open == 0


def test_a_thousand_reconnects_leak_no_thread_no_descriptor_and_no_memory(
    camera: FaultyCamera, feed: CameraFeed
) -> None:
    faults = ["no frame", "unplugged", "frozen", "shape", "corrupt", "size"]

    def reconnect(times: int) -> None:
        last = camera.opened + times
        number = 0
        while camera.opened < last:
            camera.fault = "no frame" if number % 50 else faults[number // 50 % len(faults)]
            faulty = feed.troubles.counts.total()
            wait_until(feed, lambda faulty=faulty: feed.troubles.counts.total() > faulty)
            camera.fault = None
            wait_until(feed, lambda: not feed.troubles.is_down)
            number += 1

    reconnect(50)
    threads, descriptors = threading.active_count(), len(list(DESCRIPTORS.iterdir()))
    tracemalloc.start()
    try:
        reconnect(100)
        before, _ = tracemalloc.get_traced_memory()
        reconnect(1000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert threading.active_count() == threads
    assert len(list(DESCRIPTORS.iterdir())) == descriptors
    assert camera.is_open == 1
    assert after - before < 100_000


def test_who_asks_late_gets_a_frame_taken_after_asking(camera: FaultyCamera) -> None:
    camera.interval_s = 0.005
    with CameraFeed(camera.open, "the camera", patience=QUICK) as feed:
        for _ in range(20):
            time.sleep(0.03)
            asked_s = time.monotonic()
            frame = feed.next(1.0)
            assert frame is not None
            assert frame.taken_s >= asked_s - 0.01  # at most the one that was just being taken
        assert feed.captured > 40  # the others were grabbed, and dropped
        assert frame.index == pytest.approx(feed.captured, abs=5)


def test_a_camera_that_is_not_there_at_the_start_is_an_error(camera: FaultyCamera) -> None:
    camera.fault = "unplugged"
    threads = threading.active_count()
    with pytest.raises(CameraError, match="it is not plugged in"):
        CameraFeed(camera.open, "the camera", patience=QUICK).__enter__()
    assert threading.active_count() == threads


def test_who_no_longer_wants_to_wait_is_not_told_of_the_opening() -> None:
    stop = threading.Event()

    def fail() -> Source:
        stop.set()
        raise CameraError("it was told to stop")

    with CameraFeed(fail, "the camera", patience=QUICK, stop=stop) as feed:
        assert feed.captured == 0


def test_a_camera_that_is_not_there_at_the_start_can_be_waited_for(camera: FaultyCamera) -> None:
    camera.fault = "unplugged"
    with CameraFeed(camera.open, "the camera", wait=True, patience=QUICK) as feed:
        said = wait_until(feed, lambda: feed.troubles.is_down)
        assert "it is not plugged in; trying again" in said[0]
        camera.fault = None
        wait_until(feed, lambda: not feed.troubles.is_down)
        assert feed.next(1.0) is not None


def test_a_still_picture_is_no_fault_where_the_user_says_so(camera: FaultyCamera) -> None:
    with CameraFeed(camera.open, "the camera", allow_still=True, patience=QUICK) as feed:
        camera.fault = "frozen"
        end_s = time.monotonic() + 0.3
        while time.monotonic() < end_s:
            assert feed.next(0.1) is not None
        assert feed.troubles.news() == []


def test_a_bug_in_a_source_ends_the_loop_and_keeps_its_traceback(camera: FaultyCamera) -> None:
    with CameraFeed(camera.open, "the camera", patience=QUICK) as feed:
        camera.picture = lambda: 1 / 0  # type: ignore[assignment,return-value]
        with pytest.raises(ZeroDivisionError):
            wait_until(feed, lambda: False)


def test_every_frame_of_a_video_comes_in_order(smile: Path) -> None:
    feed = VideoFeed(smile)
    frames: list[CapturedFrame] = []
    while not feed.ended:
        if frame := feed.next(0.0):
            frames.append(frame)
    assert [frame.index for frame in frames] == list(range(72))
    assert feed.captured == 72
    assert feed.fps == pytest.approx(30, abs=1)


def test_a_video_that_is_looped_begins_again_until_it_is_gone(smile: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(smile, tmp_path / "smile.mp4"))
    feed = VideoFeed(path, loop=True)
    frames = [feed.next(0.0) for _ in range(100)]
    assert all(frames)
    assert [frame.index for frame in frames if frame] == list(range(100))
    assert feed.captured == 100
    times_s = [frame.time_s for frame in frames if frame]
    assert np.diff(times_s) == pytest.approx(1 / 30, abs=0.002)
    assert frames[0]
    assert frames[72]
    np.testing.assert_array_equal(frames[0].image, frames[72].image)
    path.unlink()
    with pytest.raises(ImageError, match="No such file"):
        [feed.next(0.0) for _ in range(72)]


def test_what_is_no_video_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    path.write_text("not a video")
    with pytest.raises(ImageError, match="not a video that is read here"):
        VideoFeed(path)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 921600), np.uint8),
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.uint16),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(image: np.ndarray) -> None:
    with pytest.raises(FrameError, match="which are no pictures"):
        check_picture(image)
