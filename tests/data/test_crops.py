"""Photographs become training pictures: the largest face, cropped as the device crops it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.crops import are_photographs, crop_faces
from data.errors import DatasetError
from data.folder import LabelledFile, list_files
from data.labels import ANSWERS
from data.votes import COLUMNS, read_votes, write_votes
from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.command import run_module
from tests.support.photographs import photograph
from train.photographs import crops_of, training_pictures
from train.settings import Settings

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
        "broken.jpg": "not an image (starts with 'no picture')",
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


def test_photographs_are_told_from_crops_of_faces(photographs: Path, tmp_path: Path) -> None:
    assert are_photographs(list_files(photographs))
    crops = crop_faces(photographs, tmp_path / "crops").written
    faces = [LabelledFile(str(path), "happy", None) for path in crops]
    assert not are_photographs(faces)
    small = tmp_path / "small.png"  # as FER2013's: too small to look for a face in
    cv2.imwrite(str(small), np.zeros((48, 48), np.uint8))
    assert not are_photographs([LabelledFile(str(small), "sad", None)])


def test_a_training_for_faces_crops_photographs_and_says_so(
    photographs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(photographs), model="compact", init="faces", crop="face")
    found = training_pictures(tmp_path / "run", settings, ANSWERS, resume=False)
    note = (
        "the pictures are photographs: 2 faces cropped out of them, as the device does, 2 left out "
        "without one to judge"
    )
    crops = tmp_path / "run" / "crops"
    assert found == (crops, [note])
    assert len(list(crops.rglob("*.png"))) == 2
    said = capsys.readouterr().err
    assert f"skipped: {photographs}/sad/coffee.png: no face\n" in said
    assert f"{note}; the crops are in {crops}\n" in said
    # An interrupted run goes on with its crops; a model that is shown whole pictures gets them.
    (tmp_path / "run" / "checkpoint").mkdir()
    (tmp_path / "run" / "checkpoint" / "config.json").write_text('{"crops": "crops"}')
    assert training_pictures(tmp_path / "run", settings, ANSWERS, resume=True) == (crops, [])
    frames = replace(settings, crop="frame")
    assert training_pictures(tmp_path / "run", frames, ANSWERS, resume=False) == (photographs, [])


def test_crops_do_not_outlive_a_training_that_ended_with_nothing(tmp_path: Path) -> None:
    for kept in (None, "config.json", "checkpoint/config.json"):
        run = tmp_path / "runs" / str(kept).replace("/", "-")
        (run / "crops-2").mkdir(parents=True)
        if kept:
            (run / kept).parent.mkdir(exist_ok=True)
            (run / kept).write_text('{"crops": "crops-2"}')

        def fail(run: Path = run) -> None:
            with crops_of(run):
                (run / "crops").mkdir(parents=True)
                raise DatasetError("no sad image")

        with pytest.raises(DatasetError):
            fail()
        assert not (run / "crops").exists()
        assert (run / "crops-2").exists() == run.exists() == bool(kept)


def test_a_run_that_is_overwritten_has_its_crops_until_the_new_one_is_whole(
    photographs: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    (run / "crops" / "happy").mkdir(parents=True)
    (run / "crops" / "happy" / "old.png").touch()
    (run / "config.json").write_text("{}")  # as older versions wrote it
    settings = Settings(data=str(photographs), model="compact", init="faces", crop="face")
    with crops_of(run):
        new, _ = training_pictures(run, settings, ANSWERS, resume=False)
    assert new == run / "crops-2"
    assert (run / "crops" / "happy" / "old.png").exists()
    with crops_of(run):  # the next one, after that was killed
        pass
    assert sorted(path.name for path in run.iterdir()) == ["config.json", "crops"]
    for damaged in ("[]", "{"):
        (run / "config.json").write_text(damaged)
        with crops_of(run):
            pass
        assert (run / "crops" / "happy" / "old.png").exists()


def test_crops_keep_the_votes_on_their_photographs(photographs: Path, tmp_path: Path) -> None:
    seen = np.zeros(len(COLUMNS), np.float32)
    seen[:3] = 6, 3, 1
    write_votes(photographs, {photographs / "happy" / "astronaut.jpg": seen})
    crop_faces(photographs, tmp_path / "crops")
    (voted,) = read_votes(tmp_path / "crops").items()
    assert voted[0] == "happy/astronaut.png"
    assert voted[1].tolist() == seen.tolist()


def test_a_folder_that_holds_something_is_left_alone(photographs: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is there already: name a new folder"):
        crop_faces(photographs, photographs)
    assert len(list(photographs.rglob("*.*"))) == 4


def test_the_command_says_what_it_did(photographs: Path, tmp_path: Path) -> None:
    done = run_module("data", "crop-faces", photographs, tmp_path / "crops")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"2 faces cropped to {tmp_path / 'crops'} (2 happy, 0 sad), 2 skipped\n"
    assert "coffee.png: no face" in done.stderr
