"""Frames to measure on: faces that move a little, drawn here or taken from the user's picture."""

import math
from collections.abc import Sequence

import numpy as np

from ..machine.opencv import cv2

FRAME_HW = (480, 640)
FRAMES = 24  # shown forwards and backwards; 22 MB
MOVE = 14.0  # pixels to either side; a head that sways
# The middle of each face in the frame and its side, as shares of the frame's width. One face is
# near; five are so small that the detector's second network is asked, as in a group before a
# camera.
LAYOUTS: dict[int, Sequence[tuple[float, float, float]]] = {
    0: (),
    1: ((0.5, 0.38, 0.42),),
    5: (
        (0.18, 0.2, 0.22), (0.5, 0.18, 0.22), (0.82, 0.2, 0.22),
        (0.32, 0.55, 0.22), (0.68, 0.55, 0.22),
    ),
}  # fmt: skip
GROUND = (150, 140, 130)  # B, G, R
_SCALE = 3  # drawn larger, for smooth edges

Colour = tuple[int, int, int]


def draw_scene(faces: int) -> np.ndarray:
    """A frame with so many smiling faces, a key of LAYOUTS, that the detector finds.

    Returns:
        uint8 (480, 640, 3), BGR.
    """
    height, width = FRAME_HW
    frame = np.full((height, width, 3), GROUND, np.uint8)
    # A ground of one colour would compress, and be followed, as no camera's picture is.
    noise = np.random.default_rng(0).normal(0, 6, frame.shape)
    frame = np.clip(frame + noise, 0, 255).astype(np.uint8)
    for across, down, share in LAYOUTS[faces]:
        side = round(share * width)
        left, top = round(across * width - side / 2), round(down * width - side / 2)
        frame[top : top + side, left : left + side] = draw_portrait(side)
    return frame


def fit_scene(image: np.ndarray) -> np.ndarray:
    """A picture fitted into a frame, its aspect ratio kept, black around it.

    Args:
        image: uint8 (height, width, 3), BGR.

    Returns:
        uint8 (480, 640, 3), BGR.
    """
    height, width = FRAME_HW
    scale = min(height / image.shape[0], width / image.shape[1])
    size_wh = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, size_wh, interpolation=method)
    frame = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size_wh[0]) // 2, (height - size_wh[1]) // 2
    frame[top : top + size_wh[1], left : left + size_wh[0]] = small
    return frame


def moving(scene: np.ndarray, count: int = FRAMES) -> list[np.ndarray]:
    """The scene swaying, one step a frame.

    Args:
        scene: uint8 (height, width, 3), BGR.
        count: How many frames.
    """
    frames = []
    for index in range(count):
        angle = math.pi * index / count
        shift = np.array([[1, 0, MOVE * math.sin(angle)], [0, 1, MOVE / 2 * (1 - math.cos(angle))]])
        size_wh = scene.shape[1::-1]
        frames.append(cv2.warpAffine(scene, shift, size_wh, borderMode=cv2.BORDER_REPLICATE))
    return frames


def draw_portrait(side: int) -> np.ndarray:
    """A face from the front, so many pixels a side, shaded, on GROUND.

    Returns:
        uint8 (side, side, 3), BGR.
    """
    large = side * _SCALE
    canvas = np.full((large, large, 3), GROUND, np.uint8)

    def oval(
        x: float, y: float, wide: float, high: float, colour: Colour,
        line: float = 0, arc: tuple[int, int] = (0, 360),
    ) -> None:  # fmt: skip
        """An ellipse or an arc of one; places and sizes are shares of the side."""
        centre, axes = ((round(a * large), round(b * large)) for a, b in ((x, y), (wide, high)))
        thickness = max(1, round(line * large)) if line else cv2.FILLED
        cv2.ellipse(canvas, centre, axes, 0, *arc, colour, thickness, cv2.LINE_AA)

    oval(0.5, 0.42, 0.34, 0.40, (30, 40, 60))  # hair
    oval(0.5, 0.52, 0.28, 0.37, (140, 170, 215))
    for x in (0.39, 0.61):
        oval(x, 0.47, 0.055, 0.026, (235, 240, 245))
        oval(x, 0.47, 0.024, 0.026, (50, 60, 80))
        oval(x, 0.47, 0.010, 0.012, (10, 10, 10))
        oval(x, 0.405, 0.075, 0.028, (40, 50, 70), 0.02, (200, 340))  # brow
        oval(x, 0.455, 0.06, 0.03, (60, 80, 120), 0.008, (190, 350))  # lid
    oval(0.5, 0.585, 0.035, 0.02, (105, 130, 180))  # nose
    oval(0.5, 0.55, 0.02, 0.08, (150, 182, 225))
    for x in (0.475, 0.525):
        oval(x, 0.6, 0.012, 0.008, (60, 80, 120))
    oval(0.5, 0.71, 0.10, 0.045, (80, 80, 170))  # lips
    oval(0.5, 0.70, 0.085, 0.022, (240, 240, 240))  # teeth
    blurred = cv2.GaussianBlur(canvas, (0, 0), large * 0.008)
    down, across = np.mgrid[:large, :large] / large
    shade = 1 - 0.45 * np.clip((across - 0.45) ** 2 / 0.10 + (down - 0.5) ** 2 / 0.2, 0, 1)
    shaded = np.clip(blurred * shade[..., np.newaxis], 0, 255).astype(np.uint8)
    return cv2.resize(shaded, (side, side), interpolation=cv2.INTER_AREA)
