"""Faces are found where they are, cropped level, and refused when they cannot be judged."""

import math
from pathlib import Path

import numpy as np
import pytest

from edge.faces.crop import crop_face, face_square
from edge.faces.detector import Face, FaceDetector
from edge.faces.quality import MAX_TURN, refusal, turn
from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.photographs import frames, photograph

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)
# Scale, angle in degrees, and where the picture's centre goes on a canvas of 640x480.
PLACEMENTS = [
    (0.3, 0, (110, 90)), (0.3, 20, (520, 380)), (0.5, -20, (300, 240)), (0.8, 0, (330, 250)),
    (0.8, 30, (320, 240)), (0.6, -35, (330, 220)), (0.4, 35, (200, 300)), (1.2, 10, (320, 210)),
]  # fmt: skip


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector()


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """A picture with one face, which is four tenths of its width."""
    head = read_image(photograph("astronaut.png"))[20:240, 115:335]
    return cv2.resize(head, (562, 562), interpolation=cv2.INTER_CUBIC)


def eye_distance(face: Face) -> float:
    return float(np.linalg.norm(face.keypoints[LEFT_EYE] - face.keypoints[RIGHT_EYE]))


def placement(image: np.ndarray, scale: float, angle: float, centre: tuple[int, int]) -> np.ndarray:
    """The affine map that puts a picture, scaled and turned, on a canvas."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] += np.subtract(centre, (width / 2, height / 2))
    return matrix


def placed(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(image, matrix, (640, 480), borderValue=(90, 110, 100))


def test_all_five_faces_of_a_group_are_found_the_largest_first(
    detector: FaceDetector, group: Path
) -> None:
    faces = detector.detect(read_image(group))
    centres = [(x + width / 2, y + height / 2) for x, y, width, height in (f.box for f in faces)]
    for expected in [(144, 130), (402, 108), (666, 121), (220, 383), (550, 397)]:
        near = [centre for centre in centres if math.dist(centre, expected) < 15]
        assert len(near) == 1, expected
    assert len(faces) == 5
    assert [face.side for face in faces] == sorted((face.side for face in faces), reverse=True)


def test_the_one_face_is_found_in_every_frame_of_a_video(
    detector: FaceDetector, smile: Path
) -> None:
    found = [len(detector.detect(frame)) for frame in frames(smile)]
    assert found == 24 * [0] + 48 * [1]


@pytest.mark.parametrize("name", ["chelsea.png", "coffee.png", "color.png", "text.png"])
def test_a_cat_a_cup_a_colour_chart_and_a_text_are_no_faces(
    detector: FaceDetector, name: str
) -> None:
    assert detector.detect(read_image(photograph(name))) == []


@pytest.mark.parametrize("range_", ["auto", "short", "full"])
def test_the_astronauts_face_is_found_with_its_parts_in_place(range_: str) -> None:
    (face,) = FaceDetector(range_).detect(read_image(photograph("astronaut.png")))
    tolerance = 0.25 * eye_distance(face)
    by_eye = {RIGHT_EYE: (203, 101), LEFT_EYE: (246, 104), NOSE: (226, 126), MOUTH: (223, 145)}
    for part, place in by_eye.items():
        assert math.dist(face.keypoints[part], place) < tolerance, part
    assert face.keypoints[RIGHT_EAR][0] < face.keypoints[LEFT_EAR][0]
    assert 0.7 < face.score <= 1


@pytest.mark.parametrize(("scale", "angle", "centre"), PLACEMENTS)
def test_a_face_is_found_where_it_was_put(
    detector: FaceDetector,
    portrait: np.ndarray,
    scale: float,
    angle: float,
    centre: tuple[int, int],
) -> None:
    (original,) = detector.detect(portrait)
    matrix = placement(portrait, scale, angle, centre)
    (face,) = detector.detect(placed(portrait, matrix))
    expected = original.keypoints[:4] @ matrix[:, :2].T + matrix[:, 2]
    off = np.linalg.norm(face.keypoints[:4] - expected, axis=1) / eye_distance(face)
    assert off.max() < 0.25, off


@pytest.mark.parametrize(("scale", "angle", "centre"), PLACEMENTS)
def test_a_crop_is_level_and_has_the_face_in_its_middle(
    detector: FaceDetector,
    portrait: np.ndarray,
    scale: float,
    angle: float,
    centre: tuple[int, int],
) -> None:
    picture = placed(portrait, placement(portrait, scale, angle, centre))
    crop = crop_face(picture, detector.detect(picture)[0], margin=1.2, max_side=200)
    (face,) = detector.detect(cv2.copyMakeBorder(crop, *[len(crop) // 4] * 4, cv2.BORDER_REPLICATE))
    points = (face.keypoints - len(crop) // 4) / len(crop)
    across, down = points[LEFT_EYE] - points[RIGHT_EYE]
    # What is left is the detector's own error: it takes strong turns for weaker ones.
    assert abs(math.degrees(math.atan2(down, across))) < 8
    eyes = points[:2].mean(axis=0)
    assert eyes == pytest.approx([0.5, 0.38], abs=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (20, 3000), (48, 48)])
def test_pictures_of_any_shape_are_looked_through(
    detector: FaceDetector, shape: tuple[int, int]
) -> None:
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


def drawn_face(box: tuple[float, float, float, float], angle: float = 0.0) -> Face:
    """A face by its box and the angle of its eyes, in degrees; there need not be one."""
    x, y, width, height = box
    across = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))]) * width / 5
    middle = np.array([x + width / 2, y + height / 2])
    points = [middle - across, middle + across, middle, middle, middle - across, middle + across]
    return Face(box, np.array(points, np.float32), 0.9)


def test_the_square_is_moved_along_the_faces_own_vertical() -> None:
    square = face_square(drawn_face((100, 100, 50, 40), angle=90), margin=2, shift=-0.1)
    assert square.side == 100
    assert square.centre == pytest.approx((135, 120))  # its up is to the right


def test_an_upright_crop_is_a_copy_of_the_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)
    crop = crop_face(image, drawn_face((20, 10, 40, 40)), margin=1, shift=0)
    assert np.array_equal(crop, image[10:50, 20:60])


def test_beyond_the_border_a_crop_repeats_it() -> None:
    image = np.full((60, 60, 3), 200, np.uint8)
    crop = crop_face(image, drawn_face((-20, 30, 60, 60), angle=20), margin=1.5, shift=0)
    assert crop.shape == (90, 90, 3)
    assert (crop == 200).all()


def test_a_large_crop_is_averaged_not_skipped_through() -> None:
    image = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), np.uint8)
    crop = crop_face(image, drawn_face((100, 100, 1000, 1000), angle=15), 1, 0, max_side=100)
    assert crop.shape == (100, 100, 3)
    assert crop.std() < 12  # 74 in the picture; a tenth of it is the mean of 100 pixels' noise


def test_a_clear_face_is_judged(detector: FaceDetector, portrait: np.ndarray) -> None:
    assert reason(portrait, detector.detect(portrait)[0]) is None


def reason(image: np.ndarray, face: Face) -> str | None:
    return refusal(image, face, crop_face(image, face))


def test_a_blurred_face_is_refused_and_a_slightly_soft_one_is_not(
    detector: FaceDetector, portrait: np.ndarray
) -> None:
    (face,) = detector.detect(portrait)
    for share, expected in [(0.04, None), (0.15, "too_blurred")]:
        blurred = cv2.GaussianBlur(portrait, (0, 0), share * eye_distance(face))
        assert reason(blurred, face) == expected


def test_a_dark_face_is_refused_for_the_dark_and_not_for_blur(
    detector: FaceDetector, portrait: np.ndarray
) -> None:
    for share, expected in [(0.4, None), (0.1, "too_dark")]:
        dark = (portrait * share).astype(np.uint8)
        assert reason(dark, detector.detect(dark)[0]) == expected


def test_a_face_of_few_pixels_is_refused(detector: FaceDetector, portrait: np.ndarray) -> None:
    (face,) = detector.detect(portrait)
    for side, expected in [(30, None), (18, "too_small")]:
        scale = side / face.side
        small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y, width, height = (number * scale for number in face.box)
        assert reason(small, Face((x, y, width, height), face.keypoints * scale, 0.9)) == expected


def test_a_face_cut_by_the_border_is_refused(detector: FaceDetector, portrait: np.ndarray) -> None:
    (face,) = detector.detect(portrait)
    mouth, eye = int(face.keypoints[MOUTH][1]), int(face.keypoints[LEFT_EYE][0])
    for cut in (portrait[: mouth - 5], portrait[:, : eye - 10]):
        assert [reason(cut, found) for found in detector.detect(cut)] in (["cut_off"], [])
        assert reason(cut, face) == "cut_off"
    assert reason(portrait[: int(face.box[1] + 0.9 * face.side)], face) is None


@pytest.mark.parametrize("lean", [0, 30, 90, 180])
@pytest.mark.parametrize(
    ("aside", "expected"),
    [(0.0, None), (0.4, None), (0.5, "turned_away"), (-0.5, "turned_away"), (2, "turned_away")],
)
def test_a_face_turned_away_is_refused_however_it_leans(
    lean: float, aside: float, expected: str | None
) -> None:
    face = drawn_face((100, 100, 100, 100), lean)
    right, left = face.keypoints[:2]
    down = np.array([right[1] - left[1], left[0] - right[0]])
    face.keypoints[2] = (right + left) / 2 + aside * (left - right) + 0.5 * down
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    assert reason(noise, face) == expected


def test_eyes_in_one_place_are_a_face_turned_away() -> None:
    face = drawn_face((100, 100, 100, 100))
    face.keypoints[1] = face.keypoints[0]
    assert turn(face) > MAX_TURN
