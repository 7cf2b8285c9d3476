"""The commands of README and docs/ work as they stand, in a copy of the checkout."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.drawing import draw_set
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.checkout import copied, make
from tests.support.pages import README, commands, said_commands

TRAINING = ROOT / "docs" / "training.md"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout."""
    return copied(tmp_path_factory.mktemp("readme") / "happysad")


def test_make_alone_lists_the_targets_in_pipeline_order(checkout: Path) -> None:
    targets = re.findall(r"^make ([\w-]+)", make(checkout).stdout, re.MULTILINE)
    order = ["demo", "check", "train", "export", "classify", "test", "lint", "clean"]
    assert [target for target in targets if target in order] == order


@pytest.mark.long
def test_make_demo_ends_with_the_table_and_the_sheet(checkout: Path) -> None:
    assert commands(TRAINING, "## The whole chain on drawn faces") == ["make demo"]
    done = make(checkout, "demo")
    assert done.returncode == 0, done.stderr
    for expected in ("answer  p(happy)", "accuracy ", "model size ", "ms an image"):
        assert expected in done.stdout
    sheet = checkout / "runs" / "demo" / "answers.png"
    assert done.stdout.splitlines()[-1] == f"sheet       {sheet}"
    assert read_image(sheet).shape[1] > 1000
    accuracy = float(re.search(r"^accuracy +([\d.]+)%", done.stdout, re.MULTILINE)[1])
    assert accuracy >= 75  # 90 % of 48 images where it was written; chance is 50 %


@pytest.mark.long
def test_a_stranger_trains_on_two_folders_of_their_own(checkout: Path) -> None:
    steps = commands(README, "## Train your own")
    assert steps == commands(TRAINING, "## Your own pictures")
    assert steps == ["make check", "make train", "make export", "make classify FILES=photo.jpg"]
    draw_set(checkout / "mine", per_class=20, seed=5)
    for label in ("happy", "sad"):
        for picture in (checkout / "mine" / label).iterdir():
            picture.rename(checkout / "data" / label / f"photo {picture.name}")
    shutil.copy(next((checkout / "data" / "sad").iterdir()), checkout / "photo.jpg")
    for step in steps:
        arguments = step.split()[1:]
        if arguments == ["export"]:  # so few images that one of them is more than two points
            arguments.append("ARGS=--allow-drop")
        done = make(checkout, *arguments)
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        if step == "make export":
            (run,) = (path.parent.name for path in checkout.glob("runs/2*/model.tflite"))
            assert done.stderr.splitlines()[-1] == (
                "classify and webcam now answer with it where no model is named; the shipped "
                "model: --model faces (in make: MODEL=faces)"
            )
    assert done.stderr.splitlines()[0] == (
        f"runs/{run}/model.tflite answers, which was exported last; the shipped model: --model "
        "faces (in make: MODEL=faces)"
    )
    answer = done.stdout.splitlines()[-1].split()
    assert answer[0] in ("happy", "sad", "unsure")
    assert "photo.jpg" in answer  # what follows it is why an answer is unsure


def test_the_exercise_step_by_step_writes_pictures_without_a_display(checkout: Path) -> None:
    page = ROOT / "docs" / "exercise.md"
    assert said_commands(page)[0] == ".venv/bin/python happy_or_sad.py"
    images = checkout / "exercise"
    draw_set(images, per_class=12)
    done = subprocess.run(
        [sys.executable, "happy_or_sad.py", "exercise"],
        cwd=checkout, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for expected in (
        "sample happy image: exercise/happy/drawn-", "sample sad image: ",
        "shape: (150, 150, 3)", "largest pixel value: ", " epochs",
    ):  # fmt: skip
        assert expected in done.stdout
    for name in ("samples.png", "history.png"):
        assert (checkout / "runs" / "happy_or_sad" / name).exists()


def test_classify_without_files_says_how(checkout: Path) -> None:
    done = make(checkout, "classify")
    assert done.returncode == 2
    assert 'make classify FILES="photo.jpg other.png"' in done.stderr


def test_classify_takes_files_with_spaces_options_and_a_model(checkout: Path) -> None:
    picture = np.zeros((60, 60, 3), np.uint8)
    assert cv2.imwrite(str(checkout / "all black.png"), picture)
    options = ("FILES='all black.png'", "MODEL=faces", "ARGS=--json --crop frame")
    done = make(checkout, "classify", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["path"] == "all black.png"
    assert "faces.tflite" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("classify", "FILE=a.jpg"), "classify does not take FILE: it takes ARGS FILES MODEL."),
        (("train", "data=faces"), "train does not take data: it takes ARGS DATA."),
        (("demo", "ARGS=--augment"), "demo does not take ARGS: it takes no variables."),
        (("check", "train", "FILES=x"), "check train does not take FILES: it takes ARGS DATA."),
    ],
)
def test_a_variable_that_a_target_does_not_take_is_refused(
    checkout: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = make(checkout, *arguments)
    assert done.returncode == 2
    assert f"*** make {message}  Stop.\n" in done.stderr
    assert len(done.stderr.splitlines()) == 1
