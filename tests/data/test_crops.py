"""Photographs become training pictures: the largest face, cropped as the device crops it."""

import subprocess
import sys
from pathlib import Path

import pytest

from data.crops import crop_faces
from data.errors import DatasetError
from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.photographs import photograph

MODEL = ROOT / "edge" / "models" / "faces.tflite"


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A face, a cup, and a file that is no picture."""
    for label, name in (("happy", "astronaut.png"), ("sad", "coffee.png")):
        (tmp_path / "photos" / label).mkdir(parents=True)
        (tmp_path / "photos" / label / name).write_bytes(photograph(name).read_bytes())
    (tmp_path / "photos" / "happy" / "broken.jpg").write_text("no picture")
    image = read_image(photograph("astronaut.png"))
    cv2.imwrite(str(tmp_path / "photos" / "happy" / "astronaut.jpg"), image)
    return tmp_path / "photos"


def test_faces_are_cropped_and_what_has_none_is_named(photographs: Path, tmp_path: Path) -> None:
    done = crop_faces(photographs, tmp_path / "crops")
    names = [path.relative_to(tmp_path / "crops").as_posix() for path in done.written]
    assert names == ["happy/astronaut.png", "happy/astronaut-2.png"]
    assert all(path.is_file() for path in done.written)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crops", "photos"]
    assert {path.name: reason for path, reason in done.skipped} == {
        "broken.jpg": "not an image (starts with b'no picture')",
        "coffee.png": "no face",
    }


def test_the_model_sees_in_a_crop_what_it_sees_on_the_device(
    photographs: Path, tmp_path: Path
) -> None:
    crop = crop_faces(photographs, tmp_path / "crops").written[1]
    classifier = Classifier(MODEL)
    (on_device,) = FaceClassifier(classifier, FaceDetector()).classify(
        read_image(photograph("astronaut.png"))
    )
    assert classifier.p_happy(read_image(crop)) == on_device.p_happy


def test_a_folder_that_holds_something_is_left_alone(photographs: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is there already: name a new folder"):
        crop_faces(photographs, photographs)
    assert len(list(photographs.rglob("*.*"))) == 4


def test_the_command_says_what_it_did(photographs: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "data", "crop-faces", str(photographs), str(tmp_path / "crops")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"2 faces cropped to {tmp_path / 'crops'} (2 happy, 0 sad), 2 skipped\n"
    assert "coffee.png: no face" in done.stderr
