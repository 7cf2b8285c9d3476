"""Measurements: scenes with a known square, crops of what is found in them, worse pictures."""

import json
import math
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from data.drawing import draw_face
from data.folder import LabelledFile, list_files
from data.scores import score
from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier
from edge.faces.crop import Square, crop_face
from edge.faces.detector import FaceDetector
from edge.images.image_file import read_image
from edge.model.choice import SHIPPED_MODEL
from export.measure import clips, margin_report, robustness, variations
from export.measure import margin as crop_margin
from export.measure.margin import best
from export.measure.margin_report import CropScores
from export.measure.robustness import Result
from export.measure.scenes import CLIP_S, FPS, MAX_ANGLE, SCENE_WH, SIDES, Scene, film, place
from export.measure.variations import blur, contrast, covered, jpeg, lit, moved, noise, shrunk
from tests.support.chain import Chain
from tests.support.command import run_module, run_program
from tests.support.photographs import photograph


def measure(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run_module("export.measure", *arguments)


def some_files(chain: Chain, per_class: int) -> list[LabelledFile]:
    files = list_files(chain.images)
    return [
        file for label in ("happy", "sad")
        for file in [file for file in files if file.label == label][:per_class]
    ]  # fmt: skip


@pytest.fixture
def face() -> np.ndarray:
    return draw_face("happy", np.random.default_rng(3))


def scene(picture: np.ndarray, seed: int) -> Scene:
    return place(picture, np.random.default_rng(seed))


def cut_out(image: np.ndarray, square: Square, side: int) -> np.ndarray:
    corners = square.corners()[[0, 1, 3]] - 0.5
    target = np.array([[0, 0], [side, 0], [0, side]], np.float32) - 0.5
    return cv2.warpAffine(
        image,
        cv2.getAffineTransform(corners, target),
        (side, side),
        borderMode=cv2.BORDER_REPLICATE,
    )


def test_a_seed_gives_the_same_scene_and_another_one_another(face: np.ndarray) -> None:
    first, again, other = scene(face, 1), scene(face, 1), scene(face, 2)
    assert np.array_equal(first.image, again.image)
    assert first.square == again.square
    assert first.square != other.square
    assert first.image.shape == (480, 640, 3)
    assert first.image.dtype == np.uint8


def test_squares_vary_and_lie_inside_the_scene(face: np.ndarray) -> None:
    squares = [scene(face, seed).square for seed in range(40)]
    for square in squares:
        corners = square.corners()
        assert corners.min() >= -0.01
        assert (corners <= np.array(SCENE_WH) + 0.01).all()
        assert SIDES[0] <= square.side <= SIDES[1]
        assert abs(square.angle) <= MAX_ANGLE
    assert min(square.side for square in squares) < 90
    assert max(square.side for square in squares) > 250
    angles = [math.degrees(square.angle) for square in squares]
    assert min(angles) < -15 and max(angles) > 15  # noqa: PT018


def test_a_mark_in_the_picture_lands_where_the_square_says() -> None:
    picture = np.zeros((48, 48, 3), np.uint8)
    picture[34:38, 10:14] = 255  # its centre is a quarter across and three quarters down
    for seed in range(20):
        made = scene(picture, seed)
        upper_left, upper_right, _, lower_left = made.square.corners()
        across, down = upper_right - upper_left, lower_left - upper_left
        expected = upper_left + across / 4 + down * 3 / 4
        inside = np.zeros(made.image.shape[:2], np.uint8)
        cv2.fillConvexPoly(inside, made.square.corners().astype(np.int32), 1)
        bright = (made.image.mean(axis=2) > 90) & (inside > 0)
        # The room shows at the square's border only, by a pixel.
        near = np.hypot(*(np.argwhere(bright)[:, ::-1] + 0.5 - expected).T) < made.square.side / 5
        mark = (np.argwhere(bright)[near][:, ::-1] + 0.5).mean(axis=0)
        assert np.abs(mark - expected).max() < 0.5 + made.square.side / 100


def test_the_square_holds_the_whole_picture(face: np.ndarray) -> None:
    for seed in range(10):
        made = scene(face, seed)
        seen = cut_out(made.image, made.square, 48)
        wanted = cv2.resize(face, (48, 48), interpolation=cv2.INTER_AREA)
        assert np.corrcoef(seen.ravel(), wanted.ravel())[0, 1] > 0.93


def test_no_hard_edge_is_left_around_the_picture() -> None:
    white = np.full((48, 48, 3), 255, np.uint8)
    for seed in range(10):
        made = scene(white, seed)
        wide = Square(made.square.centre, made.square.side * 1.5, made.square.angle)
        rows = cut_out(made.image, wide, 150).mean(axis=2)[50:100].mean(axis=0)
        assert np.abs(np.diff(rows)).max() < 20  # of up to 210 levels that it rises in all


def test_the_best_crop_has_the_best_neighbours() -> None:
    def row(*accuracies: float) -> list[CropScores]:
        return [CropScores(1.0, 0.0, each, 0.5, 0.5) for each in accuracies]

    assert best(row(0.6, 0.8, 0.85, 0.8, 0.6, 0.9, 0.5)) == 2
    assert best(row(0.7, 0.7, 0.7)) == 0
    assert best(row(0.6, 0.7, 0.8)) == 2


def test_variations_leave_size_and_type(face: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for series in variations.SERIES:
        for level in series.levels:
            before = face.copy()
            changed = series.change(face, level, rng)
            assert (changed.shape, changed.dtype) == (face.shape, face.dtype), series.condition
            assert np.array_equal(face, before), f"{series.condition} changes its input"
            assert np.array_equal(changed, face) == (series.condition == "unchanged")


def test_blur_and_shrinking_take_detail_away(face: np.ndarray) -> None:
    def detail(image: np.ndarray) -> float:
        return float(cv2.Laplacian(image, cv2.CV_64F).var())

    levels = [detail(face), *(detail(blur(face, sigma)) for sigma in (0.5, 1, 1.5, 2))]
    assert levels == sorted(levels, reverse=True)
    assert detail(shrunk(face, 12)) < detail(shrunk(face, 32)) < detail(face)
    small = np.zeros((48, 48, 3), np.uint8)
    small[24, 24] = 255
    spread = blur(small, 1)[24, :, 0].astype(float)
    assert np.average((np.arange(48) - 24) ** 2, weights=spread) == pytest.approx(1, abs=0.1)


def test_light_contrast_and_noise_do_what_their_numbers_say(face: np.ndarray) -> None:
    gray = np.random.default_rng(0).integers(60, 160, (48, 48, 3)).astype(np.uint8)
    assert lit(gray, 0.5).mean() == pytest.approx(gray.mean() / 2, abs=0.5)
    assert lit(gray, offset=40).mean() == pytest.approx(gray.mean() + 40)
    assert lit(face, offset=80).max() == 255
    assert contrast(gray, 0.25).std() == pytest.approx(gray.std() / 4, rel=0.05)
    assert contrast(gray, 0.25).mean() == pytest.approx(gray.mean(), abs=0.5)
    grain = noise(gray, 10, np.random.default_rng(1)).astype(float) - gray
    assert grain.std() == pytest.approx(10, rel=0.1)
    assert np.array_equal(grain[..., 0], grain[..., 2])
    assert np.abs(jpeg(face, 10).astype(float) - face).mean() > 1


def test_a_picture_not_moved_is_the_same_and_a_mark_moves_as_said() -> None:
    picture = np.zeros((48, 48, 3), np.uint8)
    picture[20:28, 34:42] = 255  # right of the middle: centre at 38, 24

    def mark(image: np.ndarray) -> list[float]:
        y, x = np.nonzero(image[..., 0] > 127)
        return [x.mean() + 0.5, y.mean() + 0.5]

    assert np.array_equal(moved(picture), picture)
    assert mark(moved(picture, degrees=90)) == pytest.approx([24, 10], abs=0.6)
    assert mark(moved(picture, shift_xy=(-0.25, 0.125))) == pytest.approx([26, 30], abs=0.1)
    assert mark(moved(picture, zoom=0.5)) == pytest.approx([31, 24], abs=0.6)


def test_a_bar_covers_its_part_and_nothing_else(face: np.ndarray) -> None:
    masked = covered(face, variations.MOUTH)
    rows = np.flatnonzero((masked != face).any(axis=(1, 2)))
    assert rows.min() >= round(0.62 * len(face)) and rows.max() < round(0.9 * len(face))  # noqa: PT018
    assert len(np.unique(masked[round(0.7 * len(face))], axis=0)) == 1


def test_the_table_is_markdown() -> None:
    results = [
        Result("unchanged", "", 200, 0.9, 0.95, 0.8, 0.97),
        Result("size", "12 px", 200, 0.5, 0.5, 0.0, None),
    ]
    assert robustness.table_text(results).splitlines() == [
        "| Pictures | Balanced accuracy | AUC | Answered | Right when answered |",
        "|---|---:|---:|---:|---:|",
        "| unchanged | 90.0% | 0.950 | 80.0% | 97.0% |",
        "| size, 12 px | 50.0% | 0.500 | 0.0% | - |",
    ]


def test_measuring_needs_no_tensorflow() -> None:
    program = "import sys, export.measure.cli; print({'tensorflow', 'keras'} & set(sys.modules))"
    done = run_program(program, check=True)
    assert done.stdout == "set()\n"


def test_unchanged_pictures_score_as_the_plain_classifier_does(chain: Chain) -> None:
    classifier = Classifier(chain.model_path)
    files = some_files(chain, 6)
    neutral = LabelledFile(files[0].name, "neutral", None)
    first, *rest = robustness.measure(classifier, [*files, neutral])
    p_happy = np.array([classifier.p_happy(read_image(file.path)) for file in files])
    is_sad = np.array([file.label == "sad" for file in files])
    plain = score(p_happy, is_sad, classifier.contract.band)
    assert plain
    assert first == Result(
        "unchanged", "", 12, plain.balanced_accuracy, plain.auc, 1 - plain.unsure,
        plain.accuracy_decided,
    )  # fmt: skip
    assert {each.images for each in rest if each.condition == "rotation"} == {24}
    assert robustness.measure(classifier, files) == [first, *rest]


def test_found_faces_lie_in_their_pictures(chain: Chain) -> None:
    classifier, detector = Classifier(chain.model_path), FaceDetector()
    steps: list[int] = []
    files = some_files(chain, 25)
    report = crop_margin.measure(classifier, detector, files, progress=lambda: steps.append(1))
    assert len(steps) == 50
    assert report.scenes == {"happy": 25, "sad": 25}
    # It found 6 and 9: cartoons are not what the detector was made for.
    assert all(3 <= found <= 25 for found in report.found.values())
    assert [each.margin for each in report.margins] == list(crop_margin.MARGINS)
    assert {each.shift for each in report.margins} == {report.used[1]}
    assert [each.shift for each in report.shifts] == list(crop_margin.SHIFTS)
    assert {each.margin for each in report.shifts} == {report.best_margin}
    low, middle, high = report.geometry.ratio
    assert 0.5 <= low <= middle <= high <= 2.5
    assert 0.3 < report.geometry.across[1] < 0.7
    assert 0.3 < report.geometry.down[1] < 0.8


def test_a_model_that_knows_faces_at_rest_is_cropped_for_them(chain: Chain) -> None:
    files = some_files(chain, 24)
    # Cartoons at rest there are none: half of the sad ones stand in.
    at_rest = [replace(file, label="neutral") for file in files[24::2]]
    report = crop_margin.measure(
        Classifier(SHIPPED_MODEL), FaceDetector(), [*files[:24], *files[25::2], *at_rest]
    )
    assert report.scenes == {"happy": 24, "sad": 12, "neutral": 12}
    assert report.found["neutral"] > 0
    told = [each.auc_sad_neutral for each in report.margins]
    assert all(each is not None and 0 <= each <= 1 for each in told)
    assert [each.judged for each in report.margins] == told
    assert report.best_margin == crop_margin.MARGINS[best(report.margins)]
    assert "| Sad from neutral, AUC |" in margin_report.table_text(report)


def test_in_a_clip_the_head_moves_little_by_little_and_the_room_stays(face: np.ndarray) -> None:
    first, second, *rest = film(face, np.random.default_rng(4))
    again = next(film(face, np.random.default_rng(4)))
    assert np.array_equal(first.image, again.image)
    assert len(rest) == CLIP_S * FPS - 2
    squares = [each.square for each in (first, second, *rest)]
    steps = [math.dist(a.centre, b.centre) / a.side for a, b in pairwise(squares)]
    assert 0 < max(steps) < 0.1
    assert len({square.side for square in squares}) == len(squares)
    assert len({square.angle for square in squares}) == len(squares)
    far = np.hypot(*(np.indices((480, 640))[::-1] - np.reshape(first.square.centre, (2, 1, 1))))
    room = far > 1.5 * first.square.side
    change = np.abs(first.image.astype(int) - rest[-1].image)[room]
    assert 0 < change.mean() < 8  # the camera's noise
    assert not np.array_equal(first.image[room], rest[-1].image[room])


def test_a_smiling_face_that_moves_is_called_happy(tmp_path: Path) -> None:
    photo = cv2.imread(photograph("astronaut.png"))
    detector = FaceDetector()
    (person,) = detector.detect(photo)
    (tmp_path / "happy").mkdir()
    cv2.imwrite(str(tmp_path / "happy" / "a.png"), crop_face(photo, person, margin=1.3))
    faces = FaceClassifier(Classifier(SHIPPED_MODEL), detector)
    file = LabelledFile(str(tmp_path / "happy" / "a.png"), "happy", None)
    stranger = LabelledFile(file.name, "angry", None)
    (found,) = clips.measure(faces, [file, stranger], seed=1)
    assert (found.shown, found.clips) == ("happy", 1)
    assert found.seen > 0.5
    assert found.said["happy"] > 0.8
    assert sum(found.said.values()) == pytest.approx(1)
    assert found.changes < 60
    assert len(found.over_time) == CLIP_S * FPS
    assert found.over_time[-1]
    assert "| happy | 1 | " in clips.table_text([found])


@pytest.mark.parametrize("what", ["margin", "robustness", "clips"])
def test_the_command_prints_a_table_and_writes_its_files(
    chain: Chain, tmp_path: Path, what: str
) -> None:
    out = tmp_path / "out"
    limit = 3 if what == "clips" else 24
    done = measure(
        what, chain.images, "--model", chain.model_path, "--limit", limit, "--out", out, "--seed", 1
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        f"note: {chain.images} is not divided into train, validation, test: all of it is "
        "measured, which says little if the model was trained on some of it\n"
    )
    assert (
        "| with an answer |" if what == "clips" else "| Balanced accuracy | AUC |"
    ) in done.stdout
    assert sorted(path.name for path in out.iterdir()) == [f"{what}.json", f"{what}.png"]
    figures = json.loads((out / f"{what}.json").read_text())
    assert (figures["model"], figures["seed"]) == ("demo", 1)
    assert figures["pictures"] == {"happy": limit, "sad": limit}
    assert str(tmp_path) not in json.dumps(figures)
    if what == "robustness":
        results = [Result(**row) for row in figures["results"]]
        assert results[0].condition == "unchanged"


@pytest.mark.parametrize("what", ["margin", "robustness"])
def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_measured(
    tmp_path: Path, what: str
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    done = measure(what, tmp_path / "no pictures", "--out", taken / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: cannot write to {taken / 'out'}: {taken} is not a folder\n"


def test_what_is_missing_is_said_in_one_line(chain: Chain, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "train").symlink_to(chain.images)
    done = measure("robustness", tmp_path / "parts", "--model", chain.model_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: no readable images of happy faces in {tmp_path / 'parts' / 'validation'}: choose "
        "another --part (train)\n"
    )
    done = measure("margin", chain.images, "--model", tmp_path / "none.tflite")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"error: no model at {tmp_path / 'none.tflite'}: those that are there are "
        "shown by 'python -m edge model list'\n"
    )
