"""A face and what is around it, cut out of a frame."""

import numpy as np

from ..machine.opencv import cv2
from ..prediction import Box

AROUND = 0.6  # of a box's sides, on each: enough for the detector to find the face again
LONGEST_SIDE = 640  # pixels


def cutout(image: np.ndarray, box: Box | None) -> np.ndarray:
    """A picture of one face.

    Args:
        image: uint8 (height, width, 3), BGR.
        box: (x, y, width, height) of the face; None where all of the picture is the face.

    Returns:
        uint8, BGR; a copy. Empty where the box is.
    """
    if box is not None:
        x, y, width, height = box
        left, right = max(0, round(x - AROUND * width)), round(x + width + AROUND * width)
        top, bottom = max(0, round(y - AROUND * height)), round(y + height + AROUND * height)
        image = image[top:bottom, left:right]
    factor = LONGEST_SIDE / max(1, *image.shape[:2])
    if factor >= 1:
        return image.copy()
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def inner(picture: np.ndarray) -> np.ndarray:
    """The middle of a cutout, gray: the face without most of what is around it.

    Args:
        picture: uint8 (height, width, 3), BGR.
    """
    height, width = picture.shape[:2]
    middle = picture[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY)
