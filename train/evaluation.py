"""How well a model does on images that it was not trained on."""

from dataclasses import asdict
from functools import partial
from typing import Any

import keras
import numpy as np

from data import Dataset
from data.answers import Decision, as_json, both_sides, choose, figures, shares_of
from data.tally import tally

BATCH_SIZE = 64  # images that are answered at once


def shares(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The model's answers: float64 (n, 1), p_happy, or (n, 4), see `data.answers.shares_of`.

    Args:
        model: From pixels to P(sad) or to four logits.
        pixels: uint8 (n, height, width, channels).
    """
    if len(pixels) == 0:
        return np.zeros((0, model.output_shape[-1]))
    if model.output_shape[-1] == 1:
        return shares_of(outputs(model, pixels))
    return shares_of(both_sides(partial(outputs, model), pixels))


def outputs(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """What the model gives for pictures, each as it is: float32 (n, outputs).

    Args:
        model: As for `shares`.
        pixels: As for `shares`.
    """
    # `predict` compiles a function for each model, and TensorFlow warns from the fifth one on.
    starts = range(0, len(pixels), BATCH_SIZE)
    given = [model(pixels[start : start + BATCH_SIZE], training=False) for start in starts]
    return np.concatenate([output.numpy() for output in given])


def evaluate(
    model: keras.Model, dataset: Dataset, decision: Decision | None = None
) -> dict[str, Any]:
    """The operating point, from validation images, and figures on images not trained on.

    Args:
        model: From pixels to P(sad) or to four logits.
        dataset: Its validation and test images are scored.
        decision: An operating point to keep; it is chosen if left out.

    Returns:
        For `metrics.json`: "decision_band" or "thresholds"; "answered", by part as
        `Tally.counts`; "validation" and "test" with the fields of `Scores` or of
        `three_answers.Figures`, or None where a class has no image.
    """
    answers = {part.name: shares(model, part.pixels) for part in dataset.parts[1:]}
    decision = decision or choose(answers["validation"], dataset.validation.labels)
    found: dict[str, Any] = as_json(decision)
    found["answered"] = {
        part.name: tally(answers[part.name], part.labels, decision).counts
        for part in dataset.parts[1:]
    }
    for part in dataset.parts[1:]:
        measured = figures(answers[part.name], part.labels, decision)
        found[part.name] = asdict(measured) if measured else None
    return found
