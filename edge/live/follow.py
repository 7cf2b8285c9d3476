"""Follows a face from one frame to the next by optical flow, so that it need not be found again.

Median flow (Z. Kalal, K. Mikolajczyk, J. Matas, "Forward-Backward Error: Automatic Detection of
Tracking Failures", ICPR 2010) on a grid of points in the face, with a similarity in place of
shift and scale, because heads lean.
"""

import math

import numpy as np

from ..faces.boxes import Box
from ..faces.detector import Face
from ..machine.opencv import cv2

SIDE = 96  # pixels of the patch that the flow is computed on, whatever the size of the face
AROUND = 2.0  # side of the patch, as a multiple of the box: the head may move half its width
GRID = 6  # points a side
INNER = 0.7  # share of the box's side that the grid spans: beyond it is background
WINDOW = (11, 11)  # pixels of the patch; a quarter of the face
LEVELS = 2
# A point counts if the flow back ends within this many pixels of the patch from where it began
# (0.02 of a face's side); a face is lost when fewer than half of the points do.
MAX_RETURN = 1.0
MIN_KEPT = 0.5
MAX_STRETCH = 1.3  # between two frames; more is no face that moved
# float32 (GRID * GRID, 2): the points, as shares of the box.
_STEPS = np.linspace(0.5 - INNER / 2, 0.5 + INNER / 2, GRID, dtype=np.float32)
_POINTS = np.stack(np.meshgrid(_STEPS, _STEPS), axis=2).reshape(-1, 2)


class Patch:
    """The surroundings of a face in one frame, at one size.

    Attributes:
        pixels: uint8 (SIDE, SIDE), gray.
        origin: x and y of its upper left corner in the frame.
        scale: Pixels of the patch for each pixel of the frame.
    """

    def __init__(self, image: np.ndarray, box: Box) -> None:
        """Cuts it out of a frame, uint8 (height, width, 3), BGR."""
        x, y, width, height = box
        side = max(2.0, AROUND * max(width, height))
        self.scale = SIDE / side
        self.origin = np.array([x + (width - side) / 2, y + (height - side) / 2], np.float32)
        self.pixels = self.same_place(image)

    def same_place(self, image: np.ndarray) -> np.ndarray:
        """What another frame shows there, uint8 (SIDE, SIDE), gray."""
        side = SIDE / self.scale
        left, top = (round(place) for place in self.origin.tolist())
        right, bottom = left + round(side), top + round(side)
        height, width = image.shape[:2]
        inside = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        if inside.shape[0] != bottom - top or inside.shape[1] != right - left:
            if inside.size == 0:
                return np.zeros((SIDE, SIDE), np.uint8)
            inside = cv2.copyMakeBorder(
                inside, max(-top, 0), max(bottom - height, 0), max(-left, 0),
                max(right - width, 0), cv2.BORDER_REPLICATE,
            )  # fmt: skip
        # Averaging all pixels of a large face (INTER_AREA) took 5 times as long and followed it no
        # better: the centre's error after 30 frames was 0.014 of the face's side, not 0.012.
        small = cv2.resize(inside, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)


def followed(face: Face, patch: Patch, image: np.ndarray) -> Face | None:
    """Where a face is in the next frame, or None if that cannot be said.

    Args:
        face: In the frame before.
        patch: Cut out of the frame before, around the face.
        image: The next frame, uint8 (height, width, 3), BGR.
    """
    x, y, width, height = face.box
    here = _POINTS * np.array((width, height), np.float32) + np.array((x, y), np.float32)
    start = (here - patch.origin) * patch.scale
    pixels = patch.same_place(image)
    end, found = _flow(patch.pixels, pixels, start)
    back, found_back = _flow(pixels, patch.pixels, end)
    near = np.abs(back - start) < MAX_RETURN
    kept = found & found_back & near[:, 0] & near[:, 1]
    if np.count_nonzero(kept) < MIN_KEPT * len(kept):
        return None
    there = end[kept] / patch.scale + patch.origin
    pixel = 1 / patch.scale
    motion, _ = cv2.estimateAffinePartial2D(here[kept], there, ransacReprojThreshold=pixel)
    if motion is None:
        return None
    stretch = math.hypot(motion[0, 0], motion[1, 0])
    if not 1 / MAX_STRETCH < stretch < MAX_STRETCH:
        return None
    centre = motion[:, :2] @ (x + width / 2, y + height / 2) + motion[:, 2]
    width, height = width * stretch, height * stretch
    box = (float(centre[0]) - width / 2, float(centre[1]) - height / 2, width, height)
    keypoints = (face.keypoints @ motion[:, :2].T + motion[:, 2]).astype(np.float32)
    return Face(box, keypoints, face.score)


def _flow(old: np.ndarray, new: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where points have gone, float32 (n, 2), and which of them were found again, bool (n,)."""
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        old, new, points, points.copy(), winSize=WINDOW, maxLevel=LEVELS
    )
    return np.asarray(moved), np.asarray(found).ravel() == 1
