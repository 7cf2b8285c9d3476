"""Tones: whether the levels of a picture are as a camera gives them, or were changed since."""

from dataclasses import dataclass

import numpy as np

from edge.machine.opencv import cv2

MAX_SIDE = 256  # pixels looked at, in either direction
# How far the levels lie from even use of all of them, on average, 0 to 1. Of 1,500 faces of FER2013
# 1 % lie nearer; of the same faces after `cv2.equalizeHist` all, after brightening and JPEG 90 %.
EVEN = 0.03
# More of its pixels at one end than this, and not for a plain background: 18 % of the same faces,
# and 55 % once they are multiplied by 1.2.
CLIPPED = 0.01


@dataclass(frozen=True, slots=True)
class Tones:
    """What the levels of one picture look like.

    Attributes:
        is_even: All levels are used alike: as histogram equalisation leaves a picture.
        is_clipped: Many pixels are black or white: as brightening or contrast leaves it.
    """

    is_even: bool
    is_clipped: bool


def tones(image: np.ndarray) -> Tones:
    """Looks at the levels of an image, uint8 (height, width, 3), BGR."""
    height, width = image.shape[:2]
    steps = slice(None, None, -(-height // MAX_SIDE)), slice(None, None, -(-width // MAX_SIDE))
    gray = cv2.cvtColor(np.ascontiguousarray(image[steps]), cv2.COLOR_BGR2GRAY)
    share = np.bincount(gray.ravel(), minlength=256) / gray.size
    rank = np.cumsum(share)
    darkest = np.flatnonzero(share)[0]
    is_even = False
    if share[darkest] < 1:
        even = (rank - rank[darkest]) / (1 - rank[darkest])  # as `equalizeHist` maps levels
        is_even = bool((np.abs(even - np.arange(256) / 255) * share).sum() < EVEN)
    corners = gray[[0, 0, -1, -1], [0, -1, 0, -1]]
    is_clipped = any(share[end] > CLIPPED and (corners == end).sum() < 2 for end in (0, 255))
    return Tones(is_even, is_clipped)
