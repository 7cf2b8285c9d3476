"""Three answers: the device's rule, the figures, and thresholds chosen for people."""

import math

import numpy as np

from data.labels import ANSWERS
from data.three_answers import (
    LEAST_HAPPY_FOUND,
    LEAST_SAD_FOUND,
    MOST_NEUTRAL_CALLED,
    answered,
    choose_thresholds,
    figures,
    worth_on,
)
from edge.model.decision import Thresholds

EVEN = Thresholds(0.4, 0.4, 0.4)


def drawn(count: int, seed: int = 0, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Softmax probabilities of four classes that lean to the true one, and the true labels."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 4, count)
    logits = rng.normal(0, spread, (count, 4))
    logits[np.arange(count), true] += 3
    shares = np.exp(logits)
    return shares / shares.sum(axis=1, keepdims=True), np.array([*ANSWERS, "angry"])[true]


def test_the_answer_is_the_devices() -> None:
    probabilities, _ = drawn(500)
    unsure = []
    for lead in (0.0, 0.35):
        device = Thresholds(happy=0.5, sad=0.25, neutral=0.6, lead=lead)
        given = [device.label(tuple(map(math.log, row))) for row in probabilities.tolist()]
        assert answered(probabilities, device).tolist() == given
        assert set(given) == {*ANSWERS, "unsure"}
        unsure.append(given.count("unsure"))
    assert unsure[0] < unsure[1]


def test_figures_of_a_perfect_model_are_perfect() -> None:
    probabilities = np.eye(4).repeat(5, axis=0)
    labels = np.array([*ANSWERS, "fear"]).repeat(5)
    found = figures(probabilities, labels, EVEN)
    assert found
    assert (found.images, found.auc, found.auc_sad_neutral, found.right) == (15, 1, 1, 1)
    assert (found.happy_found, found.sad_found, found.neutral_found) == (1, 1, 1)
    assert (found.neutral_called_sad, found.unsure, found.others_unsure) == (0, 0, 1)


def test_a_neutral_face_called_sad_is_counted_as_such() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.1, 0.9, 0, 0], [0, 0.8, 0.2, 0], [0, 0, 1, 0]])
    found = figures(probabilities, np.array(["happy", "sad", "neutral", "neutral"]), EVEN)
    assert found
    assert (found.neutral_called_sad, found.neutral_called_happy) == (0.5, 0)
    assert found.right == 0.75
    assert found.auc_sad_neutral == 1
    assert found.others_unsure is None


def test_where_nothing_is_answered_no_share_of_it_is_right() -> None:
    even = np.full((6, 4), 0.25)
    found = figures(even, np.array(ANSWERS).repeat(2), EVEN)
    assert found
    assert (found.right, found.unsure, found.happy_found) == (None, 1, 0)


def test_without_one_of_the_three_nothing_is_known() -> None:
    probabilities, labels = drawn(50)
    assert figures(probabilities[labels != "sad"], labels[labels != "sad"], EVEN) is None


def test_thresholds_meet_the_aims_where_they_can_be_met() -> None:
    probabilities, labels = drawn(2000)
    found = figures(probabilities, labels, choose_thresholds(probabilities, labels))
    assert found
    assert found.neutral_called_sad <= MOST_NEUTRAL_CALLED
    assert found.neutral_called_happy <= MOST_NEUTRAL_CALLED
    assert found.sad_found >= LEAST_SAD_FOUND
    assert found.happy_found >= LEAST_HAPPY_FOUND or found.happy_found > 0.9


def test_of_a_poor_model_a_resting_face_is_spared_first() -> None:
    probabilities, labels = drawn(800, spread=2.5)
    chosen = choose_thresholds(probabilities, labels)
    found, plain = (figures(probabilities, labels, each) for each in (chosen, EVEN))
    assert found
    assert plain
    assert max(found.neutral_called_sad, found.neutral_called_happy) < MOST_NEUTRAL_CALLED + 0.03
    worth = worth_on(probabilities, labels)
    assert worth(chosen) > worth(EVEN) + 0.05


def test_other_expressions_are_left_unsure_where_that_costs_little() -> None:
    probabilities, labels = drawn(2000)
    found = figures(probabilities, labels, choose_thresholds(probabilities, labels))
    assert found
    assert found.others_unsure
    assert found.others_unsure > 0.7
