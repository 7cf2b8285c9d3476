"""Whether teaching helps on other faces: measured on a few."""

from pathlib import Path

import numpy as np
import pytest

from bench.taught import KINDS, Row, measure, row_text
from edge.machine.opencv import cv2
from tests.support.expressions import BENT, crops


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    for seed, label in enumerate([*BENT, "angry"]):
        (folder / label).mkdir()
        for number, crop in enumerate(crops(label if label in BENT else "sad", 24, seed)):
            small = cv2.resize(crop, (48, 48), interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(folder / label / f"{number:02}.png"), small)
    return folder


def test_each_kind_is_taught_and_asked_about_the_others(faces: Path) -> None:
    row = next(measure(faces, [18], 1))
    assert (row.kind, row.count, row.draws) == ("as they are", 18, 1)
    assert row.before == pytest.approx(1 / 3, abs=0.1)  # the model takes all of them for happy
    assert len(row.gains) == 1
    assert row.gains[0] > 0.1
    assert not np.isnan(row.unsure).any()


@pytest.mark.parametrize("kind", KINDS)
def test_faces_of_every_kind_have_their_shape(kind: str) -> None:
    face = np.full((48, 48, 3), 200, np.uint8)
    changed = KINDS[kind](face)
    assert (changed.shape, changed.dtype) == (face.shape, np.uint8)


def test_a_row_says_what_was_won_each_time() -> None:
    row = Row("dark", 50, 0.654, (0.031, -0.002), 6, (0.5, 0.47))
    assert row_text(row) == "| dark | 50 | 65% | 2 of 6 | +3.1, -0.2 | 50%, then 47% |"
    none = Row("dark", 50, 0.654, (), 6, (np.nan, np.nan))
    assert row_text(none) == "| dark | 50 | 65% | 0 of 6 | - | - |"
