"""Calibration of four logits: one scale and an offset each, built into the last layer."""

from dataclasses import dataclass

import keras
import numpy as np

STEPS = 100  # of Newton's method; validation faces took 7
BINS = 15  # of equal width, over the probability of the likeliest answer
PRIOR = 1e-6  # of Gaussian priors on what is fitted, against a mean loss below 2


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Logits become scale * logits + offsets.

    Attributes:
        scale: One for all; above 1 the network was too careful, below too sure.
        offsets: float64 (4,), of the answers, with the sum 0.
    """

    scale: float
    offsets: np.ndarray

    def of(self, logits: np.ndarray) -> np.ndarray:
        """The scaled logits."""
        return self.scale * logits + self.offsets


def fit_scaling(logits: np.ndarray, shares: np.ndarray, frequent: np.ndarray) -> Scaling:
    """The scaling under which softmax gives probabilities, were the answers so frequent.

    Temperature scaling (Guo et al. 2017) with offsets: logistic regression on what voters said.
    How frequent sad faces are in FER2013 says nothing of how frequent they are before a camera.

    Args:
        logits: float (n, 4), of faces that were not trained on.
        shares: float (n, 4): what the voters said of them; every answer has a share somewhere.
        frequent: float (4,): the frequencies, up to a factor.
    """
    weighted = shares * frequent / frequent.sum() / shares.mean(axis=0)
    total = weighted.sum(axis=1)
    count = shares.shape[1]
    # The rate of change of each scaled logit with what is fitted: the scale, then the offsets.
    change = np.concatenate([logits[:, :, None], np.eye(count)[None].repeat(len(logits), 0)], 2)
    found = np.array([1.0, *[0.0] * count])
    prior = PRIOR * np.eye(count + 1)
    for _ in range(STEPS):
        p = softmax(change @ found)
        slope = np.einsum("nk,nkf->f", total[:, None] * p - weighted, change) / len(logits)
        pull = np.einsum("nk,nkf->nf", p, change)
        curvature = np.einsum("n,nk,nkf,nkg->fg", total, p, change, change, optimize=True)
        curvature -= np.einsum("n,nf,ng->fg", total, pull, pull)
        step = np.linalg.solve(curvature / len(logits) + prior, slope + prior @ found)
        found -= step
        if np.abs(step).max() < 1e-9:
            return Scaling(float(found[0]), found[1:] - found[1:].mean())
    raise ArithmeticError(f"the calibration did not converge: {found}")


def build_in(model: keras.Model, scaling: Scaling) -> None:
    """Puts the scaling into the last layer: no operation more on the device."""
    layer = model.get_layer("logits")
    kernel, bias = layer.get_weights()
    layer.set_weights([scaling.scale * kernel, scaling.of(bias)])


def calibration_error(logits: np.ndarray, shares: np.ndarray, frequent: np.ndarray) -> float:
    """Expected calibration error (Guo et al. 2017) of the likeliest answer, 0 to 1, in BINS bins.

    Args:
        logits: As for `fit_scaling`.
        shares: As for `fit_scaling`: an answer is as right as voters gave it votes.
        frequent: As for `fit_scaling`.
    """
    weighted = shares * frequent / frequent.sum() / shares.mean(axis=0)
    weight = weighted.sum(axis=1)
    p = softmax(logits)
    sure, likeliest = p.max(axis=1), p.argmax(axis=1)
    right = weighted[np.arange(len(p)), likeliest] / weight
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gap = np.bincount(place, weight * (right - sure), BINS)
    return float(np.abs(gap).sum() / weight.sum())


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, float (n, k)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
