"""What a camera does to a face: the variations that training shows every image in."""

import numpy as np

from edge.images.preprocess import stretch
from edge.machine.opencv import cv2
from train.compact.beard import beard
from train.compact.lighting import clipped, darken, equalise, infrared, relight
from train.compact.pose import move

BEARDED = 0.08  # share of the faces
# Of a face's light, at most one is changed: (share of the faces, how).
LIGHTS = ((0.5, relight), (0.1, equalise), (0.06, darken), (0.03, infrared))


def vary(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The face as another camera might have caught it; differently at every call.

    With a beard (`beard`); held and framed otherwise (`move`); in other light (LIGHTS); out of
    focus, moved, enlarged from fewer pixels or sharpened; with sensor noise or film grain; after
    JPEG; with a patch in front of it. In the end at full contrast (`stretch`), as the network sees
    all faces.

    Args:
        face: uint8 (side, side), gray.
        rng: Source of the variation.

    Returns:
        uint8 (side, side), gray.
    """
    if rng.random() < BEARDED:
        face = beard(face, rng)
    face = move(face, rng)
    chance = rng.random()
    for share, change in LIGHTS:
        if 0 <= chance < share:
            face = change(face, rng)
        chance -= share
    if rng.random() < 0.2:
        face = _focus(face, rng)
    chance = rng.random()
    if chance < 0.12:
        face = clipped(face + rng.normal(0, rng.uniform(2, 12), face.shape))
    elif chance < 0.2:
        face = _grain(face, rng)
    if rng.random() < 0.12:
        quality = int(rng.integers(20, 90))
        _, encoded = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
        face = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    if rng.random() < 0.15:
        _cover(face, rng)
    return stretch(face)


def _focus(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    side = len(face)
    kind = rng.integers(4)
    if kind == 0:
        return cv2.GaussianBlur(face, (0, 0), rng.uniform(0.4, 1.4))
    if kind == 1:  # motion: a line of weights at some angle
        length = int(rng.integers(2, 6))
        kernel = np.zeros((5, 5), np.float32)
        angle = rng.uniform(0, np.pi)
        for step in np.linspace(-(length - 1) / 2, (length - 1) / 2, 2 * length):
            kernel[round(2 + step * np.sin(angle)), round(2 + step * np.cos(angle))] = 1
        return cv2.filter2D(face, -1, kernel / kernel.sum())
    if kind == 2:
        small = int(side * rng.uniform(0.35, 0.9))
        fewer = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
        return cv2.resize(fewer, (side, side), interpolation=cv2.INTER_LINEAR)
    blurred = cv2.GaussianBlur(face, (0, 0), 1.0)
    amount = rng.uniform(0.2, 1.2)
    return cv2.addWeighted(face, 1 + amount, blurred, -amount, 0)


def _grain(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Film's: in clumps, and strongest in the middle grays."""
    points = rng.normal(0, 1, face.shape)
    clumps = cv2.GaussianBlur(points, (0, 0), rng.uniform(0.4, 1.2))
    clumps = clumps * (rng.uniform(3, 16) / clumps.std())
    gray = face / 255
    return clipped(face + clumps * (0.4 + 1.2 * np.sqrt(gray * (1 - gray))))


def _cover(face: np.ndarray, rng: np.random.Generator) -> None:
    """Puts a plain or noisy rectangle of up to a sixth of the area somewhere, in place."""
    side = len(face)
    width, height = (rng.uniform(0.12, 0.4, 2) * side).astype(int)
    left, top = (int(rng.integers(-width // 2, side)), int(rng.integers(-height // 2, side)))
    area = face[max(top, 0) : top + height, max(left, 0) : left + width]
    area[...] = rng.integers(0, 256, area.shape if rng.random() < 0.5 else None, dtype=np.uint8)
