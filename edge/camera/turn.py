"""Turning the pictures of a camera that hangs upside down or on its side."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..machine.opencv import cv2

_ROTATIONS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_FLIPS = {"horizontal": 1, "vertical": 0}  # codes of cv2.flip


def turner(degrees: int, flip: str | None) -> Callable[[np.ndarray], np.ndarray]:
    """What turns a picture: first rotated, then flipped.

    Args:
        degrees: 0, 90, 180 or 270, clockwise.
        flip: "horizontal" swaps left and right, "vertical" above and below.
    """
    code = None if flip is None else _FLIPS[flip]
    return partial(_turned, rotation=_ROTATIONS.get(degrees), code=code)


def _turned(image: np.ndarray, rotation: int | None, code: int | None) -> np.ndarray:
    if rotation is not None:
        image = cv2.rotate(image, rotation)
    return image if code is None else cv2.flip(image, code)
