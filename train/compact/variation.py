"""What a webcam does to a face: the variations that training shows every image in."""

import numpy as np

from edge.machine.opencv import cv2


def vary(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The face as another camera might have caught it; differently at every call.

    Mirrored (half of them), turned by about 6 degrees, scaled by 0.85 to 1.18, stretched by up to
    5 %, off centre by up to 6 %; lit from a side, with another exposure, contrast and gamma; out
    of focus, moved, enlarged from fewer pixels or sharpened; with sensor noise; after JPEG; with
    a patch in front of it.

    Args:
        face: uint8 (side, side), gray.
        rng: Source of the variation.

    Returns:
        uint8 (side, side), gray.
    """
    face = _move(face, rng)
    if rng.random() < 0.5:
        face = _light(face, rng)
    if rng.random() < 0.2:
        face = _focus(face, rng)
    if rng.random() < 0.15:
        noise = rng.normal(0, rng.uniform(2, 10), face.shape)
        face = np.clip(face + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:
        quality = int(rng.integers(25, 90))
        _, encoded = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
        face = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    if rng.random() < 0.15:
        _cover(face, rng)
    return face


def _move(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = len(face)
    angle = np.deg2rad(rng.normal(0, 6))
    scale = np.exp(rng.uniform(np.log(0.85), np.log(1.18)))
    stretch = np.exp(rng.uniform(-0.05, 0.05))
    mirror = -1 if rng.random() < 0.5 else 1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = scale * turn @ np.diag([mirror * stretch, 1 / stretch])
    centre = size / 2 + rng.uniform(-0.06, 0.06, 2) * size
    shift = centre - matrix @ np.array([size / 2, size / 2])
    border = (cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_CONSTANT)[rng.integers(3)]
    return cv2.warpAffine(
        face,
        np.column_stack([matrix, shift]),
        (size, size),
        flags=(cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)],
        borderMode=border,
        borderValue=int(rng.integers(256)),
    )


def _light(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gamma, contrast and exposure by one table; then, sometimes, light from a side."""
    levels = (np.arange(256) / 255) ** np.exp(rng.normal(0, 0.3))
    levels = (levels - 0.5) * rng.uniform(0.6, 1.3) + 0.5 + rng.uniform(-0.12, 0.12)
    face = cv2.LUT(face, (np.clip(levels, 0, 1) * 255).astype(np.uint8))
    if rng.random() < 0.3:
        height, width = face.shape
        angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.6)
        across = np.linspace(-1, 1, width) * np.cos(angle)
        down = np.linspace(-1, 1, height) * np.sin(angle)
        lit = face * (1 + strength * (across[np.newaxis] + down[:, np.newaxis]))
        face = np.clip(lit, 0, 255).astype(np.uint8)
    return face


def _focus(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = face.shape[0]
    kind = rng.integers(4)
    if kind == 0:
        return cv2.GaussianBlur(face, (0, 0), rng.uniform(0.4, 1.3))
    if kind == 1:  # motion: a line of weights at some angle
        length = int(rng.integers(2, 6))
        kernel = np.zeros((5, 5), np.float32)
        angle = rng.uniform(0, np.pi)
        for step in np.linspace(-(length - 1) / 2, (length - 1) / 2, 2 * length):
            kernel[round(2 + step * np.sin(angle)), round(2 + step * np.cos(angle))] = 1
        return cv2.filter2D(face, -1, kernel / kernel.sum())
    if kind == 2:
        small = int(size * rng.uniform(0.4, 0.9))
        fewer = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
        return cv2.resize(fewer, (size, size), interpolation=cv2.INTER_LINEAR)
    blurred = cv2.GaussianBlur(face, (0, 0), 1.0)
    amount = rng.uniform(0.2, 1.0)
    return cv2.addWeighted(face, 1 + amount, blurred, -amount, 0)


def _cover(face: np.ndarray, rng: np.random.Generator) -> None:
    """Puts a plain or noisy rectangle of up to a sixth of the area somewhere, in place."""
    size = face.shape[0]
    width, height = (rng.uniform(0.12, 0.4, 2) * size).astype(int)
    left, top = (int(rng.integers(-width // 2, size)), int(rng.integers(-height // 2, size)))
    area = face[max(top, 0) : top + height, max(left, 0) : left + width]
    area[...] = rng.integers(0, 256, area.shape if rng.random() < 0.5 else None, dtype=np.uint8)
