"""A face with three mouths, in many lights and places: what somebody might show to be learned."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.photographs import film, photograph

FACE_XY = 226, 121  # in the photograph; leaning by 10 degrees, 103 pixels wide
MOUTH_XY = 224, 146
BENT = {"happy": 0.0, "neutral": 9.0, "sad": 21.0}  # pixels by which the corners are drawn down


def with_mouth(label: str) -> np.ndarray:
    """The photograph, with the corners of its mouth as they are or lower."""
    return bent(read_image(photograph("astronaut.png")), BENT[label])


def bent(image: np.ndarray, by: float) -> np.ndarray:
    """The photograph, with the corners of its mouth drawn down by so many pixels."""
    y, x = np.indices(image.shape[:2], np.float32)
    across, down = (x - MOUTH_XY[0]) / 24, (y - MOUTH_XY[1]) / 18
    near = np.exp(-0.5 * (across**4 / 4 + down**2))
    shift = by * near * (np.minimum(across**2, 1.5) - 0.35)
    return cv2.remap(image, x, (y - shift).astype(np.float32), cv2.INTER_LINEAR)


def crops(label: str, count: int, seed: int = 0) -> Iterator[np.ndarray]:
    """The face alone, uint8 (128, 128, 3), in another light and place each time."""
    chance = np.random.default_rng(seed)
    image = with_mouth(label)
    for _ in range(count):
        turn, scale = chance.uniform(0, 20), chance.uniform(1.05, 1.4)
        turned = cv2.getRotationMatrix2D(FACE_XY, turn, scale)
        turned[:, 2] += chance.uniform(-7, 7, 2) - np.subtract(FACE_XY, 64)
        crop = cv2.warpAffine(image, turned, (128, 128)).astype(float)
        lit = chance.uniform(0.75, 1.15) * crop + chance.normal(0, 4, crop.shape)
        yield lit.clip(0, 255).astype(np.uint8)


def keep_pictures(home: Path, each: int, moments: int = 12) -> None:
    """Puts pictures where those lie that somebody has chosen to keep.

    Args:
        home: `HAPPYSAD_HOME`.
        each: How many of each label.
        moments: How many they are of.
    """
    folder = home / "models" / "pictures"
    folder.mkdir(parents=True, mode=0o700)
    for seed, label in enumerate(BENT):
        (folder / label).mkdir()
        for number, crop in enumerate(crops(label, each, seed)):
            moment = f"20261128-1200{number * moments // each:02}"
            cv2.imwrite(str(folder / label / f"{moment}-{number:04}.png"), crop)


def expressive_clip(path: Path) -> Path:
    """A video of 30 frames: the photograph, moving, ten with each mouth."""
    frames = [np.roll(cv2.resize(with_mouth(label), (448, 448)), number % 9, axis=1)
              for label in BENT for number in range(10)]  # fmt: skip
    return film(path, frames)
