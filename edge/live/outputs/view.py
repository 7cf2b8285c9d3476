"""What a person sees of a frame: the answers on it, bars for p_happy, and how fast it goes."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...images.annotate import FONT, MIN_WIDTH, annotate, draw_bar
from ...machine.opencv import cv2
from ...prediction import Box, Prediction
from ..pulse import Pulse

TRACK = (40, 40, 40)  # B, G, R of a bar where it is not filled
WHITE = (255, 255, 255)


def draw_view(
    image: np.ndarray, answers: Sequence[Prediction], pulse: Pulse, mirror: bool
) -> np.ndarray:
    """A copy of a frame with its answers, as a mirror shows it if that is wanted.

    An answer for the whole picture is a box around it, and not a strip below as in `annotate`:
    the size depends on that of the frame only, as a window and a video want it.

    Args:
        image: uint8 (height, width, 3), BGR.
        answers: At least one.
        pulse: Gives the frame rate and the latency.
        mirror: Whether left and right change places; the text stays as it is.

    Returns:
        uint8, BGR, of the frame's size, or enlarged to a width of MIN_WIDTH.
    """
    height, width = image.shape[:2]
    if mirror:
        image = cv2.flip(image, 1)
    if width < MIN_WIDTH:
        size_wh = (MIN_WIDTH, min(round(height * MIN_WIDTH / width), 4 * MIN_WIDTH))
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_NEAREST)
    scale_xy = (image.shape[1] / width, image.shape[0] / height)
    shown = [_shown(answer, (width, height), scale_xy, mirror) for answer in answers]
    canvas = annotate(image, shown)
    for prediction in shown:
        if prediction.box and prediction.p_happy is not None:
            _draw_bar(canvas, prediction.box, prediction)
    _draw_pulse(canvas, pulse)
    return canvas


def draw_no_camera(view: np.ndarray) -> np.ndarray:
    """The last view, darkened, for while no frames come.

    Returns:
        uint8, BGR, of the same size.
    """
    canvas = view // 3
    scale = canvas.shape[1] / 500
    thickness = max(1, round(scale * 1.5))
    (wide, high), _ = cv2.getTextSize("no camera", FONT, scale, thickness)
    place = ((canvas.shape[1] - wide) // 2, (canvas.shape[0] + high) // 2)
    cv2.putText(canvas, "no camera", place, FONT, scale, WHITE, thickness, cv2.LINE_AA)
    return canvas


def draw_words(view: np.ndarray, text: str) -> None:
    """Writes a few words of ASCII across the top of a view; nothing where there are none."""
    scale = max(0.45, view.shape[1] / 1100)
    (wide, high), below = cv2.getTextSize(text or "x", FONT, scale, 1)
    letters = int(0.9 * (view.shape[1] - 16) * max(1, len(text)) / wide)  # some are wider
    lines = textwrap.wrap(text, max(8, letters))
    step = high + below + 4
    if lines:
        ground = view[: step * len(lines) + 6]
        ground //= 3
    for number, line in enumerate(lines, 1):
        cv2.putText(view, line, (8, step * number - 2), FONT, scale, WHITE, 1, cv2.LINE_AA)


def _shown(
    answer: Prediction,
    size_wh: tuple[int, int],
    scale_xy: tuple[float, float],
    mirror: bool,
) -> Prediction:
    """An answer with its box where the view has it; the box of the whole picture is all of it."""
    box = answer.box
    if box is None and answer.p_happy is not None:
        box = (0, 0, *size_wh)
    if box:
        x, y, width, height = box
        if mirror:
            x = size_wh[0] - x - width
        left, right = round(x * scale_xy[0]), round((x + width) * scale_xy[0])
        top, bottom = round(y * scale_xy[1]), round((y + height) * scale_xy[1])
        box = (left, top, right - left, bottom - top)
    return replace(answer, box=box)


def _draw_bar(canvas: np.ndarray, box: Box, prediction: Prediction) -> None:
    """A bar below the box, or at its lower end where the picture ends: full is 1."""
    x, y, width, height = box
    thick = max(6, canvas.shape[1] // 100)
    top = max(0, min(y + height + thick // 2, canvas.shape[0] - thick))
    left, right = max(0, x), min(canvas.shape[1], x + width)
    bar = canvas[top : top + thick, left:right]
    bar[:] = TRACK
    draw_bar(bar, prediction)


def _draw_pulse(canvas: np.ndarray, pulse: Pulse) -> None:
    """Frame rate and latency in the lower right corner, above the bar of a whole picture."""
    text = f"{pulse.fps:.1f} fps  {pulse.latency_ms(50):.0f} ms"
    scale = max(0.4, canvas.shape[1] / 1600)
    thickness = max(1, round(scale * 1.5))
    (wide, high), below = cv2.getTextSize(text, FONT, scale, thickness)
    pad = max(3, high // 3)
    bottom = canvas.shape[0] - max(6, canvas.shape[1] // 100) - pad
    left = canvas.shape[1] - wide - 3 * pad
    ground = canvas[max(0, bottom - high - below - 2 * pad) : bottom, left : canvas.shape[1] - pad]
    ground //= 3
    place = (left + pad, bottom - below - pad)
    cv2.putText(canvas, text, place, FONT, scale, WHITE, thickness, cv2.LINE_AA)
