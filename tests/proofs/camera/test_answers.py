"""What `webcam` answers on a real video device: a face and none, in all forms of picture."""

import json
from typing import Any

import numpy as np
import pytest

from edge.machine.opencv import cv2
from tests.proofs.camera.films import FIELDS, field
from tests.proofs.camera.guest.programs import FIRST, PACKAGES, SMILE
from tests.proofs.camera.virtual_machine import Evidence
from tests.support.photographs import frames, media

NUMPY_1 = PACKAGES[1]
# OpenCV 4.11, the newest for numpy 1, makes one row of a picture in BGR3.
READ = [
    pytest.param(packages, form, marks=pytest.mark.essential if (packages, form) == SMILE else ())
    for packages in PACKAGES
    for form in ("YUYV", "MJPG", "BGR3", "GREY")
    if (packages, form) != (NUMPY_1, "BGR3")
]
OFF = 16  # of 255, by which a colour may be off after being JPEG twice


def run(evidence: Evidence, film: str, packages: str = FIRST) -> dict[str, Any]:
    return evidence.of(f"{packages} {film}")


def answers(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run["out"]]


def labels(run: dict[str, Any]) -> list[str]:
    return [answer["label"] for answer in answers(run)]


@pytest.mark.parametrize(("packages", "form"), READ)
def test_a_smile_is_happy_in_every_form_of_picture(
    evidence: Evidence, packages: str, form: str
) -> None:
    seen = run(evidence, form, packages)
    assert labels(seen)[-1] == "happy", seen
    (x, y, width, height) = answers(seen)[-1]["box"]
    assert 180 < x + width / 2 < 400  # the middle of the photograph is at 320
    assert 40 < y + height / 2 < 200
    assert seen["code"] == 0


@pytest.mark.parametrize(("packages", "form"), READ)
def test_the_colours_are_right_where_there_are_any(
    evidence: Evidence, packages: str, form: str
) -> None:
    run(evidence, form, packages)
    video = list(frames(evidence.folder / f"{packages} {form}.avi"))
    for name, (colour, _) in FIELDS.items():
        expected = np.array(colour, np.uint8)
        if form == "GREY":
            grey = cv2.cvtColor(expected.reshape(1, 1, 3), cv2.COLOR_BGR2GRAY)
            expected = np.repeat(grey, 3)
        # What was seen for long is in the video many times; one damaged frame is no wrong colour.
        seen = np.unique([field(name, frame).round() for frame in video], axis=0)
        assert np.abs(np.median(seen, axis=0) - expected).max() < OFF, name


def test_a_form_that_opencv_misreads_is_refused_in_one_line(evidence: Evidence) -> None:
    seen = run(evidence, "BGR3", NUMPY_1)
    assert {answer["reason"] for answer in answers(seen)} == {"no_camera"}
    news = [line for line in seen["err"] if line.startswith("camera: ")]
    assert len(news) == 1
    assert "gives frames of shape (1, 921600, 3), which are no pictures; trying again" in news[0]


def test_where_nobody_is_the_answer_is_no_face(evidence: Evidence) -> None:
    seen = run(evidence, "nobody")
    assert set(labels(seen)) == {"no_face"}
    assert answers(seen)[0]["reason"] is None


def test_no_memory_is_in_huge_pages_where_the_kernel_gives_them_unasked(
    evidence: Evidence,
) -> None:
    for packages in PACKAGES:
        seen = run(evidence, "YUYV", packages)
        assert "[always]" in seen["huge pages"]
        memory_kb = seen["memory_kb"]
        assert memory_kb["Rss"] > 0
        assert memory_kb["AnonHugePages"] == 0, memory_kb


def test_a_real_photograph_and_a_real_video_of_a_smile_are_happy(evidence: Evidence) -> None:
    media("single_face.jpg")
    assert labels(run(evidence, "photo"))[-1] == "happy"
    assert labels(run(evidence, "video"))[-1] == "happy"


def test_a_real_video_of_a_room_has_no_face(evidence: Evidence) -> None:
    media("no_face.mp4")
    assert set(labels(run(evidence, "empty room"))) == {"no_face"}
