"""Many pictures of one: near and far, leaning, smiling or not, in other lights, with noise."""

from pathlib import Path

import numpy as np

from edge.images.image_file import read_image
from edge.machine.opencv import cv2
from tests.support.chain import ROOT
from tests.support.expressions import BENT, bent

FACE_XY = 225, 128  # in docs/astronaut.jpg; 94 pixels wide


def takes(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """PNG files of 320 to 960 pixels, in whose middle, or nearly, the face is 40 to 300 wide."""
    chance = np.random.default_rng(seed)
    image = read_image(ROOT / "docs" / "astronaut.jpg")
    files = []
    for number in range(count):
        size = (int(chance.integers(320, 960)), int(chance.integers(320, 960)))
        wide = chance.uniform(40, min(300, 0.6 * min(size)))
        turned = cv2.getRotationMatrix2D(FACE_XY, chance.uniform(-25, 25), wide / 94)
        turned[:, 2] += np.array(size) * chance.uniform(0.35, 0.65, 2) - FACE_XY
        face = bent(image, chance.uniform(0, BENT["sad"]))
        taken = cv2.warpAffine(face, turned, size, borderMode=cv2.BORDER_REFLECT).astype(float)
        lit = chance.uniform(0.4, 1.2) * taken + chance.normal(
            0, chance.uniform(0, 12), taken.shape
        )
        files.append(folder / f"take-{number:03}.png")
        assert cv2.imwrite(str(files[-1]), lit.clip(0, 255).astype(np.uint8))
    return files
