"""How well a model does on images that it was not trained on."""

from dataclasses import asdict
from typing import Any

import keras
import numpy as np

from data import CLASSES, Dataset
from data.scores import Scores, calibration_error, choose_band, score
from train.compact.calibration import apply_platt, fit_platt


def p_happy(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The model's answers: float64 (n,), 0 to 1.

    Args:
        model: From pixels to P(sad).
        pixels: uint8 (n, height, width, channels).
    """
    if len(pixels) == 0:
        return np.zeros(0)
    return 1.0 - model.predict(pixels, batch_size=32, verbose=0)[:, 0].astype(np.float64)


def evaluate(
    model: keras.Model, dataset: Dataset, band: tuple[float, float] | None = None
) -> dict[str, Any]:
    """The decision band, from validation images, and scores on images not trained on.

    Args:
        model: From pixels to P(sad).
        dataset: Its validation and test images are scored.
        band: One to keep; it is chosen if left out.

    Returns:
        For `metrics.json`: "decision_band", "validation" and "test", the last two with the
        fields of `Scores`, or None where a class has no image.
    """
    validation, test = dataset.validation.of(*CLASSES), dataset.test.of(*CLASSES)
    band = band or choose_band(
        p_happy(model, validation.pixels),
        validation.is_sad,
        p_happy(model, dataset.validation.of("neutral").pixels),
    )
    figures: dict[str, Any] = {"decision_band": band}
    for part in (validation, test):
        scores = score(p_happy(model, part.pixels), part.is_sad, band)
        figures[part.name] = asdict(scores) if scores else None
    return figures


def calibrate(model: keras.Model, dataset: Dataset) -> dict[str, Any]:
    """Builds Platt scaling on the validation images into the model.

    Returns:
        For `metrics.json`: scale, offset, and the expected calibration error before and after.
        The one after is measured on halves that the scaling was not fitted on.
    """
    part = dataset.validation.of(*CLASSES)
    logits = _logit(1 - p_happy(model, part.pixels))
    scale, offset = fit_platt(logits, part.is_sad)
    halves = np.arange(len(logits)) % 2 == 0
    unseen = np.zeros(len(logits))
    for half in (halves, ~halves):
        slope, shift = fit_platt(logits[~half], part.is_sad[~half])
        unseen[half] = 1 / (1 + np.exp(slope * logits[half] + shift))
    apply_platt(model, scale, offset)
    return {
        "method": "Platt scaling on validation images, happy and sad weighted alike",
        "scale": scale,
        "offset": offset,
        "error_before": calibration_error(1 / (1 + np.exp(logits)), part.is_sad),
        "error_after": calibration_error(unseen, part.is_sad),
    }


def is_better(one: Scores, other: Scores) -> bool:
    """Whether one set of scores beats another: by balanced accuracy, at a tie by AUC."""
    return (one.balanced_accuracy, one.auc) > (other.balanced_accuracy, other.auc)


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))
