"""What a model takes of a picture: at full contrast, if the file says so, whatever the light."""

import numpy as np
import pytest

from edge.images.preprocess import BRIGHT, DARK, InputSpec, prepare, stretch
from edge.machine.opencv import cv2

FACE = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8), (0, 0), 2
)
PLAIN, STRETCHED = InputSpec(48, 48, 1), InputSpec(48, 48, 1, stretched=True)


def in_colour(gray: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)


def test_the_first_and_the_last_percentile_become_the_same_grays_in_every_light() -> None:
    seen = stretch(FACE)
    assert np.percentile(seen, 1, method="lower") == DARK
    assert np.percentile(seen, 99, method="lower") == BRIGHT
    for gain, offset in ((0.5, 0), (0.5, 120), (0.8, 20)):
        light = np.rint(FACE * gain + offset).astype(np.uint8)
        assert np.abs(stretch(light).astype(int) - seen).max() <= 8  # grays are whole numbers


def test_a_few_pixels_do_not_decide_the_contrast() -> None:
    glint = FACE.copy()
    glint[:2, :6] = 255
    glint[-2:, :6] = 0
    unlike = np.ones(FACE.shape, bool)
    unlike[:2, :6] = unlike[-2:, :6] = False
    difference = np.abs(stretch(glint).astype(int) - stretch(FACE))[unlike]
    assert difference.mean() < 12


@pytest.mark.parametrize("gray", [0, 7, 128, 255])
def test_a_picture_of_one_gray_stays_one(gray: int) -> None:
    seen = stretch(np.full((48, 48), gray, np.uint8))
    assert len(np.unique(seen)) == 1


def test_the_noise_of_a_black_picture_is_not_taken_for_a_face() -> None:
    noise = np.random.default_rng(0).integers(0, 2, (48, 48), dtype=np.uint8)
    assert np.ptp(stretch(noise).astype(int)) < 40


def test_only_a_model_that_asks_for_it_gets_the_contrast() -> None:
    picture = in_colour((FACE // 2).astype(np.uint8))
    plain, stretched = prepare(picture, PLAIN), prepare(picture, STRETCHED)
    np.testing.assert_array_equal(plain[:, :, 0], FACE // 2)
    np.testing.assert_array_equal(stretched[:, :, 0], stretch(plain[:, :, 0]))
    assert stretched.dtype == np.uint8
