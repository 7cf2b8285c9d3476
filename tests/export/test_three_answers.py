"""A model with three answers, from its export to what people and programs are told."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import edge as happysad
from edge.classifier import Classifier
from edge.errors import ModelError
from edge.images.preprocess import stretch
from edge.machine.opencv import cv2
from edge.model.archive import CONTRACT_NAME, LABELS_NAME
from edge.model.choice import SHIPPED_MODEL
from edge.model.contract_text import contract_text
from edge.model.file import read_model
from export.cli import export
from tests.support.chain import Chain
from tests.support.command import edge
from tests.support.model_archive import archive, repacked
from tests.support.photographs import film
from tests.support.three_answers import BRIGHTNESS, THRESHOLDS, export_three_answers, picture

TOO_HIGH = dict.fromkeys(THRESHOLDS, 1 - 1e-12)  # no picture is as sure as that


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_three_answers(tmp_path_factory.mktemp("three"))


def film_of(folder: Path, labels: dict[str, float], fps: int = 10) -> Path:
    """A video that shows each label for so many seconds."""
    images = [
        picture(label.split()[0], number, 96)
        for label, seconds in labels.items()
        for number in range(round(seconds * fps))
    ]
    return film(folder / "film.avi", images, fps)


def test_the_file_says_which_answers_it_has_and_how_well_it_does(model_path: Path) -> None:
    _, contract = read_model(model_path)
    assert contract.decision.answers == ("happy", "sad", "neutral")
    assert contract.details["schema"] == 2
    assert contract.details["thresholds"] == THRESHOLDS
    assert contract.details["lead"] == 0
    assert contract.band is None
    figures = contract.details["metrics"]["int8"]
    assert figures["happy_found"] == figures["sad_found"] == figures["neutral_found"] == 1
    assert figures["others_unsure"] == 1
    assert contract.golden_scores.shape == (4, 4)
    told = " ".join(edge("info", model_path).stdout.split())
    assert "answers happy, sad, neutral; unsure below p_happy 0.50, p_sad 0.40 and " in told


def test_a_model_that_answers_nothing_is_exported_and_said_to(
    model_path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = Path(shutil.copytree(model_path.parent, tmp_path / "silent"))
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "thresholds": TOO_HIGH}))
    export("silent", runs=tmp_path)
    told, warned = capfd.readouterr()
    assert re.search(r"^ +right +- +-$", told, re.MULTILINE)
    assert "warning: it answered none of 18 test images: all are unsure\n" in warned
    assert "if these are photographs of faces, start from the shipped model: add ARGS=" in warned
    _, contract = read_model(run / "model.tflite")
    assert "right" not in contract.details["metrics"]["int8"]
    assert "it answered none of 18 test images" in contract_text(contract)


@pytest.mark.parametrize("label", BRIGHTNESS)
def test_each_expression_gets_its_answer(model_path: Path, label: str) -> None:
    prediction = Classifier(model_path).classify(picture(label, seed=99))
    assert prediction.label == ("unsure" if label == "angry" else label)
    assert prediction.p_happy is not None
    assert prediction.p_sad is not None
    assert prediction.p_neutral is not None
    total = prediction.p_happy + prediction.p_sad + prediction.p_neutral
    assert total == pytest.approx(0.0 if label == "angry" else 1.0, abs=0.35)


def test_the_device_and_the_keras_model_agree(model_path: Path) -> None:
    import keras

    from data.answers import shares_of

    model = keras.models.load_model(model_path.with_name("model.keras"), compile=False)
    classifier = Classifier(model_path)
    for label in BRIGHTNESS:
        gray = picture(label, seed=3)[:, :, :1]
        expected = shares_of(model.predict(gray[np.newaxis], verbose=0))[0]
        given = classifier.classify(picture(label, seed=3))
        assert [given.p_happy, given.p_sad, given.p_neutral] == pytest.approx(
            expected[:3].tolist(), abs=0.12
        )


def test_json_has_all_three_and_the_version_of_its_schema(model_path: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "rest.png"), picture("neutral"))
    told = json.loads(edge("classify", "--json", "-m", model_path, tmp_path / "rest.png").stdout)
    assert told["schema_version"] == 2
    assert told["label"] == "neutral"
    assert told["p_neutral"] > 0.9
    assert told["p_happy"] + told["p_sad"] < 0.1


def test_of_a_model_with_two_answers_p_neutral_is_null(chain: Chain, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "face.png"), picture("happy"))
    told = json.loads(
        edge("classify", "--json", "-m", chain.model_path, tmp_path / "face.png").stdout
    )
    assert told["p_neutral"] is None
    assert told["p_sad"] == pytest.approx(1 - told["p_happy"], abs=1e-4)


def test_text_shows_the_probability_of_the_label(model_path: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "low.png"), picture("sad"))
    line = edge("classify", "-m", model_path, tmp_path / "low.png").stdout
    assert line.split()[:1] == ["sad"]
    assert float(line.split()[1]) > 0.9


def test_a_stretch_of_rest_between_two_smiles_is_neutral_and_never_sad(
    model_path: Path, tmp_path: Path
) -> None:
    video = film_of(tmp_path, {"happy": 2, "neutral": 2, "happy again": 2})
    moments = list(happysad.watch(video, model=model_path))
    said = [change.answer.label for moment in moments for change in moment.changes]
    assert said == ["happy", "neutral", "happy"]


def test_one_odd_second_of_anger_is_unsure_and_a_single_odd_frame_nothing(
    model_path: Path, tmp_path: Path
) -> None:
    video = film_of(tmp_path, {"neutral": 2, "sad": 0.1, "neutral again": 1, "angry": 2})
    moments = list(happysad.watch(video, model=model_path))
    said = [change.answer.label for moment in moments for change in moment.changes]
    assert said == ["neutral", "unsure"]


def test_the_report_and_a_command_for_neutral_know_the_third_answer(
    model_path: Path, tmp_path: Path
) -> None:
    video = film_of(tmp_path, {"happy": 2, "neutral": 2, "sad": 2})
    done = edge(
        "webcam", video, "-m", model_path, "--report", tmp_path / "run.png",
        "--on-neutral", "sh -c 'echo $HAPPYSAD_LABEL $HAPPYSAD_P_SAD >&2'", "--max-fps", "20",
    )  # fmt: skip
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["happy", "neutral", "sad"]
    assert "neutral 0.0" in done.stderr
    summary = next(line for line in done.stderr.splitlines() if "changes: 3" in line)
    assert "happy" in summary
    assert "neutral" in summary
    chart = cv2.imread(str(tmp_path / "run.png"))
    colours = {tuple(colour) for colour in chart.reshape(-1, 3).tolist()}
    assert {(0, 170, 250), (115, 158, 0), (200, 110, 30)} <= colours


@pytest.mark.parametrize("mirrored", [True, False])
def test_both_sides_of_a_face_are_asked_where_the_file_says_so(
    tmp_path: Path, mirrored: bool
) -> None:
    content = SHIPPED_MODEL.read_bytes()
    details = json.loads(archive(content).read(CONTRACT_NAME)) | {"schema": 4, "mirrored": mirrored}
    path = tmp_path / "faces.tflite"
    path.write_bytes(repacked(content, contract=json.dumps(details).encode()))
    classifier = Classifier(path)
    face = cv2.cvtColor(classifier.contract.golden_inputs[0], cv2.COLOR_GRAY2BGR)
    face[:, :24] //= 2  # light from the right
    left, right = (classifier.scores(side, 0) for side in (face, face[:, ::-1]))
    assert left != right
    both = tuple((one + other) / 2 for one, other in zip(left, right, strict=True))
    assert classifier.scores(face) == (both if mirrored else left)
    assert classifier.scores(face[:, ::-1]) == (both if mirrored else right)
    assert classifier.scores(face, 1) == (right if mirrored else left)


@pytest.mark.parametrize("stretched", [True, False])
def test_a_pale_face_is_seen_at_full_contrast_where_the_file_says_so(
    tmp_path: Path, stretched: bool
) -> None:
    content = SHIPPED_MODEL.read_bytes()
    details = json.loads(archive(content).read(CONTRACT_NAME))
    size = {"width": 48, "height": 48, "channels": 1, "range": [0, 255]}
    asked = {"schema": 6, "input": {**size, "stretched": True}}
    older = {"schema": 4, "input": size}
    path = tmp_path / "faces.tflite"
    changed = details | (asked if stretched else older)
    path.write_bytes(repacked(content, contract=json.dumps(changed).encode()))
    classifier = Classifier(path)
    gray = (90 + classifier.contract.golden_inputs[0][:, :, 0] // 4).astype(np.uint8)
    expected = stretch(gray) if stretched else gray
    pale = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
    assert classifier.scores(pale) == classifier.scores_of(expected[:, :, np.newaxis])
    assert classifier.scores(pale, 0) == classifier.network.scores(expected[:, :, np.newaxis])
    assert ("full contrast" in contract_text(classifier.contract)) == stretched


def test_a_file_whose_output_is_not_what_its_contract_says_is_refused(
    model_path: Path, tmp_path: Path
) -> None:
    content = model_path.read_bytes()
    details = json.loads(archive(content).read(CONTRACT_NAME))
    for change, labels, message in (
        ({"thresholds": {"happy": 0.5, "sad": 0.0, "neutral": 0.5}}, None, "thresholds"),
        ({"thresholds": {"happy": 0.5}}, None, "'sad'"),
        ({"lead": 0.4}, None, "a lead of 0.4"),
        ({}, b"happy\nsad\n", "labels"),
    ):
        contract = json.dumps({**details, **change}).encode()
        changed = {"contract": contract} | ({LABELS_NAME.split(".")[0]: labels} if labels else {})
        path = tmp_path / "forged.tflite"
        path.write_bytes(repacked(content, **changed))
        with pytest.raises(ModelError, match=message):
            Classifier(path)
