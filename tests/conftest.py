"""Fixtures: the real chain from drawn faces to an exported model, and pictures, once a session."""

import os
import signal
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["HAPPYSAD_HOME"] = "/nowhere"  # models that the user has installed are not the tests'

import numpy as np
import pytest

from data import read_listing
from data.drawing import draw_set
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import SIDE, Chain
from tests.support.checkout import copied, make
from tests.support.photographs import film, photograph
from tests.support.turns import once

# A shell starts what runs in the background with SIGINT ignored, which every child would inherit.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def make_chain(home: Path) -> None:
    checkout = copied(home / "happysad")
    images = checkout / "data" / "drawn"
    draw_set(images)
    for target, arguments in (
        ("train", f"--data {images} --size {SIDE} --name demo"),
        ("export", "demo --allow-drop --answers"),
    ):
        done = make(checkout, target, f"ARGS={arguments}")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    checkout = once(tmp_path_factory, "chain", make_chain) / "happysad"
    run = checkout / "runs" / "demo"
    files = read_listing(run / "images.csv")
    return Chain(
        checkout / "data" / "drawn", run, tuple(file for file in files if file.part == "test")
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that need the chain come first: one process makes it, and no other waits for it."""
    items.sort(key=lambda item: "chain" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of five people: the astronaut five times, the largest first."""
    canvas = np.full((520, 800, 3), (90, 110, 100), np.uint8)
    head = read_image(photograph("astronaut.png"))[20:240, 110:330]
    for side, left, top in (
        (240, 20, 20), (220, 290, 10), (200, 560, 30), (180, 130, 300), (160, 470, 320)
    ):  # fmt: skip
        canvas[top : top + side, left : left + side] = cv2.resize(head, (side, side))
    path = tmp_path_factory.mktemp("group") / "group.png"
    assert cv2.imwrite(str(path), canvas)
    return path


@pytest.fixture(scope="session")
def smile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 72 frames, 30 a second: an empty room, and from frame 24 on one who smiles."""
    room = cv2.resize(read_image(photograph("coffee.png")), (640, 480))
    person = cv2.resize(read_image(photograph("astronaut.png")), (480, 480))
    frames = [room] * 24
    for index in range(48):
        frames.append(room.copy())
        frames[-1][:, 60 + index : 540 + index] = person
    return film(tmp_path_factory.mktemp("smile") / "smile.mp4", frames)


@pytest.fixture(scope="session")
def empty_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 40 frames, in which the camera turns in a room without people."""
    room = cv2.resize(read_image(photograph("coffee.png")), (680, 480))
    frames = [room[:, start : start + 640] for start in range(40)]
    return film(tmp_path_factory.mktemp("room") / "room.mp4", frames)
