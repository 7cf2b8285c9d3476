"""The square around a face, turned level, as the pictures of the training data show faces."""

import math
from dataclasses import dataclass

import numpy as np

from ..machine.opencv import cv2
from .detector import Face

# Measured with the shipped model on 1,108 faces found in made-up scenes (docs/margin.json): sad is
# told from neutral best with 1.1 (AUC 0.971), nearly as well with 1.0 and 1.2 (0.968), worse with
# 1.4 (0.952). The shift matters little from -0.15 to 0; in the median the box's centre lay at 0.56
# of the way down the training picture, and the crop is centred that much above it.
MARGIN = 1.1
SHIFT = -0.07
MAX_SIDE = 600  # pixels; 4 times the default input


@dataclass(frozen=True, slots=True)
class Square:
    """A square in a picture, level with the eyes.

    Attributes:
        centre: x and y in pixels.
        side: In pixels.
        angle: From the right eye to the left one against the horizontal, in radians; above 0
            when the head leans to the right of the picture.
    """

    centre: tuple[float, float]
    side: float
    angle: float

    def corners(self) -> np.ndarray:
        """float32 (4, 2): upper left, upper right, lower right, lower left as the face sees up."""
        across = np.array([math.cos(self.angle), math.sin(self.angle)]) * self.side / 2
        down = np.array([-across[1], across[0]])
        offsets = [-across - down, across - down, across + down, down - across]
        return (np.array(offsets) + self.centre).astype(np.float32)


def face_square(face: Face, margin: float = MARGIN, shift: float = SHIFT) -> Square:
    """Where a face's crop lies in its picture.

    Args:
        face: As the detector found it.
        margin: Side of the square, as a multiple of the longer side of the face's box.
        shift: By how much the square's centre lies below the box's, along the face's own
            vertical, as a share of the square's side; above the box's centre when negative.
    """
    x, y, width, height = face.box
    right_eye, left_eye = face.keypoints[:2].astype(float)
    angle = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    side = margin * face.side
    down = shift * side
    centre = (
        x + width / 2 - math.sin(angle) * down,
        y + height / 2 + math.cos(angle) * down,
    )
    return Square(centre, side, angle)


def crop_face(
    image: np.ndarray,
    face: Face,
    margin: float = MARGIN,
    shift: float = SHIFT,
    max_side: int = MAX_SIDE,
) -> np.ndarray:
    """The face alone, level, at the size that it has in the picture.

    What lies beyond the picture's border is filled with the border's pixels.

    Args:
        image: uint8 (height, width, 3), BGR.
        face: Found in it.
        margin: As for `face_square`.
        shift: As for `face_square`.
        max_side: Larger crops are made this large, in pixels.

    Returns:
        uint8 (side, side, 3), BGR; side is 1 to max_side.
    """
    square = face_square(face, margin, shift)
    corners = square.corners()
    region, origin = _around(image, corners)
    scale = min(1.0, max_side / square.side)
    if scale < 1:
        # warpAffine skips pixels when it shrinks; averaging first leaves it nothing to shrink.
        size_wh = (max(1, round(region.shape[1] * scale)), max(1, round(region.shape[0] * scale)))
        scale_xy = np.divide(size_wh, region.shape[1::-1])
        region = cv2.resize(region, size_wh, interpolation=cv2.INTER_AREA)
    else:
        scale_xy = np.ones(2)
    side = max(1, round(square.side * scale))
    # In both, corners are those of the area, half a pixel before the first pixel's centre.
    source = ((corners[[0, 1, 3]] - origin) * scale_xy - 0.5).astype(np.float32)
    target = np.array([[0, 0], [side, 0], [0, side]], np.float32) - 0.5
    return cv2.warpAffine(
        region, cv2.getAffineTransform(source, target), (side, side),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def _around(image: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a picture that holds a square, and where its upper left corner lies: (x, y)."""
    height, width = image.shape[:2]
    across, down = corners.T.tolist()
    spare = 2  # pixels, which the interpolation reads
    left, top = math.floor(min(across)) - spare, math.floor(min(down)) - spare
    right, bottom = math.ceil(max(across)) + spare, math.ceil(max(down)) + spare
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    right, bottom = min(max(right, left + 1), width), min(max(bottom, top + 1), height)
    return image[top:bottom, left:right], np.array([left, top])
