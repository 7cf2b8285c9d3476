"""Faces of people in photographs, films and FER2013, where they lie beside the checkout."""

import json

import numpy as np
import pytest

from edge.faces.crop import crop_face
from edge.faces.detector import FaceDetector
from edge.faces.quality import refusal
from edge.machine.opencv import cv2
from tests.support.command import edge
from tests.support.photographs import fer2013, frames, media


def labels(name: str) -> list[str]:
    """What the shipped model answers for a picture or video."""
    done = edge("classify", "--json", "-m", "faces", media(name))
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["label"] for line in done.stdout.splitlines()]


def test_five_smiling_people_are_found_and_none_of_them_is_called_sad() -> None:
    found = labels("multi_face.jpg")
    assert len(found) == 5
    assert "sad" not in found
    assert found.count("happy") >= 3


def test_a_face_that_begins_to_smile_turns_happy_and_stays_so() -> None:
    found = labels("single_face.mp4")
    assert len(found) == 72
    assert "happy" not in found[:10]
    assert set(found[30:70]) == {"happy"}
    assert found[71] == "neutral"  # the mouth has closed


def test_the_live_runner_says_so_in_two_changes() -> None:
    done = edge("webcam", "--json", "-m", "faces", media("single_face.mp4"))
    found = [json.loads(line)["label"] for line in done.stdout.splitlines()]
    assert found == ["neutral", "happy"]


def test_a_cartoon_has_no_face() -> None:
    assert set(labels("no_face.mp4")) == {"no_face"}


@pytest.mark.parametrize("range_", ["auto", "short", "full"])
def test_no_face_is_found_in_a_cartoon_without_people(range_: str) -> None:
    finder = FaceDetector(range_)
    assert {len(finder.detect(frame)) for frame in frames(media("no_face.mp4"))} == {0}


def test_ordinary_faces_of_few_pixels_pass_and_blurred_ones_do_not() -> None:
    detector = FaceDetector()
    passed, blurred = [], []
    for image in fer2013(250):
        picture = cv2.resize(image, (150, 150), interpolation=cv2.INTER_CUBIC)
        picture = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_REPLICATE)
        for face in detector.detect(picture)[:1]:
            said = refusal(picture, face, crop_face(picture, face))
            if said == "turned_away":  # some of them are: 10 of 240
                continue
            passed.append(said is None)
            eyes = face.keypoints[1] - face.keypoints[0]  # left and right
            soft = cv2.GaussianBlur(picture, (0, 0), 0.13 * float(np.linalg.norm(eyes)))
            blurred.append(refusal(soft, face, crop_face(soft, face)) == "too_blurred")
    assert len(passed) > 180
    assert np.mean(passed) > 0.98
    assert np.mean(blurred) > 0.98
