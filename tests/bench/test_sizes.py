"""Models of several sizes are measured on the same faces, and drawn."""

import shutil
from pathlib import Path

import pytest

from bench.sizes import Size, draw, measure, sizes, table_text
from data import LabelledFile, RunError
from edge.classifier import Classifier
from edge.errors import OutputError
from edge.machine.opencv import cv2
from edge.model.choice import SHIPPED_MODEL
from tests.support.three_answers import BRIGHTNESS, picture


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Size]:
    folder = tmp_path_factory.mktemp("faces")
    files = []
    for label in BRIGHTNESS:
        for number in range(3):
            path = folder / f"{label}{number}.png"
            cv2.imwrite(str(path), picture(label, number))
            files.append(LabelledFile(str(path), label, "validation"))
    shipped = Classifier(SHIPPED_MODEL)
    return measure({"one": shipped, "other": shipped}, files, 1, None)


def test_each_is_scored_on_the_faces_of_the_three_answers(found: list[Size]) -> None:
    one, other = found
    assert (one.name, other.name) == ("one", "other")
    assert one.figures == other.figures
    assert one.figures.images == 9
    assert one.figures.others_unsure is not None
    assert 0.3 < one.megabytes < 0.4
    assert 28 < one.mega_macs < 30


def test_the_table_has_a_row_for_each(found: list[Size]) -> None:
    titles, _, *rows = table_text(found).splitlines()
    assert "million multiply-adds" in titles
    assert [row.split(" | ")[0] for row in rows] == ["| one", "| other"]
    assert len({line.count("|") for line in table_text(found).splitlines()}) == 1


def test_the_plot_is_a_png(found: list[Size], tmp_path: Path) -> None:
    draw(tmp_path / "sizes.png", found)
    assert cv2.imread(str(tmp_path / "sizes.png")).shape[1] > 1000


def test_a_run_without_an_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match=r"^no .*model\.tflite: run 'make train' and 'make export' f"
    ):
        sizes([tmp_path])


def test_a_run_without_validation_images_is_said_to_have_none(tmp_path: Path) -> None:
    shutil.copyfile(SHIPPED_MODEL, tmp_path / "model.tflite")
    (tmp_path / "images.csv").write_text("path,label,part\na.png,happy,train\n")
    with pytest.raises(RunError, match="no faces that are clearly happy or neutral or sad to"):
        sizes([tmp_path], others=False, rounds=1, out=tmp_path)


def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    shutil.copyfile(SHIPPED_MODEL, tmp_path / "model.tflite")
    with pytest.raises(OutputError, match="is not a folder"):
        sizes([tmp_path], out=tmp_path / "model.tflite")
