"""A run is replaced in one step, by all of the new one, and trained by one process at a time."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import keras
import pytest

from data import Dataset, RunError, load_dataset
from data.drawing import draw_set
from edge.errors import OutputError
from edge.images.preprocess import InputSpec
from train.evaluation import evaluate
from train.run import train_run
from train.run_folder import write_run
from train.runs import claimed, named_run
from train.settings import Settings

CONFIG = {
    "settings": asdict(Settings(data="images")), "versions": {}, "machine": "",
    "data_fingerprint": "",
    "recipes": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    images = tmp_path_factory.mktemp("images")
    draw_set(images, per_class=12)
    return load_dataset(images, InputSpec(32, 32, 3))


def network(units: int) -> keras.Model:
    image = keras.Input((32, 32, 3))
    features = keras.layers.Dense(units)(keras.layers.Flatten()(image))
    return keras.Model(image, keras.layers.Dense(1, activation="sigmoid")(features))


def write(run: Path, dataset: Dataset, number: int, units: int = 1) -> None:
    """A run of a network that nobody has trained."""
    model = network(units)
    metrics = {
        "number": number, "stopped_by": "the test", "epochs": 1, "kept_epoch": 1,
        "history": {"loss": [1.0], "accuracy": [0.5]}, "data": {**dataset.summary(), "notes": []},
        **evaluate(model, dataset),
    }  # fmt: skip
    write_run(run, model, dataset, CONFIG, metrics)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_run_that_does_not_fit_on_the_disk_leaves_the_old_one(
    small_disk: Path, dataset: Dataset
) -> None:
    run = small_disk / "run"
    write(run, dataset, 0)
    (run / "model.tflite").write_text("exported")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with pytest.raises(OutputError, match=f"^cannot write {run}(/model.keras)?: "):
        write(run, dataset, 1, units=500)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    assert list(small_disk.iterdir()) == [run]
    assert keras.models.load_model(run / "model.keras").count_params()


def test_the_new_run_has_nothing_of_the_old_one_but_what_is_no_part_of_it(
    tmp_path: Path, dataset: Dataset
) -> None:
    run = tmp_path / "run"
    (run / "checkpoint").mkdir(parents=True)
    (run / "checkpoint" / "state.json").write_text("{}")
    (run / "my notes.txt").write_text("mine")
    (run / "crops").mkdir()
    for name in ("model.tflite", "model-float16.tflite", "export.json", "answers.png"):
        (run / name).write_text("of the old model")
    write(run, dataset, 1)
    assert json.loads((run / "metrics.json").read_text())["number"] == 1
    assert (run / "my notes.txt").read_text() == "mine"
    assert (run / "checkpoint" / "state.json").read_text() == "{}"
    for gone in ("crops", "model.tflite", "model-float16.tflite", "export.json", "answers.png"):
        assert not (run / gone).exists()
    assert list(tmp_path.iterdir()) == [run]


def test_a_second_training_of_one_run_is_refused(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "mine"
    with claimed(run), pytest.raises(RunError) as error:
        train_run(run, Settings(data=str(tmp_path)))
    assert str(error.value) == (
        f"{run} is being trained by another process: wait for it, or take another --name"
    )
    with claimed(run), claimed(run.with_name("other")):
        pass
    with claimed(run):  # free again
        pass
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "a\x1b[2Jb", "n" * 151])
def test_a_name_that_makes_no_folder_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="is no name for a run|has at most 150 bytes"):
        named_run(tmp_path, name)
    assert named_run(tmp_path, "fine name-1") == tmp_path / "fine name-1"
