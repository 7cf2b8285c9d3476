"""The real loop on a camera with faults; its pace, its totals, its status line."""

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.camera.camera_feed import CameraFeed
from edge.camera.feed import CapturedFrame, Feed
from edge.camera.turn import turner
from edge.camera.video_feed import VideoFeed
from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.live.answerer import Answerer, FaceAnswerer, FrameAnswerer
from edge.live.loop import moments
from edge.live.moment import Moment
from edge.live.outputs.status import status_text
from edge.live.outputs.totals import Totals
from edge.live.pace import SLOW_AFTER_S, STEP_S, Pace
from edge.live.pulse import Pulse
from edge.machine.board import Board
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.prediction import Prediction
from edge.wording import duration
from tests.support.clock import Clock
from tests.support.faulty_camera import FaultyCamera, idle_feed
from tests.support.kernel_files import board
from tests.support.patience import QUICK
from tests.support.photographs import film, photograph


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(SHIPPED_MODEL)


@pytest.fixture
def face() -> np.ndarray:
    """The astronaut's face, 96x96."""
    return cv2.resize(read_image(photograph("astronaut.png"))[61:181, 160:280], (96, 96))


def watched(
    feed: Feed,
    answerer: Answerer,
    pace: Pace,
    stop: threading.Event | None = None,
    duration_s: float = float("inf"),
) -> Iterator[Moment]:
    """The loop's moments until the time is over."""
    for moment in moments(feed, answerer, pace, turner(0, None), stop or threading.Event()):
        yield moment
        if moment.time_s >= duration_s:
            return


def test_thousands_of_frames_with_every_fault_are_answered_and_accounted_for(
    classifier: Classifier, face: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.live.loop.GONE_S", 0.03)
    monkeypatch.setattr("edge.live.loop.WAIT_S", 0.005)
    camera = FaultyCamera([face], interval_s=0.001)
    seen: list[Moment] = []
    stop, totals = threading.Event(), Totals()
    faults = ["no frame", "unplugged", "stalled", "frozen", "shape", "corrupt", "size"]

    def break_it() -> None:
        """Each fault five times, for long enough to be noticed, hundreds of frames apart."""
        for fault in faults * 5:
            answered = totals.answered
            while totals.answered < answered + 100 and not stop.is_set():
                time.sleep(0.001)
            camera.fault = fault
            time.sleep(0.15)
            camera.fault = None
        stop.set()

    breaker = threading.Thread(target=break_it)
    with CameraFeed(camera.open, "camera", patience=QUICK) as feed:
        breaker.start()
        for moment in watched(feed, FrameAnswerer(classifier), Pace(None, Board(tmp_path)), stop):
            seen.append(moment)
            if not moment.is_idle:
                totals.take(moment)
    breaker.join()
    told = [line for moment in seen for line in moment.news]
    assert totals.answered > 3000
    faulty = [line for line in told if line.endswith("; trying again")]
    back = [line for line in told if ": back after " in line]
    assert len(faulty) >= len(faults) * 5
    assert abs(len(faulty) - len(back)) <= 1
    # While frames fail to come it says so, and afterwards the face is happy again.
    firsts = [moment.answers[0] for moment in seen if not moment.is_idle]
    states = [answer.reason or answer.label for answer in firsts]
    runs = [state for state, _ in itertools.groupby(states)]
    assert set(runs) == {"happy", "no_camera"}
    assert runs.count("no_camera") >= 5 * 5  # all but those mended at once
    assert totals.seconds["no_camera"] > 1
    assert feed.captured >= totals.answered
    assert not feed.is_stuck
    assert camera.is_open == 0


def test_a_video_is_answered_frame_by_frame_and_totalled(smile: Path, tmp_path: Path) -> None:
    totals = Totals()
    feed = VideoFeed(smile)
    answerer = FaceAnswerer(FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector()))
    seen = list(watched(feed, answerer, Pace(None, Board(tmp_path))))
    for moment in seen:
        totals.take(moment)
    assert [moment.frame.index for moment in seen if moment.frame] == list(range(72))
    assert not any(moment.news for moment in seen)
    lines = totals.lines(feed)
    assert lines[0].startswith("2.4 s: happy 1.")
    assert lines[0].endswith("changes: 2")
    assert lines[1].startswith("72 frames captured, 72 classified, 0 dropped; latency ")
    assert lines[2] == "faults: none"


