"""The chart of a run: what it counts, in how much memory, and what is where in the picture."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from edge.camera.feed import CapturedFrame
from edge.errors import OutputError
from edge.history.chart import STATE_COLOURS, STRIP_BOTTOM, STRIP_TOP, draw_chart
from edge.history.course import MAX_BINS, STATES, Course
from edge.history.spans import LEFT, RIGHT
from edge.images.image_file import read_image
from edge.live.moment import Change, Moment
from edge.live.outputs.timeline import Timeline
from edge.prediction import Prediction

FRAME = CapturedFrame(np.zeros((48, 64, 3), np.uint8), 0, 0.0, 0.0)
P_HAPPY = {"happy": 0.9, "sad": 0.05, "unsure": 0.4}


def moment(state: str, time_s: float, before: str = "") -> Moment:
    label = "no_face" if state == "no_camera" else state
    track = 1 if state in P_HAPPY else None
    reason = "no_camera" if state == "no_camera" else None
    answer = Prediction(label, P_HAPPY.get(state), reason=reason, track_id=track, latency_ms=1.0)
    changes = (Change(answer, before or None, 1),) if state != before else ()
    return Moment(time_s, None if state == "no_camera" else FRAME, (answer,), changes)


def run(timeline: Timeline, states: list[str], seconds: float, fps: float) -> None:
    """Each state for so many seconds."""
    before, step = "", 0
    for state in states:
        for _ in range(round(seconds * fps)):
            timeline.take(moment(state, step / fps, before))
            before = state
            step += 1


def strip(chart: np.ndarray) -> np.ndarray:
    """The row through the middle of the strip of shares, (width, 3)."""
    return chart[(STRIP_TOP + STRIP_BOTTOM) // 2, LEFT:RIGHT]


@pytest.mark.parametrize("seconds", [0.5, 60.0, 50_000.0])
def test_each_state_has_its_colour_where_it_was(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "run.png"
    with Timeline(path) as timeline:
        run(timeline, list(STATES), seconds, 40 / seconds)
    colours = strip(read_image(path))
    for index, state in enumerate(STATES):
        middle = round((index + 0.5) / len(STATES) * len(colours))
        assert tuple(colours[middle]) == STATE_COLOURS[state], state


def test_totals_are_kept_when_bins_are_merged() -> None:
    course = Course()
    rng = np.random.default_rng(0)
    expected = dict.fromkeys(STATES, 0.0)
    weighted = 0.0
    for _ in range(20_000):
        state, seconds = str(rng.choice(STATES)), float(rng.uniform(0, 0.5))
        course.hold(Prediction(state, p_happy=P_HAPPY.get(state)), seconds)
        expected[state] += seconds
        weighted += P_HAPPY.get(state, 0.0) * seconds
    assert len(course.bins) <= MAX_BINS
    for state in STATES:
        kept = sum(part.lasted_s[state] for part in course.bins)
        assert kept == pytest.approx(expected[state])
    assert sum(part.p_sum for part in course.bins) == pytest.approx(weighted)
    assert course.seconds == pytest.approx(sum(expected.values()))


def test_many_moments_take_no_more_memory_than_a_few_thousand(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "run.png")
    moments = [moment(state, 0.0, "happy") for state in STATES]

    def go_on(first: int, last: int) -> None:
        for index in range(first, last):
            old = moments[index // 100 % len(moments)]
            timeline.take(Moment(index / 30, old.frame, old.answers, old.changes))

    go_on(0, 50_000)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        go_on(50_000, 300_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 500_000
    assert len(timeline.course.bins) <= MAX_BINS


def test_a_run_without_a_frame_and_one_of_a_single_frame_have_a_chart(tmp_path: Path) -> None:
    none, single = tmp_path / "none.png", tmp_path / "single.png"
    with Timeline(none):
        pass
    with Timeline(single) as timeline:
        timeline.take(moment("sad", 0.0))
    for path in (none, single):
        assert read_image(path).shape == (500, 1200, 3)
    assert tuple(strip(read_image(single))[500]) == STATE_COLOURS["sad"]


def test_a_run_that_ends_in_an_error_has_its_chart(tmp_path: Path) -> None:
    path = tmp_path / "run.png"

    def fail() -> None:
        with Timeline(path) as timeline:
            run(timeline, ["happy"], 1.0, 10)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert tuple(strip(read_image(path))[500]) == STATE_COLOURS["happy"]


def test_a_chart_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="cannot write"), Timeline(tmp_path / "taken" / "x.png"):
        pass


def test_a_clock_that_jumps_back_or_far_ahead_is_borne(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "run.png")
    for time_s in (0.0, 1.0, 0.5, 1.5, 40 * 86400.0, 40 * 86400.0 + 1):
        timeline.take(moment("happy", time_s))
    assert len(timeline.course.bins) <= MAX_BINS
    draw_chart(timeline.course)


def test_changes_and_losses_of_the_camera_are_counted(tmp_path: Path) -> None:
    timeline = Timeline(tmp_path / "run.png")
    run(timeline, ["happy", "no_camera", "happy", "sad", "no_camera"], 1.0, 10)
    assert timeline.course.losses == 2
    assert timeline.course.changes == 5
