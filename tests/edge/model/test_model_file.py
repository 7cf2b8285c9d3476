"""A model file that is damaged, foreign or no model is refused in one line, and never crashes."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from edge.classifier import Classifier
from edge.errors import ModelError
from edge.model.archive import CONTRACT_NAME
from edge.model.file import read_model
from tests.support.chain import SIDE, Chain
from tests.support.command import edge
from tests.support.model_archive import archive, flatbuffer, repacked


def test_the_contract_says_what_the_runner_needs(chain: Chain) -> None:
    _, contract = read_model(chain.model_path)
    assert (contract.input.width, contract.input.height, contract.input.channels) == (SIDE, SIDE, 3)
    assert contract.crop == "frame"
    assert contract.quantization == "int8"
    assert contract.band
    low, high = contract.band
    assert 0 < low <= 0.5 <= high < 1
    assert contract.details["data"]["images"]
    assert set(contract.details["metrics"]) == {"keras", "int8"}
    assert contract.golden_inputs.shape == (4, SIDE, SIDE, 3)
    assert len(np.unique(contract.golden_scores)) > 1  # they can tell one answer from another


def test_a_missing_model_says_what_to_run(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    with pytest.raises(ModelError) as error:
        Classifier(path)
    assert str(error.value) == (
        f"no model at {path}: those that are there are shown by 'python -m edge model list'"
    )
    (tmp_path / "model.keras").touch()  # of a training run
    with pytest.raises(ModelError, match="run 'make export' first$"):
        Classifier(path)


def test_a_text_file_is_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_text("hello")
    with pytest.raises(ModelError) as error:
        Classifier(path)
    assert str(error.value) == (f"{path} is not a TFLite model: give an exported model")


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a folder"):
        Classifier(tmp_path)


def test_a_tflite_file_of_somebody_else_is_refused(chain: Chain, tmp_path: Path) -> None:
    path = tmp_path / "foreign.tflite"
    path.write_bytes(flatbuffer(chain.model_path.read_bytes()))
    with pytest.raises(ModelError, match="no readable contract .*not made by this project"):
        Classifier(path)


@pytest.mark.parametrize("keep", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_model_is_refused(chain: Chain, tmp_path: Path, keep: float) -> None:
    content = chain.model_path.read_bytes()
    path = tmp_path / "short.tflite"
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(ModelError, match="is not a TFLite model|no readable contract"):
        Classifier(path)


def test_flipped_bytes_anywhere_are_refused_or_harmless_and_never_a_crash(
    chain: Chain, tmp_path: Path
) -> None:
    content = chain.model_path.read_bytes()
    front = len(flatbuffer(content))
    rng = np.random.default_rng(0)
    # A few in the weights, many in the metadata behind them and in the header before them.
    places = [*rng.integers(0, 2000, 20), *rng.integers(0, front, 10)]
    places += [*rng.integers(front - 3000, front, 20), *rng.integers(front, len(content), 60)]
    path = tmp_path / "flipped.tflite"
    refused = 0
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            read_model(path)
        except ModelError as error:
            refused += 1
            assert "\n" not in str(error)
    # What passes is a date or a flag in the zip's headers, which nothing here reads.
    assert refused >= 0.8 * len(places)


def test_a_flipped_weight_is_found_by_the_checksum(chain: Chain, tmp_path: Path) -> None:
    damaged = bytearray(chain.model_path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "flipped.tflite"
    path.write_bytes(damaged)
    with pytest.raises(ModelError) as error:
        read_model(path)
    assert str(error.value) == f"{path} is damaged (checksum): copy or export it again"


def test_other_golden_answers_are_refused(chain: Chain, tmp_path: Path) -> None:
    content = chain.model_path.read_bytes()
    _, contract = read_model(chain.model_path)
    golden = io.BytesIO()
    np.savez(golden, inputs=contract.golden_inputs, p_happy=1 - contract.golden_scores[:, 0])
    path = tmp_path / "other.tflite"
    path.write_bytes(repacked(content, golden=golden.getvalue()))
    with pytest.raises(ModelError, match="answers its golden inputs differently here"):
        Classifier(path)


SIZE = {"width": SIDE, "height": SIDE, "channels": 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 99}, "has contract version 99, this runner reads up to 6"),
        ({"crop": "ear"}, "crop 'ear', expected 'frame' or 'face'"),
        ({"decision_band": [0.9, 0.1]}, "decision band 0.9 to 0.1"),
        ({"input": {**SIZE, "width": 99}}, "golden inputs of shape"),
        ({"input": "big"}, "is damaged"),
        (
            {"input": {"width": SIDE, "height": SIDE, "channels": 3, "stretched": True}},
            "3 channels",
        ),
        ({"input": {**SIZE, "stretched": 0}}, "stretched 0"),
    ],
)
def test_a_contract_that_cannot_be_met_is_refused(
    chain: Chain, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    content = chain.model_path.read_bytes()
    contract = {**json.loads(archive(content).read(CONTRACT_NAME)), **change}
    path = tmp_path / "other.tflite"
    path.write_bytes(repacked(content, contract=json.dumps(contract).encode()))
    with pytest.raises(ModelError, match=message):
        Classifier(path)


def test_other_labels_are_refused(chain: Chain, tmp_path: Path) -> None:
    path = tmp_path / "other.tflite"
    path.write_bytes(repacked(chain.model_path.read_bytes(), labels=b"sad\nhappy\n"))
    with pytest.raises(ModelError, match="labels .'sad', 'happy'."):
        Classifier(path)


@pytest.mark.parametrize("command", ["info", "classify"])
def test_the_command_line_ends_in_one_line_and_exit_code_1(
    command: str, chain: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "short.tflite"
    path.write_bytes(chain.model_path.read_bytes()[:100_000])
    arguments = [str(path)] if command == "info" else ["x.png", "--model", str(path)]
    done = edge(command, *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: {path} carries no readable contract")
