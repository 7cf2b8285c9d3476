"""Boxes in a picture: how much two of them share, and what of one is in the picture."""

import numpy as np

Box = tuple[float, float, float, float]  # x, y, width, height in pixels

SMALLEST_AREA = 1e-6  # square pixels: an empty box shares nothing, and is no division by zero


def shared_area(one: Box, other: Box) -> float:
    """The area that lies in both boxes, in square pixels."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0 to 1."""
    shared = shared_area(one, other)
    return shared / max(one[2] * one[3] + other[2] * other[3] - shared, SMALLEST_AREA)


def overlap_of_smaller(one: Box, other: Box) -> float:
    """Share of the smaller box that lies in the larger one, 0 to 1."""
    smaller = min(one[2] * one[3], other[2] * other[3])
    return shared_area(one, other) / max(smaller, SMALLEST_AREA)


def share_outside(box: Box, size_wh: tuple[int, int]) -> float:
    """Share of a box that lies beyond the border of a picture of this size, 0 to 1."""
    inside = shared_area(box, (0, 0, *size_wh))
    return 1 - inside / max(box[2] * box[3], SMALLEST_AREA)


def clipped(box: Box, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of a box that is in a picture of this size, in whole pixels."""
    x, y, width, height = box
    left, right = (min(max(round(side), 0), size_wh[0]) for side in (x, x + width))
    top, bottom = (min(max(round(side), 0), size_wh[1]) for side in (y, y + height))
    return left, top, right - left, bottom - top


def overlaps(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of one box with many, 0 to 1.

    Args:
        one: float (2 or more, 2): corner and size in its first two rows.
        others: float (n, 2 or more, 2): the same of n boxes.

    Returns:
        float (n,).
    """
    upper_left = np.maximum(one[0], others[:, 0])
    lower_right = np.minimum(one[0] + one[1], others[:, 0] + others[:, 1])
    shared = np.clip(lower_right - upper_left, 0, None).prod(axis=1)
    union = one[1].prod() + others[:, 1].prod(axis=1) - shared
    return shared / np.maximum(union, SMALLEST_AREA)
