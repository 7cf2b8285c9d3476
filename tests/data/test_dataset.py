"""A dataset: what the arrays hold, what is left out, and when there is nothing to train on."""

import json
import re
import shutil
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest

from data import ANSWERS, CLASSES, LABELS, PARTS, DatasetError, load_dataset
from data.drawing import draw_set
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
        assert part.of("neutral").pixels.shape == (0, 20, 24, 3)
        assert len(part.groups) == len(part.paths)
        for pixels, label, path in zip(part.pixels, part.labels, part.paths, strict=True):
            assert label == path.parent.name
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


def test_a_part_is_narrowed_down_to_some_labels(folder):
    shutil.move(folder / "sad", folder / "neutral")
    draw_set(folder, per_class=30, seed=1)
    for label in CLASSES:
        assert len(list((folder / label).iterdir())) == 30
    dataset = load_dataset(folder, SPEC)
    neutral = [part.of("neutral") for part in dataset.parts]
    assert sum(len(part.pixels) for part in neutral) == 30
    for part, whole in zip(neutral, dataset.parts, strict=True):
        assert {path.parent.name for path in part.paths} == {"neutral"} == set(part.labels)
        others = whole.of(*CLASSES)
        assert len(others.paths) + len(part.paths) == len(whole.paths)
        assert not set(others.paths) & set(part.paths)
        for chosen in (part, others):
            groups = dict(zip(whole.paths, whole.groups.tolist(), strict=True))
            assert chosen.groups.tolist() == [groups[path] for path in chosen.paths]
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
    shutil.copy(folder / "sad" / "drawn-0001.png", folder / "happy" / "copy.png")
    dataset = load_dataset(folder, SPEC, labels=LABELS)
    kept = Counter()
    for part in dataset.parts:
        expected = [prepare(read_image(path), SPEC) for path in part.paths]
        np.testing.assert_array_equal(part.pixels, expected)
        kept.update(part.labels.tolist())
        ranks = [(label not in CLASSES) + (label not in ANSWERS) for label in part.labels]
        assert ranks == sorted(ranks)
    assert sum(kept[label] for label in CLASSES) == 59
    assert (kept["neutral"], kept["angry"], kept["fear"]) == (60, 60, 60)


def test_the_parts_share_the_memory_of_one_array(drawn):
    dataset = load_dataset(drawn, SPEC)
    for part in dataset.parts:
        pixels = part.of(*CLASSES).pixels
        assert np.shares_memory(pixels, part.pixels)
        assert len(pixels) == len(part.pixels)
    (whole,) = {id(part.pixels.base): part.pixels.base for part in dataset.parts}.values()
    assert whole.nbytes == 60 * SPEC.width * SPEC.height * SPEC.channels
