"""A few pictures of every kind, and what one machine answers for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from data.drawing import draw_face
from edge import HappySadError, load
from edge.images.image_file import read_image
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
    return sorted((row for path in pictures.rglob("*.*") for row in _answered(path)), key=_place)


def _place(row: Row) -> tuple[str, int]:
    return row["path"], row["face"] or 0


_loaded = []


def _answered(path: Path) -> Iterator[Row]:
    if path.suffix == ".txt" or path.name.startswith("."):
        return
    if not _loaded:
        _loaded.append(load())
    nothing = dict.fromkeys(("face", "box", "label", "p_happy", "p_sad", "p_neutral", "reason"))
    try:
        answers = _loaded[0](path)
    except HappySadError as error:
        reason = str(error).rpartition(".jpg: ")[2]
        yield nothing | {"path": str(path), "error": reason}
        return
    for number, answer in enumerate(answers, 1):
        yield nothing | {
            "path": str(path), "face": number if answer.box else None, "label": answer.label,
            "box": list(answer.box) if answer.box else None, "reason": answer.reason,
            "error": None, **answer.probabilities,
        }  # fmt: skip
