"""A few pictures of every kind, and what one machine answers for them."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from data.drawing import draw_face
from edge.images.image_file import read_image
from tests.support.archives import answers_of
from tests.support.chain import ROOT

Row = dict[str, Any]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen in three folders: a face, two faces, none, damaged ones; and what is no picture."""
    folder = tmp_path_factory.mktemp("archive") / "pictures"
    astronaut = read_image(ROOT / "docs" / "astronaut.jpg")
    drawn = np.random.default_rng(1)
    for name in ("a", "b/c", "b/d é"):
        (folder / name).mkdir(parents=True)
    for number in range(8):
        face = np.roll(astronaut, 5 * number, 1) if number < 3 else draw_face("sad", drawn)
        cv2.imwrite(str(folder / "a" / f"{number}.jpg"), face)
    cv2.imwrite(str(folder / "b" / "two.png"), np.hstack([astronaut, astronaut[:, ::-1]]))
    cv2.imwrite(str(folder / "b" / "c" / "small.jpg"), cv2.resize(astronaut, (64, 64)))
    cv2.imwrite(str(folder / "b" / "d é" / 'odd "name"\n.jpg'), astronaut[100:])
    (folder / "b" / "cut off.jpg").write_bytes((folder / "a" / "0.jpg").read_bytes()[:2000])
    (folder / "b" / "empty.jpg").touch()
    (folder / "b" / "text.jpg").write_text("no picture")
    (folder / "b" / ".hidden.jpg").write_text("not listed")
    (folder / "notes.txt").write_text("not listed")
    return folder


@pytest.fixture(scope="session")
def expected(pictures: Path) -> list[Row]:
    """What the library answers for them, one after the other: as rows without the model."""
    listed = (path for path in pictures.rglob("*.*") if path.suffix != ".txt")
    return answers_of(path for path in listed if not path.name.startswith("."))
