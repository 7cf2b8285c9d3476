"""A model's outputs as probabilities, its operating point and its figures: of two answers or three.

With two answers shares are p_happy alone and the operating point is a band; with three they are
those of happy, sad, neutral and the rest, and it is a threshold for each of the first three.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from data import three_answers
from data.labels import ANSWERS, CLASSES
from data.scores import Scores, choose_band, score
from edge.model.decision import Band, Thresholds

Decision = Band | Thresholds
AnyFigures = Scores | three_answers.Figures


def shares_of(outputs: np.ndarray) -> np.ndarray:
    """Probabilities, float64 (n, 1) or (n, 4).

    Args:
        outputs: float (n, 1), P(sad), or (n, 4), logits.
    """
    values = outputs.astype(np.float64)
    if values.shape[1] == 1:
        return 1.0 - values
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def both_sides(model: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray) -> np.ndarray:
    """Outputs for pictures as the device takes them of three answers: see `Thresholds.mirrored`.

    Args:
        model: From pixels to outputs.
        pixels: uint8 (n, height, width, channels).

    Returns:
        Means of the outputs for a picture and for its mirror image.
    """
    return (model(pixels) + model(pixels[:, :, ::-1])) / 2


def choose(shares: np.ndarray, labels: np.ndarray) -> Decision:
    """The operating point for validation images.

    Args:
        shares: As `shares_of` gives them.
        labels: str (n,): names out of `data.labels.LABELS`.
    """
    if shares.shape[1] == 1:
        p_happy, known = shares[:, 0], np.isin(labels, CLASSES)
        neutral = p_happy[labels == "neutral"]
        return Band(*choose_band(p_happy[known], labels[known] == "sad", neutral))
    return three_answers.choose_thresholds(shares, labels)


def figures(shares: np.ndarray, labels: np.ndarray, decision: Decision) -> AnyFigures | None:
    """The figures on images with known labels; None where a class has no image.

    Args:
        shares: As `shares_of` gives them.
        labels: str (n,): names out of `data.labels.LABELS`.
        decision: The operating point.
    """
    if isinstance(decision, Thresholds):
        return three_answers.figures(shares, labels, decision)
    known = np.isin(labels, CLASSES)
    return score(shares[known, 0], labels[known] == "sad", (decision.low, decision.high))


def given(shares: np.ndarray, decision: Decision) -> np.ndarray:
    """The answer that each image gets on the device: str (n,), "unsure" among them.

    Args:
        shares: As `shares_of` gives them.
        decision: The operating point.
    """
    if isinstance(decision, Thresholds):
        return three_answers.answered(shares, decision)
    p_happy, middle = shares[:, 0], (decision.low + decision.high) / 2
    answers = np.where(p_happy >= middle, "happy", "sad")
    is_unsure = (p_happy > decision.low) & (p_happy < decision.high)
    return np.where(is_unsure, three_answers.UNSURE, answers)


def as_json(decision: Decision) -> dict[str, Any]:
    """The operating point under the key that metrics.json and a model's contract have for it."""
    if isinstance(decision, Thresholds):
        edges = {name: getattr(decision, name) for name in ANSWERS}
        return {"thresholds": edges, "lead": decision.lead, "mirrored": decision.mirrored}
    return {"decision_band": (decision.low, decision.high)}
