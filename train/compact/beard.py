"""Beards, as the votes' faces have few: bearded men at rest were called sad."""

import numpy as np

from edge.machine.opencv import cv2
from train.compact.lighting import clipped


def beard(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hair on chin, jaw and mostly upper lip; dark or gray, thin or thick. The mouth stays free.

    Args:
        face: uint8 (side, side), gray: upright, its mouth at about three quarters of the height,
            as FER2013's faces are.
        rng: Source of the variation.

    Returns:
        uint8 (side, side), gray.
    """
    side = len(face)
    down, aside = np.mgrid[:side, :side] / (side - 1.0)
    aside = np.abs(aside - 0.5 + rng.uniform(-0.03, 0.03))
    mouth = rng.uniform(0.73, 0.79)
    # Its upper edge: under the lip in the middle, along the jaw towards the ears.
    edge = mouth + rng.uniform(0.06, 0.1) - rng.uniform(0.5, 1.0) * np.maximum(aside - 0.1, 0)
    hair = _soft(down - edge)
    if rng.random() < 0.75:
        lip = mouth - rng.uniform(0.07, 0.1)
        hair = np.maximum(hair, _soft(0.035 - np.abs(down - lip)) * _soft(0.2 - aside))
    hair *= _soft(0.42 - aside)
    points = cv2.GaussianBlur(rng.normal(0, 1, face.shape), (0, 0), rng.uniform(0.4, 0.9))
    hair *= np.clip(rng.uniform(0.35, 0.85) + 0.25 * points / points.std(), 0, 1)
    shade = rng.uniform(0.1, 0.45) if rng.random() < 0.8 else rng.uniform(0.6, 0.85)
    light = max(float(np.percentile(face, 90)), 1.0)
    return clipped(face * (1 - hair) + shade * light * hair)


def _soft(distance: np.ndarray) -> np.ndarray:
    """From 0 to 1 where a distance, in sides, crosses 0."""
    return np.clip(0.5 + distance / 0.06, 0, 1)
