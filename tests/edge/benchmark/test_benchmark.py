"""The benchmark runs, its figures are there and hold together; no time is ever asserted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.benchmark import scene
from edge.benchmark.inference import measure_inference
from edge.benchmark.machine import look
from edge.benchmark.spread import spread, take_turns
from edge.benchmark.steps import PARTS
from edge.errors import HappySadError
from edge.faces.detector import FaceDetector
from edge.model.choice import SHIPPED_MODEL
from tests.support.chain import SIDE, Chain
from tests.support.command import edge


def has_detector() -> bool:
    try:
        FaceDetector()
    except HappySadError:
        return False
    return True


@pytest.fixture(scope="module")
def figures(chain: Chain) -> dict[str, Any]:
    """What `benchmark --json` prints of the chain's model and the shipped one."""
    done = edge("benchmark", "--json", "--rounds", 1, chain.model_path, "faces")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
def test_the_machine_and_the_versions_are_named(figures: dict[str, Any]) -> None:
    machine = figures["machine"]
    assert machine["cpu"]
    assert machine["cores"] >= 1
    assert set(machine["versions"]) == {"happysad", "python", "numpy", "opencv"}
    assert set(machine) == set(figures["machine_after"])
    assert figures["inference"]["versions"]


@pytest.mark.long
def test_every_model_is_timed_with_one_thread_and_more(figures: dict[str, Any]) -> None:
    timings = figures["inference"]["timings"]
    first = timings[0]["runtime"]
    single = [t for t in timings if t["threads"] == 1 and t["runtime"] == first]
    assert [t["input"] for t in single] == [f"{SIDE}x{SIDE}x3", "48x48x1"]
    for timing in timings:
        time = timing["time"]
        assert 0 < time["low_ms"] <= time["median_ms"] <= time["high_ms"]
        assert time["count"] >= 3


def test_the_faster_of_two_files_with_the_same_input_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "copy.tflite"
    copy.write_bytes(SHIPPED_MODEL.read_bytes())
    found = measure_inference([SHIPPED_MODEL, copy], ["ai-edge-litert"], [1], rounds=1)
    single = {timing.path: timing.time.median_ms for timing in found.timings}
    assert found.suited == {"ai-edge-litert": [min(single, key=lambda path: single[path])]}


@pytest.mark.long
def test_files_with_different_inputs_are_not_compared(figures: dict[str, Any]) -> None:
    assert figures["inference"]["suited"] == {}


@pytest.mark.long
def test_every_part_of_the_whole_step_is_measured(figures: dict[str, Any]) -> None:
    if not has_detector():
        assert figures["steps"] == []
        pytest.skip("the face detector's files are not there")
    assert [step["faces"] for step in figures["steps"]] == [0, 1, 5]
    for step in figures["steps"]:
        assert set(step["parts_ms"]) == set(PARTS)
        assert all(part >= 0 for part in step["parts_ms"].values())
        assert 0 < step["looks"] <= 1
        assert step["mean_ms"] > 0
    none, one, five = figures["steps"]
    assert none["parts_ms"]["infer"] == 0
    assert 0 < one["parts_ms"]["infer"] < five["parts_ms"]["infer"]


@pytest.mark.long
def test_start_and_memory_are_positive(figures: dict[str, Any]) -> None:
    start = figures["start"]
    assert 0 < start["help"]["median_ms"] < start["first_answer"]["median_ms"]
    assert 0 < start["resident_mb"] <= start["peak_mb"]


@pytest.mark.long
def test_the_tables_name_what_was_measured() -> None:
    done = edge("benchmark", "--rounds", 1, "faces")
    assert done.returncode == 0, done.stderr
    for words in ("inference", "int8", "whole step", "start", "memory"):
        assert words in done.stdout
    assert "measuring inference" in done.stderr


def test_a_picture_takes_the_place_of_the_drawn_faces(tmp_path: Path) -> None:
    from edge.machine.opencv import cv2

    picture = tmp_path / "one.png"
    cv2.imwrite(str(picture), scene.draw_scene(1))
    done = edge("benchmark", "--rounds", 1, "--json", "faces", "--image", picture)
    assert done.returncode == 0, done.stderr
    assert [step["scene"] for step in json.loads(done.stdout)["steps"]] in (["one.png"], [])


def test_a_model_that_is_not_there_is_an_error_in_one_line(tmp_path: Path) -> None:
    done = edge("benchmark", tmp_path / "none.tflite")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"error: no model at {tmp_path}/none.tflite: those that are there are "
        "shown by 'python -m edge model list'"
    )


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_detector_takes_the_drawn_faces_for_faces(count: int) -> None:
    if not has_detector():
        pytest.skip("the face detector's files are not there")
    frames = scene.moving(scene.draw_scene(count))
    detector = FaceDetector()
    assert [len(detector.detect(frame)) for frame in frames] == [count] * len(frames)


def test_a_scene_from_a_picture_keeps_its_aspect_ratio() -> None:
    frame = scene.fit_scene(np.full((100, 400, 3), 200, np.uint8))
    assert frame.shape == (480, 640, 3)
    assert (frame[240] == 200).all()
    assert frame[:150].max() == 0


def test_what_takes_turns_is_timed_alike() -> None:
    calls = {"one": 0, "other": 0}

    def call(name: str) -> None:
        calls[name] += 1

    times = take_turns({name: lambda name=name: call(name) for name in calls}, rounds=2)
    assert set(times) == set(calls)
    assert all(time.count >= 2 * 3 for time in times.values())
    assert min(calls.values()) >= 2 * 3


def test_a_spread_leaves_out_the_outermost_tenths() -> None:
    taken = spread(np.arange(101.0))
    assert (taken.low_ms, taken.median_ms, taken.high_ms, taken.count) == (10, 50, 90, 101)


def test_a_raspberry_pi_is_described_from_its_own_files(tmp_path: Path) -> None:
    files = {
        "proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd evtstrm asimddp\n",
        "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "2400000\n",
        "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
        "sys/class/thermal/thermal_zone0/temp": "51200\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    machine = look(tmp_path)
    assert machine.cpu == "Raspberry Pi 5 Model B Rev 1.0"
    assert machine.features == ("asimd", "asimddp")
    assert (machine.governor, machine.megahertz) == ("ondemand", 2400)
    assert machine.temperature_c == 51.2