def test_the_end_of_the_time_is_kept_without_a_camera(
    classifier: Classifier, face: np.ndarray, tmp_path: Path
) -> None:
    camera = FaultyCamera([face])
    camera.fault = "unplugged"
    began_s = time.monotonic()
    with CameraFeed(camera.open, "camera", wait=True, patience=QUICK) as feed:
        answerer, pace = FrameAnswerer(classifier), Pace(None, Board(tmp_path))
        assert all(not moment.frame for moment in watched(feed, answerer, pace, duration_s=0.5))
    assert time.monotonic() - began_s > 0.4


def test_the_model_sees_the_picture_turned(face: np.ndarray) -> None:
    small = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert (turner(0, None)(small) == small).all()
    assert (turner(90, None)(small) == np.rot90(small, -1)).all()
    assert (turner(180, None)(small) == small[::-1, ::-1]).all()
    assert (turner(270, None)(small) == np.rot90(small)).all()
    assert (turner(0, "horizontal")(small) == small[:, ::-1]).all()
    assert (turner(90, "vertical")(small) == np.rot90(small, -1)[::-1]).all()


CAPTURED = CapturedFrame(np.zeros((48, 64, 3), np.uint8), 0, 0.0, 0.0)


def answer_frames(pace: Pace, clock: Clock, feed: CameraFeed, seconds: float, each: int) -> None:
    """Ten frames a second are answered, of `each` times as many that the camera gives."""
    for _ in range(round(seconds * 10)):
        clock.now_s += 0.1
        feed.captured += each
        pace.answered(feed)


def test_a_hot_machine_is_given_rest_and_full_work_when_it_is_cool(tmp_path: Path) -> None:
    clock = Clock()
    feed = idle_feed()
    pace = Pace(None, board(tmp_path, 82), clock)
    answer_frames(pace, clock, feed, STEP_S + 3, 1)
    assert pace.limit_fps == pytest.approx(5, rel=0.1)
    assert pace.news() == [f"slowed down to {pace.limit_fps:.1f} frames a second: 82 C"]
    board(tmp_path, 77)  # between the two thresholds: neither
    answer_frames(pace, clock, feed, 3 * STEP_S, 1)
    assert pace.news() == []
    board(tmp_path, 70)
    answer_frames(pace, clock, feed, 3 * STEP_S, 1)
    assert pace.limit_fps is None
    assert pace.news() == ["full rate again: the machine has recovered"]


def test_under_voltage_slows_it_down_too(tmp_path: Path) -> None:
    firmware = tmp_path / "sys/devices/platform/soc/soc:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text("50005\n")
    clock, feed = Clock(), idle_feed()
    pace = Pace(None, Board(tmp_path), clock)
    answer_frames(pace, clock, feed, STEP_S + 3, 1)
    assert "under-voltage" in pace.news()[0]


def test_a_machine_that_cannot_keep_up_says_so_once(tmp_path: Path) -> None:
    clock, feed = Clock(), idle_feed()
    pace = Pace(None, Board(tmp_path), clock)
    answer_frames(pace, clock, feed, 5 * SLOW_AFTER_S, 3)
    (line,) = pace.news()
    assert line.startswith("slow: 10.0 of the camera's 30.0 frames a second are answered")


def test_max_fps_keeps_frames_apart(tmp_path: Path) -> None:
    clock, feed = Clock(), idle_feed()
    pace = Pace(4.0, Board(tmp_path), clock)
    due = []
    for work_s in (0.1, 0.2, 0.6, 0.0, 0.1):
        clock.now_s += max(0.0, pace.wait_s)
        due.append(clock.now_s - 100.0)
        clock.now_s += work_s
        pace.answered(feed)
    # The third frame took longer than its time: the next follows at once.
    assert due == pytest.approx([0.0, 0.25, 0.5, 1.1, 1.35], abs=0.01)


