"""Export: one file that carries its contract, and that is refused when it is worse."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from data import load_listing
from data.errors import DatasetError, RunError
from edge.classifier import Classifier
from edge.images.preprocess import InputSpec
from edge.model.contract import Quantization
from edge.model.file import read_model
from export.convert import calibration_images
from export.exporter import export_run
from export.onnx_file import OnnxFile
from export.run_choice import announcement, run_folder
from tests.support.chain import SIDE, Chain
from tests.support.command import run_module


@pytest.fixture
def run(chain: Chain, tmp_path: Path) -> Path:
    """A copy of the chain's run, without its export."""
    copy = tmp_path / "runs" / chain.run.name
    shutil.copytree(chain.run, copy)
    (copy / "model.tflite").unlink()
    (copy / "export.json").unlink()
    return copy


def export(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run_module("export", *arguments)


def test_int8_is_full_integer_with_pixels_fed_as_they_are(chain: Chain) -> None:
    interpreter = Interpreter(model_content=chain.model_path.read_bytes())
    interpreter.allocate_tensors()
    taken, given = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    assert (taken["dtype"], taken["quantization"]) == (np.uint8, (1.0, 0))
    assert tuple(taken["shape"]) == (1, SIDE, SIDE, 3)  # static batch
    assert (given["dtype"], given["quantization"]) == (np.uint8, (1 / 256, 0))
    kinds = {tensor["dtype"] for tensor in interpreter.get_tensor_details()}
    assert kinds <= {np.uint8, np.int8, np.int32}
    weights = keras.models.load_model(chain.run / "model.keras", compile=False).count_params()
    assert chain.model_path.stat().st_size < weights * 1.02 + 50_000  # the contract's archive


def test_the_report_compares_with_keras_on_held_out_images(chain: Chain) -> None:
    report = json.loads((chain.run / "export.json").read_text())
    metrics = json.loads((chain.run / "metrics.json").read_text())
    comparison = report["comparison"]
    held_out = metrics["validation"]["images"] + metrics["test"]["images"]
    assert comparison["images"] == held_out
    assert report["compared_on"] == f"{held_out} held-out images (validation and test)"
    assert 0.9 <= comparison["agreement"] <= 1
    assert 0 < comparison["largest_difference"] < 0.2
    assert report["composition"]["int8_share"] > 0.99
    assert report["composition"]["oldest_runtime"].count(".") == 2


@pytest.mark.parametrize(
    "quantization", [pytest.param("float16", marks=pytest.mark.long), "float32"]
)
def test_float_files_answer_as_keras_does(run: Path, quantization: Quantization) -> None:
    done = export_run(run, quantization, onnx=True)
    path = done.path
    assert path == run / f"model-{quantization}.tflite"
    assert sorted(file.name for file in run.glob("*export*")) == [f"export-{quantization}.json"]
    assert done.onnx == OnnxFile(
        **json.loads((run / f"export-{quantization}.json").read_text())["onnx"]
    )
    assert done.onnx.name == f"model-{quantization}.onnx"
    assert done.onnx.largest_difference < 1
    model = keras.models.load_model(run / "model.keras")
    config = json.loads((run / "config.json").read_text())
    spec = InputSpec(SIDE, SIDE, 3)
    _, _, test = load_listing(run / "images.csv", spec, config["data_fingerprint"])
    network = Classifier(path).network
    expected = 1 - model.predict(test.pixels, verbose=0)[:, 0]
    got = np.array([network.p_happy(pixels) for pixels in test.pixels])
    assert np.abs(got - expected).max() < (0.01 if quantization == "float16" else 1e-4)
    weight_bytes = model.count_params() * (2 if quantization == "float16" else 4)
    assert path.stat().st_size == pytest.approx(weight_bytes, rel=0.1)


def test_the_same_run_exports_to_the_same_bytes(run: Path, chain: Chain) -> None:
    export_run(run, "int8", allow_drop=True)
    assert (run / "model.tflite").read_bytes() == chain.model_path.read_bytes()


def test_metadata_says_what_the_other_files_are(chain: Chain) -> None:
    content, contract = read_model(chain.model_path)
    for text in (b"TFLITE_METADATA", b"labels.txt", b"contract.json", b"golden.npz"):
        assert text in content
    assert contract.name == "demo"


def test_golden_inputs_are_drawn_faces_and_none_of_the_users_images(chain: Chain) -> None:
    _, contract = read_model(chain.model_path)
    config = json.loads((chain.run / "config.json").read_text())
    parts = load_listing(chain.run / "images.csv", contract.input, config["data_fingerprint"])
    theirs = {pixels.tobytes() for part in parts for pixels in part.pixels}
    assert not theirs & {pixels.tobytes() for pixels in contract.golden_inputs}


def break_int8(run: Path) -> None:
    """The same function in floating point, beyond what int8 activations can hold.

    ReLU and max pooling pass a positive factor on, so one channel can be 10,000 times as large if
    the next layer's weights for it are as much smaller; int8 then rounds all others to zero.
    """
    model = keras.models.load_model(run / "model.keras")
    first, second = model.get_layer(index=1), model.get_layer(index=3)
    kernel, bias = first.get_weights()
    kernel[..., 0] *= 1e4
    bias[0] = abs(bias[0]) * 1e4 + 1e3
    first.set_weights([kernel, bias])
    kernel, bias = second.get_weights()
    kernel[:, :, 0] *= 1e-6
    second.set_weights([kernel, bias])
    model.save(run / "model.keras")


def test_a_class_that_is_recognised_worse_fails_and_leaves_the_old_file(
    run: Path, chain: Chain
) -> None:
    shutil.copy(chain.model_path, run)
    break_int8(run)
    done = export(run.name, "--runs", run.parent)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: nothing written: the recall of ")
    assert (run / "model.tflite").read_bytes() == chain.model_path.read_bytes()
    assert not (run / "export.json").exists()
    assert not list(run.glob(".*"))

    export_run(run, "int8", allow_drop=True)
    assert (run / "model.tflite").read_bytes() != chain.model_path.read_bytes()


def test_the_command_prints_sizes_figures_and_answers(run: Path) -> None:
    done = export(run.name, "--runs", run.parent, "--allow-drop", "--answers", "--format", "onnx")
    assert done.returncode == 0, done.stderr
    for expected in (
        "uint8, scale 1, zero point 0", "CONV_2D (version 3)", "recall_sad", "agreement",
        "answer  p(happy)", "accuracy ", "model size", "ms an image", str(run / "answers.png"),
        f"model       {run / 'model.onnx'}\n", "ONNX operators of version 18",
    ):  # fmt: skip
        assert expected in done.stdout
    session = onnxruntime.InferenceSession(run / "model.onnx")
    assert session.get_outputs()[0].name == "p_sad"


def test_a_run_without_a_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = export("empty", "--runs", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"error: {tmp_path / 'empty'} holds no trained model: run 'make train' first"
    )
    done = export("--runs", tmp_path)
    assert done.stderr == f"error: no trained model in {tmp_path}: run 'make train' first\n"


def test_a_newer_run_that_is_not_finished_is_named_before_another_is_exported(
    tmp_path: Path,
) -> None:
    def written(path: Path, at: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (at, at))

    again = f'go on with: make train ARGS="--resume --runs {tmp_path} --name late"'
    written(tmp_path / "late" / "checkpoint" / "state.json", 2)
    for name in ("late", None):
        with pytest.raises(RunError, match="no trained model") as error:
            run_folder(tmp_path, name)
        assert str(error.value).endswith(f"late is not finished, {again}")
    written(tmp_path / "early" / "model.keras", 1)
    chosen = run_folder(tmp_path, None)
    assert announcement(tmp_path, chosen, is_named=False) == (
        f"{tmp_path / 'late'} is not finished ({again}); exporting {chosen}: half a minute or so"
    )
    plain = f"exporting {chosen}: half a minute or so"
    assert announcement(tmp_path, chosen, is_named=True) == plain
    written(tmp_path / "late" / "model.keras", 1)  # it is trained anew
    told = announcement(tmp_path, tmp_path / "late", is_named=True)
    assert told.endswith(f"({again}); exporting the model that it had before: half a minute or so")
    written(tmp_path / "early" / "model.keras", 3)  # all that came later
    assert announcement(tmp_path, run_folder(tmp_path, None), is_named=False) == plain


def test_images_that_changed_since_the_training_are_refused(run: Path, tmp_path: Path) -> None:
    listing = (run / "images.csv").read_text()
    first, second = (Path(row.split(",")[0]) for row in listing.splitlines()[1:3])
    moved = tmp_path / first.name
    moved.write_bytes(second.read_bytes())
    (run / "images.csv").write_text(listing.replace(str(first), str(moved)))
    with pytest.raises(DatasetError, match="have changed since they were trained on"):
        export_run(run, "int8")
    moved.unlink()
    with pytest.raises(DatasetError, match="no such file: this run was trained with it"):
        export_run(run, "int8")


def test_calibration_is_balanced_seeded_and_holds_every_value() -> None:
    happy = np.full((30, 8, 48, 1), 10, np.uint8)
    sad = np.full((12, 8, 48, 1), 20, np.uint8)
    images = calibration_images([happy, sad], seed=0)
    assert len(images) == 25
    assert (images[:-1] == 10).all(axis=(1, 2, 3)).sum() == 12
    assert set(np.unique(images[-1])) == set(range(256))
    assert np.array_equal(images, calibration_images([happy, sad], seed=0))
