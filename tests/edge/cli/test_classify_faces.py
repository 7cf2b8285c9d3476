"""`python -m edge classify --crop face`: a line for each face, and no_face where there is none."""

import json
import shutil
from pathlib import Path

import pytest

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from edge.model.archive import CONTRACT_NAME
from tests.support.chain import ROOT, Chain
from tests.support.command import FIELDS, edge
from tests.support.model_archive import archive, repacked
from tests.support.photographs import photograph


def answers(chain: Chain, *arguments: object) -> list[dict[str, object]]:
    done = edge("classify", "--json", "-m", chain.model_path, "--crop", "face", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_face_is_answered_with_its_box(chain: Chain, group: Path) -> None:
    height, width = read_image(group).shape[:2]
    found = answers(chain, group)
    assert len(found) == 5
    for answer in found:
        assert list(answer) == FIELDS
        x, y, wide, high = answer["box"]
        assert 0 <= x < x + wide <= width
        assert 0 <= y < y + high <= height
        assert answer["label"] in ("happy", "sad", "unsure")
        assert 0 <= answer["p_happy"] <= 1
        assert answer["reason"] is None
        assert answer["latency_ms"] > 0
    sides = [max(answer["box"][2:]) for answer in found]
    assert sides == sorted(sides, reverse=True)


def test_short_range_alone_finds_fewer_of_a_group(chain: Chain, group: Path) -> None:
    assert 0 < len(answers(chain, group, "--detector", "short")) < 5
    assert len(answers(chain, group, "--detector", "full")) == 5


def test_a_picture_without_a_face_is_no_face_and_no_error(chain: Chain) -> None:
    cup = photograph("coffee.png")
    (answer,) = answers(chain, cup)
    assert answer["latency_ms"] > 0
    del answer["latency_ms"]
    assert answer == {
        "schema_version": 2, "path": str(cup), "frame": None, "time_s": None, "box": None,
        "label": "no_face", "p_happy": None, "p_sad": None, "p_neutral": None, "reason": None,
        "band": None,
    }  # fmt: skip
    done = edge("classify", "-m", chain.model_path, "--crop", "face", cup)
    assert done.returncode == 0
    assert done.stdout.split() == ["no_face", "-", str(cup)]
    assert done.stderr.startswith("1 no_face, ")


def test_a_face_that_cannot_be_judged_is_unsure_with_the_reason(
    chain: Chain, tmp_path: Path
) -> None:
    blurred = tmp_path / "blurred.png"
    portrait = read_image(photograph("astronaut.png"))
    cv2.imwrite(str(blurred), cv2.GaussianBlur(portrait, (0, 0), 5))
    (answer,) = answers(chain, blurred)
    assert (answer["label"], answer["p_happy"]) == ("unsure", None)
    assert answer["reason"] == "too_blurred"
    done = edge("classify", "-m", chain.model_path, "--crop", "face", blurred)
    x, y, width, height = answer["box"]
    assert done.stdout == (
        f"unsure   -      {blurred}  face {width}x{height} at {x},{y}, too blurred\n"
    )


def test_every_frame_of_a_video_is_answered(chain: Chain, smile: Path) -> None:
    found = answers(chain, smile)
    assert [answer["frame"] for answer in found] == list(range(72))
    assert {answer["label"] for answer in found[:24]} == {"no_face"}
    assert all(answer["box"] for answer in found[24:])


def test_copies_show_the_boxes_on_the_picture(
    chain: Chain, group: Path, smile: Path, tmp_path: Path
) -> None:
    cup = photograph("coffee.png")
    answers(chain, group, smile, cup, "--save", tmp_path)
    original, copy = read_image(group), read_image(tmp_path / "group-answer.png")
    assert copy.shape[0] == original.shape[0] // 2 * 2  # no strip below
    for answer in answers(chain, group):
        x, y, _, height = answer["box"]
        left, bottom = copy[y + height // 2, x], original[y + height // 2, x]
        assert (left != bottom).any()
    assert not (copy[-20:] != original[: copy.shape[0]][-20:]).any()
    copied = cv2.VideoCapture(str(tmp_path / "smile-answer.mp4"))
    assert copied.get(cv2.CAP_PROP_FRAME_COUNT) == 72
    corner = read_image(tmp_path / "coffee-answer.png")[:8, :8]
    assert (corner != read_image(cup)[:8, :8]).any()


@pytest.fixture
def face_model(chain: Chain, tmp_path: Path) -> Path:
    """The drawn faces' model, said to be one for faces with a crop of its own."""
    content = chain.model_path.read_bytes()
    details = json.loads(archive(content).read(CONTRACT_NAME))
    details |= {"crop": "face", "face": {"margin": 1.5, "shift": -0.05}}
    path = tmp_path / "model.tflite"
    path.write_bytes(repacked(content, contract=json.dumps(details).encode()))
    return path


def test_the_model_file_says_that_it_wants_faces_and_how(face_model: Path) -> None:
    face = photograph("astronaut.png")
    done = edge("classify", "--json", "-m", face_model, face)
    assert json.loads(done.stdout)["box"]
    done = edge("classify", "--json", "-m", face_model, face, "--crop", "frame")
    assert json.loads(done.stdout)["box"] is None
    assert "crop: face (1.5 times the face's box, shifted by -0.05)" in edge(
        "info", face_model
    ).stdout  # fmt: skip


def test_edge_alone_with_the_model_that_it_ships_needs_no_option(
    face_model: Path, tmp_path: Path
) -> None:
    device = tmp_path / "device"
    shutil.copytree(ROOT / "edge", device / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    shipped = device / "edge" / "models" / "faces.tflite"
    shutil.copy(face_model, shipped)
    command = ("classify", photograph("astronaut.png"))
    done = edge(*command, cwd=device)
    assert done.returncode == 0, done.stderr
    assert f"(demo, {shipped}, " in done.stderr
    newer = device / "runs" / "mine" / "model.tflite"
    newer.parent.mkdir(parents=True)
    shutil.copy(face_model, newer)
    done = edge(*command, cwd=device)
    assert f"(demo, {newer}, " in done.stderr


def test_a_device_without_the_detector_says_what_to_run(face_model: Path, tmp_path: Path) -> None:
    device = tmp_path / "device"
    ignored = shutil.ignore_patterns("__pycache__", "face_detection_*.tflite")
    shutil.copytree(ROOT / "edge", device / "edge", ignore=ignored)
    done = edge("classify", "-m", face_model, "x.png", cwd=device)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: no face detector at {device}/edge/models/face_detection_short_range.tflite: "
        "run 'python -m edge fetch-detector'"
    ]
