"""Which pictures look alike, or are of one moment: what one shows, it shows of the others too."""

from collections.abc import Sequence

import numpy as np

from ..machine.opencv import cv2

# Correlation of two thumbnails from which on they show one moment. Of the 2.3 million pairs of 2155
# FER2013 faces 10 are above; in a film of a person who begins to smile all neighbouring frames are
# (0.97 and more).
ALIKE = 0.95
# And from which on a picture adds nothing. In that film the person with and without a smile is at
# 0.94 to 0.98, and half of the frames that are 0.3 s apart are above: it is for pictures of one
# person, whose moments are known.
NEAR = 0.99
SIDE = 16  # pixels of a thumbnail


def thumbnail(gray: np.ndarray) -> np.ndarray:
    """Of uint8 (height, width), gray: float32 (SIDE ** 2,), of mean 0 and length 1.

    Products of two are correlations.
    """
    small = cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def group_alike(
    pixels: Sequence[np.ndarray], labels: np.ndarray, moments: Sequence[str | None]
) -> np.ndarray:
    """Numbers the groups of pictures that belong together, directly or through others between them.

    Args:
        pixels: uint8 (height, width, 1 or 3) each, gray or RGB.
        labels: int64 (n,): pictures of two labels are never alike.
        moments: Of each; None where it is not known. Those of one belong together; those of two
            only where they are nearly the same.
    """
    if not pixels:
        return np.zeros(0, int)
    small = np.array([thumbnail(_gray(picture)) for picture in pixels])
    known = np.array([moment is not None for moment in moments])
    names = np.array([moment or "" for moment in moments])
    limit = np.where(known & known[:, np.newaxis], NEAR, ALIKE)
    is_same = known & (names == names[:, np.newaxis])
    alike = ((small @ small.T >= limit) | is_same) & (labels[:, np.newaxis] == labels)
    groups = np.arange(len(pixels))
    for number in range(len(pixels)):
        joined = np.unique(groups[alike[number]])
        groups[np.isin(groups, joined)] = joined[0]
    return np.unique(groups, return_inverse=True)[1].astype(int)


def _gray(pixels: np.ndarray) -> np.ndarray:
    return pixels[:, :, 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
