"""Whether a face can be judged at all: not one too small, cut off, turned, dark or blurred."""

import math

import numpy as np

from ..machine.opencv import cv2
from .boxes import share_outside
from .detector import Face

# The numbers were chosen on FER2013's validation photographs (48x48 pixels; a face found in 731 of
# 800) and on photographs and a video of faces near the camera. Of the 731, 713 pass; of those with
# room around the face more than 98 %; of the others all.

# Pixels. Half of FER2013's size, whose pictures are as small as people can still read.
MIN_SIDE = 24
# Of the FER2013 faces, which fill their picture, 1.5 % lie further outside, and 9 % by more than
# 0.15, most of them easy to read: what is missing there is hair and chin.
MAX_OUTSIDE = 0.3
EYES_AND_MOUTH = [0, 1, 3]  # the keypoints that must be in the picture
# How far the tip of the nose is from the middle between the eyes, along the line through them, in
# distances of the eyes. Looking straight it is below 0.1; it grows with the tangent of the turn. Of
# 3,399 faces found in FER2013's validation part 2.3 % are beyond, profiles and faces turned by half
# of a right angle, and of the answers for those 74 % are what FER+'s voters say, of the others'
# 84 %. Of 51 faces that look straight none is beyond, nor when they are turned by 40 degrees as the
# surface of a head.
MAX_TURN = 0.45
RIGHT_EYE, LEFT_EYE, NOSE = 0, 1, 2
# Gray levels, mean and standard deviation, of 0 to 255; both, because dark skin in good light has
# a low mean too, and fog a low contrast. Photographs and video frames at 15 % of their brightness
# are below, at 30 % above; no mean of 525 FER2013 faces is below 81, no deviation below 46.
DARK_MEAN, DARK_CONTRAST = 30, 10
# 99.5 % of 525 FER2013 faces have more than 0.34, faces near the camera 1.1 to 2.6. Blurred by a
# Gaussian with a sigma of 12 % of the distance of the eyes, 99 % have less than 0.19 (FER2013),
# 0.21 (photographs) and 0.14 (video).
SHARPNESS_SIDE, MIN_SHARPNESS = 32, 0.2


def refusal(image: np.ndarray, face: Face, crop: np.ndarray) -> str | None:
    """Why a face is not judged, or None if it can be.

    Args:
        image: The picture, uint8 (height, width, 3).
        face: Found in it.
        crop: The face's crop, uint8 (side, side, 3), BGR.

    Returns:
        "too_small", "cut_off", "turned_away", "too_dark" or "too_blurred"; the first that holds.
    """
    if face.side < MIN_SIDE:
        return "too_small"
    if share_outside(face.box, image.shape[1::-1]) > MAX_OUTSIDE or not _shows_eyes_and_mouth(
        image, face
    ):
        return "cut_off"
    if turn(face) > MAX_TURN:
        return "turned_away"
    gray = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(gray))
    if mean < DARK_MEAN and deviation < DARK_CONTRAST:
        return "too_dark"
    if sharpness(gray) < MIN_SHARPNESS:
        return "too_blurred"
    return None


def _shows_eyes_and_mouth(image: np.ndarray, face: Face) -> bool:
    points = face.keypoints[EYES_AND_MOUTH]
    return bool(((points >= 0) & (points < image.shape[1::-1])).all())


def turn(face: Face) -> float:
    """How far a face is turned to a side, however the head leans; see MAX_TURN."""
    right, left, nose = face.keypoints[[RIGHT_EYE, LEFT_EYE, NOSE]]
    across = left - right
    aside, squared = float((nose - (right + left) / 2) @ across), float(across @ across)
    return abs(aside) / squared if squared > 0 else math.inf


def sharpness(gray: np.ndarray) -> float:
    """How much of a crop's contrast is fine detail.

    The variance of the Laplacian over that of the pixels, so that neither a dark nor a pale face
    is called blurred; at one size, so that a large one is not either; without the outermost
    eighth, where the background is.

    Args:
        gray: uint8 (side, side).
    """
    side, edge = SHARPNESS_SIDE, SHARPNESS_SIDE // 8
    method = cv2.INTER_AREA if len(gray) > side else cv2.INTER_LINEAR
    small = cv2.resize(gray, (side, side), interpolation=method)
    detail = cv2.Laplacian(small, cv2.CV_16S)  # whole numbers: half of the time of floats
    inner = (slice(edge, -edge),) * 2
    # OpenCV's deviation takes a tenth of the time of numpy's for so few pixels.
    fine, all_ = (float(cv2.meanStdDev(pixels[inner])[1][0, 0]) for pixels in (detail, small))
    return fine**2 / max(all_**2, 1e-6)
