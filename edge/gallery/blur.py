"""Faces that nobody is to recognize."""

from collections.abc import Iterable

import numpy as np

from ..machine.opencv import cv2
from ..prediction import Box

AROUND = 0.3  # of a box's sides, on each: hair, ears and chin are beyond the detector's box
CELLS = 4  # a side that are left of a face; at 8 networks still find who it is


def blurred(image: np.ndarray, boxes: Iterable[Box]) -> np.ndarray:
    """A copy of a picture in which faces are smears of a few colours.

    Args:
        image: uint8 (height, width, 3), BGR.
        boxes: (x, y, width, height) of the faces, in pixels.
    """
    canvas = image.copy()
    for x, y, width, height in boxes:
        left, right = max(0, round(x - AROUND * width)), round(x + width + AROUND * width)
        top, bottom = max(0, round(y - AROUND * height)), round(y + height + AROUND * height)
        face = canvas[top : max(bottom, 0), left : max(right, 0)]
        if face.size:
            cells = cv2.resize(face, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
            face[:] = cv2.resize(cells, face.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return canvas
