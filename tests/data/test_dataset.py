"""A dataset: what the arrays hold, what is left out, and when there is nothing to train on."""

import json
import re
import shutil
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest

from data import CLASSES, DatasetError, load_dataset
from data.drawing import draw_set
from data.folder import AUXILIARY, LABELS, PARTS
from edge.images.image_file import read_image
from edge.images.preprocess import InputSpec, prepare

SPEC = InputSpec(24, 20, 3)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    directory = tmp_path_factory.mktemp("drawn")
    draw_set(directory, per_class=30)
    return directory


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "faces")


def fingerprint(directory):
    return load_dataset(directory, SPEC).fingerprint


def test_every_image_is_in_one_part_as_the_device_would_see_it(drawn):
    steps = Counter()

    @contextmanager
    def bar(length, label):
        yield lambda: steps.update([label])
        assert steps[label] == length

    dataset = load_dataset(drawn, SPEC, progress_bar=bar)
    parts = [getattr(dataset, name) for name in PARTS]
    assert sum(len(part.paths) for part in parts) == 60
    assert steps == {"reading": 60, "comparing": 1}
    assert len({path for part in parts for path in part.paths}) == 60
    for part in parts:
        assert part.pixels.shape == (len(part.paths), 20, 24, 3)
        assert (part.pixels.dtype, part.is_sad.dtype) == (np.uint8, bool)
        assert part.neutral.shape == (0, 20, 24, 3)
        assert len(part.groups) == len(part.paths)
        for pixels, is_sad, path in zip(part.pixels, part.is_sad, part.paths, strict=True):
            assert CLASSES[int(is_sad)] == path.parent.name
            np.testing.assert_array_equal(pixels, prepare(read_image(path), SPEC))


def test_a_part_without_images_has_empty_arrays_of_the_right_shape(drawn, tmp_path):
    for label in CLASSES:
        for i in range(3):
            (tmp_path / label).mkdir(exist_ok=True)
            shutil.copy(drawn / label / "drawn-0001.png", tmp_path / label / f"{i}.png")
    dataset = load_dataset(tmp_path, SPEC)
    assert dataset.test.pixels.shape == (0, 20, 24, 3)
    assert dataset.notes == [
        f"no {label} images in validation or test: the {label} images all look alike"
        for label in CLASSES
    ]


def test_neutral_images_have_a_place_of_their_own(folder):
    shutil.move(folder / "sad", folder / "neutral")
    draw_set(folder, per_class=30, seed=1)
    for label in CLASSES:
        assert len(list((folder / label).iterdir())) == 30
    dataset = load_dataset(folder, SPEC)
    assert sum(len(getattr(dataset, part).neutral) for part in PARTS) == 30
    assert sum(dataset.images[part]["neutral"] for part in PARTS) == 30


def test_the_summary_counts_and_is_json(folder):
    (folder / "sad" / "broken.png").write_bytes(b"no image")
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "happy" / "copy.png")
    dataset = load_dataset(folder, SPEC)
    summary = json.loads(json.dumps(dataset.summary()))
    assert set(summary) == {"images", "groups", "unreadable", "left_out", "notes"}
    assert (summary["unreadable"], len(dataset.unreadable)) == (1, 1)
    assert summary["left_out"] == {"identical images with different labels": 2}
    assert sum(summary["images"][part]["sad"] for part in PARTS) == 29


def test_the_fingerprint_knows_content_and_labels_but_not_names(folder):
    before = fingerprint(folder)
    (folder / "sad" / "drawn-0001.png").rename(folder / "sad" / "renamed.png")
    assert fingerprint(folder) == before
    (folder / "sad" / "renamed.png").rename(folder / "happy" / "moved.png")
    assert fingerprint(folder) != before


def test_a_class_that_cannot_be_read_at_all_is_an_error(folder):
    for path in (folder / "sad").iterdir():
        path.write_bytes(b"")
    message = (
        f"no sad image to train on in {folder}: 30 cannot be read, 0 left out: "
        f"run 'python -m data check {folder}'"
    )
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        load_dataset(folder, SPEC)


def test_images_of_every_kind_keep_their_pixels_when_they_are_put_in_order(folder):
    for label in ("neutral", "angry", "fear"):
        draw_set(folder / label, per_class=30, seed=len(label))
    labels = (*LABELS, *AUXILIARY)
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "happy" / "copy.png")
    dataset = load_dataset(folder, SPEC, labels=labels)
    kept = dict.fromkeys(("pixels", "neutral", "auxiliary"), 0)
    for part in dataset.parts:
        paths = {
            "pixels": part.paths,
            "neutral": part.neutral_paths,
            "auxiliary": part.auxiliary_paths,
        }
        for kind in kept:
            expected = [prepare(read_image(path), SPEC) for path in paths[kind]]
            np.testing.assert_array_equal(getattr(part, kind), expected)
            kept[kind] += len(expected)
    assert kept == {"pixels": 59, "neutral": 60, "auxiliary": 120}


def test_the_parts_share_the_memory_of_one_array(drawn):
    dataset = load_dataset(drawn, SPEC)
    (whole,) = {id(part.pixels.base): part.pixels.base for part in dataset.parts}.values()
    assert whole.nbytes == 60 * SPEC.width * SPEC.height * SPEC.channels
