"""The shipped model: its limits, what it says of photographs, its card, and fine-tuning from it."""

import json
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from huggingface_hub import ModelCard

from data import RunError
from data.answers import both_sides, shares_of
from data.drawing import draw_set
from edge.classifier import Classifier
from edge.images.image_file import read_image
from edge.images.preprocess import prepare
from edge.model.file import read_model
from export.measure.hub import METRICS, hub_metadata
from export.measure.ship import ship
from tests.support.chain import ROOT
from tests.support.command import edge, run_module
from tests.support.environments import LITERT, TFLITE, environment
from tests.support.photographs import photograph

MODEL = ROOT / "edge" / "models" / "faces.tflite"
CARD = (ROOT / "edge" / "models" / "faces.md").read_text()


def answers(*arguments: object) -> list[dict[str, object]]:
    done = edge("classify", "--json", "-m", MODEL, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_keeps_to_its_limits_and_carries_all_that_is_known_of_it() -> None:
    content, contract = read_model(MODEL)
    details = contract.details
    assert len(content) <= 400_000
    assert details["multiply_adds"] <= 30e6
    assert (contract.crop, contract.quantization) == ("face", "int8")
    assert details["metrics_part"] == "validation"
    figures = details["metrics"]["int8"]
    assert figures["auc"] >= 0.998
    assert figures["auc_sad_neutral"] >= 0.961
    assert figures["happy_found"] >= 0.95
    assert figures["sad_found"] >= 0.80
    assert figures["right"] >= 0.95
    assert max(figures["neutral_called_sad"], figures["neutral_called_happy"]) <= 0.08
    assert details["calibration"]["error_after"] < 0.05
    shown = edge("info", MODEL).stdout
    for expected in (
        "neutral called sad ",
        "AUC of sad and neutral 0.9",
        "calibrat",
        "multiply-adds",
        "differ by less than a factor of ",
        " by their files' labels",
        " by what people voted for",
    ):
        assert expected in shown


def test_a_run_without_validation_images_is_not_shipped(tmp_path: Path) -> None:
    shutil.copyfile(MODEL, tmp_path / "model.tflite")
    shutil.copyfile(ROOT / "train" / "faces.keras", tmp_path / "model.keras")
    (tmp_path / "images.csv").write_text("path,label,part\na.png,happy,train\n")
    with pytest.raises(RunError, match="no validation images that are clearly happy or neutral or"):
        ship(tmp_path)


def test_the_card_and_the_model_file_give_the_same_figures() -> None:
    _, contract = read_model(MODEL)
    by_card = dict(re.findall(r"^\| ([\w ,]+) \| [^|]+ \| ([\d.]+)[% ]", CARD, re.MULTILINE))
    for name, title in (
        ("auc", "happy from sad, AUC"),
        ("auc_sad_neutral", "sad from neutral, AUC"),
        ("sad_found", "sad faces answered sad"),
        ("neutral_called_sad", "neutral faces answered sad"),
    ):
        value = contract.details["metrics"]["int8"][name]
        scale, tolerance = (1, 1e-4) if name.startswith("auc") else (100, 0.06)
        assert float(by_card[title]) == pytest.approx(scale * value, abs=tolerance)
    assert contract.details["data"]["fingerprint"] in CARD


def test_a_model_hub_reads_task_data_and_figures_at_the_head_of_the_card() -> None:
    _, contract = read_model(MODEL)
    data = ModelCard(CARD).data  # as the hub's own package reads it
    assert (data.license, data.library_name) == ("mit", "litert")
    assert (data.pipeline_tag, data.datasets) == ("image-classification", ["fer2013"])
    assert {"tflite", "int8"} <= set(data.tags)
    assert data.model_name == contract.name
    assert set(data.metrics) == {result.metric_type for result in data.eval_results}
    figures = contract.details["metrics"]["int8"]
    given = {result.metric_name: result.metric_value for result in data.eval_results}
    assert given == {title: figures[name] for name, (_, title) in METRICS.items()}
    assert {result.dataset_split for result in data.eval_results} == {"validation"}
    assert CARD.startswith(hub_metadata(contract.details))


@pytest.mark.parametrize("setup", [LITERT, TFLITE], ids=["ai-edge-litert", "tflite-runtime"])
def test_the_astronaut_smiles_in_both_runtimes_and_both_say_why(
    setup: tuple[str, ...], tmp_path: Path
) -> None:
    remove = "ai-edge-litert" if setup is TFLITE else None
    interpreter = environment(*setup, **({"remove": remove} if remove else {}))
    picture = str(photograph("astronaut.png"))
    done = subprocess.run(
        [str(interpreter), "-m", "happysad", "classify", "--json", picture, "--why", str(tmp_path)],
        cwd=interpreter.parent,
        capture_output=True,
        text=True,
    )  # fmt: skip  (another folder: the installed package runs, with the model in it)
    assert done.returncode == 0, done.stderr
    (answer,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert answer["label"] == "happy"
    assert "faces.tflite" in done.stderr
    assert read_image(tmp_path / "astronaut-why.png").size


def test_the_demo_is_not_taken_for_the_users_model(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "edge", tmp_path / "edge")

    def used(*arguments: str) -> str:
        return edge("info", *arguments, cwd=tmp_path, check=True).stdout.split()[0]

    shipped = str(tmp_path / "edge" / "models" / "faces.tflite")
    for name, taken in (("demo", shipped), ("mine", str(tmp_path / "runs/mine/model.tflite"))):
        (tmp_path / "runs" / name).mkdir(parents=True)
        shutil.copy(MODEL, tmp_path / "runs" / name / "model.tflite")
        assert used() == taken
    assert used("faces") == shipped


def test_the_float_weights_are_those_of_the_model(tmp_path: Path) -> None:
    model = keras.models.load_model(ROOT / "train" / "faces.keras", compile=False)
    classifier = Classifier(MODEL)
    images = [read_image(path) for path in draw_set(tmp_path, per_class=5)]
    pixels = np.stack([prepare(image, classifier.contract.input) for image in images])
    predict = partial(model.predict, verbose=0)
    by_float = shares_of(both_sides(predict, pixels))[:, 0]
    by_file = [classifier.p_happy(image) for image in images]
    # Drawn faces are none that the int8 ranges were measured on.
    assert np.abs(by_float - by_file).mean() < 0.05


@pytest.mark.long
def test_fine_tuning_says_what_it_changed(tmp_path: Path) -> None:
    draw_set(tmp_path / "mine", per_class=20)
    done = run_module(
        "train", "--init", "faces", "--data", tmp_path / "mine", "--epochs", "3", "--name",
        "mine", "--runs", tmp_path / "runs",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"^the (fine-tuned model|original) is kept: right less wrong answers ",
        done.stdout,
        re.MULTILINE,
    )
    config = json.loads((tmp_path / "runs" / "mine" / "config.json").read_text())
    assert config["settings"]["crop"] == "face"
