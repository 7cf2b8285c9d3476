"""The decision band."""

import numpy as np

from data.scores import DEFAULT_BAND, NEUTRAL_UNSURE, RIGHT, choose_band


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are probabilities: of those at 0.8, eight in ten are happy."""
    rng = np.random.default_rng(seed)
    p_happy = rng.random(count)
    return p_happy, rng.random(count) > p_happy


def precision(says: np.ndarray, truth: np.ndarray) -> float:
    """Share of answers that are right, were both classes equally frequent."""
    hits, misses = says[truth].mean(), says[~truth].mean()
    return float(hits / (hits + misses))


def test_answers_outside_the_band_are_right_often_enough_on_either_side() -> None:
    p_happy, is_sad = drawn(20_000)
    low, high = choose_band(p_happy, is_sad)
    assert precision(p_happy >= high, ~is_sad) >= RIGHT
    assert precision(p_happy <= low, is_sad) >= RIGHT
    # and it is no wider than that needs
    assert precision(p_happy >= high - 0.01, ~is_sad) < RIGHT
    assert precision(p_happy <= low + 0.01, is_sad) < RIGHT


def test_the_band_may_be_wider_on_one_side() -> None:
    rng = np.random.default_rng(0)
    happy, sad = rng.uniform(0.5, 1, 1000), rng.uniform(0, 0.75, 1000)
    p_happy, is_sad = np.concatenate([happy, sad]), np.arange(2000) >= 1000
    low, high = choose_band(p_happy, is_sad)
    assert low == 0.45
    assert high > 0.65


def test_the_band_is_never_narrower_than_a_tenth() -> None:
    p_happy, is_sad = np.array([0.0, 0.1, 0.9, 1.0]), np.array([1, 1, 0, 0], bool)
    assert choose_band(p_happy, is_sad) == (0.45, 0.55)


def test_the_band_widens_until_most_neutral_faces_are_unsure() -> None:
    p_happy, is_sad = np.array([0.0, 0.1, 0.9, 1.0]), np.array([1, 1, 0, 0], bool)
    neutral = np.random.default_rng(0).uniform(0.1, 0.7, 500)
    low, high = choose_band(p_happy, is_sad, neutral)
    assert np.mean((neutral > low) & (neutral < high)) >= NEUTRAL_UNSURE
    assert high - low < 0.5


def test_answers_that_are_never_right_enough_leave_the_widest_band() -> None:
    rng = np.random.default_rng(0)
    p_happy, is_sad = rng.random(500), rng.random(500) > 0.5
    assert choose_band(p_happy, is_sad) == (0.05, 0.95)


def test_without_images_of_both_classes_the_band_is_the_default() -> None:
    assert choose_band(np.zeros(0), np.zeros(0, bool)) == DEFAULT_BAND
    assert choose_band(np.ones(5), np.zeros(5, bool)) == DEFAULT_BAND
