"""Drawn faces: reproducible, whole, told apart by the expression and by nothing else."""

import numpy as np
import pytest

from data.drawing import draw_face, draw_set
from edge.errors import OutputError
from edge.machine.opencv import cv2


def contents(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*.png")
    }


@pytest.fixture(scope="module")
def pairs():
    """The same 150 faces happy and sad, int (150, 2, 150, 150, 3), after checking their draws."""
    faces = []
    for seed in range(150):
        rngs = {label: np.random.default_rng(seed) for label in ("happy", "sad")}
        faces.append([draw_face(label, rng) for label, rng in rngs.items()])
        states = [rng.bit_generator.state for rng in rngs.values()]
        assert states[0] == states[1], f"the label changes how much is drawn at random: {seed}"
    return np.array(faces, int)


def test_a_set_is_two_folders_of_numbered_colour_images(tmp_path):
    paths = draw_set(tmp_path, per_class=3)
    names = [str(path.relative_to(tmp_path)) for path in paths]
    assert names == [f"{label}/drawn-000{n}.png" for label in ("happy", "sad") for n in (1, 2, 3)]
    assert sorted(tmp_path.rglob("*.*")) == paths  # and no temporary file is left
    for path in paths:
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert (image.shape, image.dtype) == ((150, 150, 3), np.uint8)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in [("first", 0), ("again", 0), ("other", 1)]:
        draw_set(tmp_path / name, per_class=8, seed=seed)
    first, again, other = (contents(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert len({*first.values(), *other.values()}) == 32


def test_a_larger_set_starts_with_the_smaller_one(tmp_path):
    draw_set(tmp_path / "small", per_class=3)
    draw_set(tmp_path / "large", per_class=5)
    assert contents(tmp_path / "small").items() < contents(tmp_path / "large").items()


def test_a_second_run_replaces_its_own_files_and_leaves_others_alone(tmp_path):
    draw_set(tmp_path, per_class=2)
    before = contents(tmp_path)
    (tmp_path / "happy" / "drawn-0001.png").write_bytes(b"half a file")
    (tmp_path / "happy" / "mine.png").write_bytes(b"mine")
    draw_set(tmp_path, per_class=2)
    assert contents(tmp_path) == before | {"happy/mine.png": b"mine"}


def test_progress_counts_every_file(tmp_path):
    counts: list[int] = []
    draw_set(tmp_path, per_class=2, progress=lambda: counts.append(len(contents(tmp_path))))
    assert counts == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [48, 150, 301])
def test_a_face_has_the_size_asked_for(size):
    assert draw_face("sad", np.random.default_rng(0), size).shape == (size, size, 3)


def test_happy_and_sad_differ_in_the_expression_only(pairs):
    differs = (pairs[:, 0] != pairs[:, 1]).any(axis=-1)
    assert not differs[:, :, [0, -1]].any()  # brows and mouth lie well inside the picture
    assert differs.mean(axis=(1, 2)).max() < 0.25


def test_the_expression_can_be_seen_in_every_face(pairs):
    changed = np.abs(pairs[:, 0] - pairs[:, 1]).max(axis=-1) > 40
    assert changed.sum(axis=(1, 2)).min() > 60  # pixels of 22,500


def test_the_classes_are_equally_bright_contrasty_colourful_and_sharp():
    faces = {
        label: [draw_face(label, np.random.default_rng([k, i])) for i in range(300)]
        for k, label in enumerate(("happy", "sad"))
    }
    properties = {
        "brightness": np.mean,
        "contrast": np.std,
        "colour": lambda face: np.ptp(face, axis=2).mean(),
        "sharpness": lambda face: cv2.Laplacian(face, cv2.CV_32F).std(),
    }
    for name, measure in properties.items():
        happy, sad = (np.array([measure(face) for face in group]) for group in faces.values())
        noise = np.hypot(happy.std(), sad.std()) / np.sqrt(len(happy))
        assert abs(happy.mean() - sad.mean()) < 3 * noise, name


def test_no_two_faces_are_alike(pairs):
    thumbnails = np.array([cv2.resize(happy.astype(np.uint8), (16, 16)) for happy, _ in pairs])
    flat = thumbnails.reshape(len(pairs), -1).astype(float)
    for index, face in enumerate(flat[1:], start=1):
        rms = np.sqrt(((flat[:index] - face) ** 2).mean(axis=1))
        assert rms.min() > 10, index  # copies saved as JPEG differ by less than 7


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError) as error:
        draw_set(tmp_path / "file", per_class=1)
    path = tmp_path / "file" / "happy" / "drawn-0001.png"
    assert str(error.value) == f"cannot write {path}: Not a directory"


def test_a_file_that_cannot_be_replaced_is_named_and_leaves_nothing_half_written(tmp_path):
    path = tmp_path / "happy" / "drawn-0001.png"
    path.mkdir(parents=True)
    with pytest.raises(OutputError) as error:
        draw_set(tmp_path, per_class=1)
    assert str(error.value) == f"cannot write {path}: Is a directory"
    assert list(tmp_path.rglob("*")) == [tmp_path / "happy", path]
