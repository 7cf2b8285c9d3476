"""Other light on a face, and other cameras' ways with it: the variation's gray values."""

import numpy as np

from edge.machine.opencv import cv2


def relight(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another gamma, contrast and exposure; sometimes with light from a side.

    Args:
        face: uint8 (side, side), gray; so is what all functions here return.
        rng: Source of the variation.
    """
    levels = (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.35))
    levels = (levels - 0.5) * rng.uniform(0.5, 1.35) + 0.5 + rng.uniform(-0.15, 0.15)
    face = cv2.LUT(face, clipped(levels * 255))
    if rng.random() < 0.35:
        angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.7)
        across = np.linspace(-1, 1, face.shape[1]) * np.cos(angle)
        down = np.linspace(-1, 1, face.shape[0]) * np.sin(angle)
        face = clipped(face * (1 + strength * (across + down[:, np.newaxis])))
    return face


def equalise(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The contrast of a picture that somebody has equalised, as a whole or tile by tile."""
    kind = rng.integers(3)
    if kind == 0:
        equal = cv2.equalizeHist(face)
    elif kind == 1:  # brightened before, and clipped by it
        equal = cv2.equalizeHist(clipped(face * 1.2))
    else:
        tiles = int(rng.integers(1, 5))
        equal = cv2.createCLAHE(rng.uniform(1, 5), (tiles, tiles)).apply(face)
    share = rng.uniform(0.4, 1)
    return cv2.addWeighted(equal, share, face, 1 - share, 0)


def darken(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Too little light: few gray values and the sensor's noise, mostly amplified by the camera."""
    dark = face * rng.uniform(0.15, 0.5)
    variance = rng.uniform(0.3, 3) + dark * rng.uniform(0, 0.25)
    dark = dark + rng.normal(0, 1, face.shape) * np.sqrt(variance)
    if rng.random() < 0.6:
        dark = (dark - dark.min()) / max(np.ptp(dark), 20) * rng.uniform(100, 255)
    return clipped(dark)


def infrared(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A night camera's look: pale, smooth skin, and a lamp that lights the middle only."""
    pale = cv2.GaussianBlur(face, (0, 0), rng.uniform(0.3, 0.9)).astype(np.float32) / 255
    pale = 255 * pale ** rng.uniform(0.35, 0.7)
    down, across = (np.linspace(-1, 1, side) - rng.uniform(-0.4, 0.4) for side in face.shape)
    distance = down[:, np.newaxis] ** 2 + across**2
    lit = pale * np.exp(-distance * rng.uniform(0.1, 0.8)) * rng.uniform(0.6, 1.3)
    return clipped(lit + rng.normal(0, rng.uniform(1, 8), face.shape))


def clipped(values: np.ndarray) -> np.ndarray:
    """Gray values as uint8, what is beyond 0 to 255 cut off."""
    return np.clip(values, 0, 255).astype(np.uint8)