@pytest.mark.parametrize("fps", [2, 5, 50])
def test_a_slow_camera_loses_nothing_to_a_limit_that_it_does_not_reach(
    classifier: Classifier, face: np.ndarray, tmp_path: Path, fps: int
) -> None:
    camera, totals = FaultyCamera([face], interval_s=1 / fps), Totals()
    with CameraFeed(camera.open, "camera") as feed:
        answerer, pace = FrameAnswerer(classifier), Pace(5.0, Board(tmp_path))
        for moment in watched(feed, answerer, pace, duration_s=3.0):
            assert not moment.news
            if not moment.is_idle:
                totals.take(moment)
    due = min(feed.captured, 3 * 5)  # on a busy machine fewer are captured
    assert 0.6 * due <= totals.answered <= 3 * 5 + 1


def test_a_fault_is_noticed_while_the_next_frame_is_not_due(
    classifier: Classifier, face: np.ndarray, tmp_path: Path
) -> None:
    camera = FaultyCamera([face], interval_s=0.01)
    told: list[str] = []
    idle = 0
    with CameraFeed(camera.open, "camera", patience=replace(QUICK, stall_s=0.5)) as feed:
        answerer, pace = FrameAnswerer(classifier), Pace(0.01, Board(tmp_path))
        for moment in watched(feed, answerer, pace, duration_s=60.0):
            told += moment.news
            idle += moment.is_idle  # keys and readers are looked after meanwhile
            if len(told) == 2:
                break
            if idle > 5:
                camera.fault = None if told else "stalled"
    assert [line.split(": ")[2].split()[0] for line in told] == ["no", "back"]


def test_percentiles_of_a_million_frames_take_no_memory_and_are_right_to_two_percent() -> None:
    totals = Totals()
    latencies = np.random.default_rng(0).lognormal(1.0, 0.7, 20_000)
    for index, latency_ms in enumerate(latencies.tolist()):
        answers = (Prediction("happy", 0.9, track_id=1, latency_ms=latency_ms),)
        totals.take(Moment(index / 30, CAPTURED, answers, ()))
    for percentile in (50, 95, 99):
        expected = np.percentile(latencies, percentile)
        assert totals.latency_ms(percentile) == pytest.approx(expected, rel=0.02)


def test_frames_on_which_nothing_was_done_are_no_latencies() -> None:
    totals, pulse = Totals(), Pulse()
    for index in range(30):
        is_look = index % 3 == 0
        nobody = Prediction("no_face", latency_ms=40.0 if is_look else 0.5)
        for output in (totals, pulse):
            output.take(Moment(index / 30, CAPTURED, (nobody,), has_worked=is_look))
    assert totals.answered == 30
    assert totals.latency_ms(50) == pytest.approx(40, rel=0.02)
    assert pulse.latency_ms(50) == 40
    assert pulse.fps > 0


def test_between_two_looks_into_an_empty_room_no_work_is_done(tmp_path: Path) -> None:
    feed = VideoFeed(film(tmp_path / "empty.mp4", [np.full((120, 160, 3), 128, np.uint8)] * 12))
    answerer = FaceAnswerer(FaceClassifier(Classifier(SHIPPED_MODEL), FaceDetector()))
    seen, looks = [], [0]
    for moment in watched(feed, answerer, Pace(None, Board(tmp_path))):
        if moment.frame:
            seen.append(moment)
            looks.append(answerer.tracks.looks)
    is_look = [new > old for old, new in itertools.pairwise(looks)]
    assert [moment.has_worked for moment in seen] == is_look
    assert [moment.latency_ms is not None for moment in seen] == is_look
    assert 1 < sum(is_look) < 6


def test_the_status_line_says_what_matters(tmp_path: Path) -> None:
    pulse = Pulse()
    for index in range(10):
        pulse.add(index / 20, 12.0, 25.0)
    answers = (
        Prediction("happy", 0.93, p_sad=0.07, box=(1, 2, 3, 4), track_id=1, latency_ms=12.0),
        Prediction("sad", 0.02, p_sad=0.98, box=(1, 2, 3, 4), track_id=2, latency_ms=12.0),
    )
    line = status_text(Moment(1.0, CAPTURED, answers, ()), pulse, board(tmp_path, 61.4).health())
    assert line == (
        "happy   0.93 [#########-]  2 faces  20.0 fps  12.0 ms (p95 12.0)  age 25 ms  61 C"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.24, "4.2 s"), (185, "3 min 5 s"), (4000, "1 h 6 min"), (187_200, "2 d 4 h")],
)
def test_a_length_of_time_is_said_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
