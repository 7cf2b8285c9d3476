"""The ONNX file: the device's answers in ONNX Runtime, and what else is in it."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from data.answers import shares_of
from edge.classifier import Classifier
from edge.images.preprocess import prepare
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from edge.model.head import Head, read_head, with_head
from export.cli import app
from export.drawn import drawn_faces
from export.onnx_file import OnnxError, OnnxFile, scores, write_onnx
from tests.support.chain import ROOT
from tests.support.pages import blocks
from tests.support.photographs import fer2013

PAGE = ROOT / "docs" / "model-file.md"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(SHIPPED_MODEL)


@pytest.fixture(scope="module")
def drawn(classifier: Classifier) -> np.ndarray:
    return drawn_faces(classifier.contract.input, 12, seed=1)


@pytest.fixture(scope="module")
def written(
    classifier: Classifier, drawn: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, OnnxFile]:
    path = tmp_path_factory.mktemp("onnx") / "faces.onnx"
    return path, write_onnx(path, classifier, drawn)


def test_it_answers_real_faces_as_the_device_does(
    classifier: Classifier, written: tuple[Path, OnnxFile]
) -> None:
    pixels = [prepare(face, classifier.contract.input) for face in fer2013(300)]
    session = onnxruntime.InferenceSession(written[0])
    decision = classifier.contract.decision
    given = [scores(session, picture, mirrored=decision.mirrored) for picture in pixels]
    expected = [classifier.scores_of(picture) for picture in pixels]
    label = decision.label
    same = np.mean([label(a) == label(b) for a, b in zip(given, expected, strict=True)])
    assert same >= 0.99
    assert np.abs(shares_of(np.array(given)) - shares_of(np.array(expected))).max() < 0.1


def test_what_is_reported_of_it_is_so(
    classifier: Classifier, written: tuple[Path, OnnxFile], drawn: np.ndarray
) -> None:
    path, report = written
    assert (report.name, report.size) == ("faces.onnx", path.stat().st_size)
    assert report.size < 1.1 * len(classifier.content)
    assert (report.images, report.opset) == (len(drawn), 18)
    assert report.runtime == f"onnxruntime {onnxruntime.__version__}"
    assert 0.9 <= report.agreement <= 1
    assert report.largest_difference <= 2
    assert not list(path.parent.glob(".*"))


def test_its_metadata_are_the_labels_and_the_contract(
    classifier: Classifier, written: tuple[Path, OnnxFile]
) -> None:
    session = onnxruntime.InferenceSession(written[0])
    about = session.get_modelmeta()
    assert about.custom_metadata_map["labels"].split() == ["happy", "sad", "neutral", "other"]
    assert json.loads(about.custom_metadata_map["contract"]) == classifier.contract.details
    assert (about.producer_name, about.graph_name) == ("happysad", classifier.contract.name)
    (taken,), (given,) = session.get_inputs(), session.get_outputs()
    assert (taken.name, taken.type, taken.shape) == ("image", "tensor(uint8)", [1, 48, 48, 1])
    assert (given.name, given.type, given.shape) == ("logits", "tensor(float)", [1, 4])


def test_the_few_lines_of_the_page_give_the_devices_answer(
    classifier: Classifier,
    written: tuple[Path, OnnxFile],
    drawn: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(written[0].parent)
    assert cv2.imwrite("face.png", drawn[0])
    (lines,) = blocks(PAGE, "python")
    exec(lines, {})
    label, *shares = capsys.readouterr().out.replace("[", " ").replace("]", " ").split()
    expected = shares_of(np.array([classifier.scores_of(drawn[0])]))[0]
    assert label == ("happy", "sad", "neutral", "other")[int(expected.argmax())]
    assert [float(share) for share in shares] == pytest.approx(expected.tolist(), abs=0.1)


def test_a_file_that_answers_otherwise_is_not_written(drawn: np.ndarray, tmp_path: Path) -> None:
    classifier = Classifier(SHIPPED_MODEL)
    head = read_head(classifier.content)
    turned = Head(head.weights[::-1], head.bias[::-1])
    # The file is converted, and the interpreter has another head: as of a converter that errs.
    classifier.content = with_head(classifier.content, turned, np.array([[-15.0, 15.0]]))
    with pytest.raises(OnnxError, match=r"nothing written: .* steps \(8 are normal\)"):
        write_onnx(tmp_path / "faces.onnx", classifier, drawn)
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_missing_is_named(
    classifier: Classifier, drawn: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(OnnxError) as refused:
        write_onnx(tmp_path / "faces.onnx", classifier, drawn)
    assert str(refused.value) == (
        "nothing written: tf2onnx is not installed, which ONNX files are made with: "
        f"{sys.executable} -m pip install -e '.[onnx]'"
    )


def test_the_shipped_model_is_converted_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    app(["faces", "--format", "onnx", "--runs", str(tmp_path)], standalone_mode=False)
    told = capsys.readouterr()
    for expected in ("model       faces.onnx", "48 drawn faces", "ONNX operators of version 18"):
        assert expected in told.out
    assert told.err.splitlines()[0] == f"exporting {SHIPPED_MODEL}"
    assert [path.name for path in tmp_path.iterdir()] == ["faces.onnx"]
