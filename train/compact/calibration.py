"""Calibration: of the faces answered with p_happy 0.8, eight in ten are to be happy."""

import keras
import numpy as np

NEWTON_STEPS = 100  # overlapping sets of logits took at most 15, one told apart without error 20
PRIOR = 1e-8  # of Gaussian priors on scale and offset, against a mean loss below 1


def fit_platt(logits: np.ndarray, is_sad: np.ndarray) -> tuple[float, float]:
    """The scale and offset that make sigmoid(scale * logit + offset) a probability of sad.

    Platt scaling (Platt 1999): logistic regression on the network's one logit, here with happy
    and sad images weighted alike, so that 0.5 is where both are equally likely.

    Args:
        logits: float (n,): of sad, from images that were not trained on.
        is_sad: bool (n,): the true labels; both classes must be there.
    """
    sad = np.asarray(is_sad, bool)
    weight = np.where(sad, 0.5 / sad.sum(), 0.5 / (~sad).sum())
    inputs = np.column_stack([logits, np.ones(len(logits))])
    found = np.zeros(2)  # from here Newton's method converges; from farther out it may not
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(inputs @ found)))
        slope = inputs.T @ (weight * (p - sad))
        curvature = (inputs * (weight * p * (1 - p))[:, np.newaxis]).T @ inputs
        # A weak prior (in slope and curvature) keeps a set that the logit separates finite.
        step = np.linalg.solve(curvature + PRIOR * np.eye(2), slope + PRIOR * found)
        found -= step
        if np.abs(step).max() < 1e-9:
            return float(found[0]), float(found[1])
    raise ArithmeticError(f"Platt scaling did not converge: {found}")


def apply_platt(model: keras.Model, scale: float, offset: float) -> None:
    """Builds scale and offset into the last dense layer: no operation more on the device.

    Args:
        model: Its last layer is "p_sad", one sigmoid unit.
        scale: From `fit_platt`.
        offset: From `fit_platt`.
    """
    layer = model.get_layer("p_sad")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel * scale, bias * scale + offset])
