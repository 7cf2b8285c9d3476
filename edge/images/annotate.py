"""Copies of pictures and videos with the answers on the faces, or written under each."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import ImageError, one_line
from ..machine.opencv import cv2
from ..machine.output_file import write_bytes
from ..prediction import Prediction
from ..video.writer import VideoWriter, video_file
from .copy_names import CopyNames
from .frame import Frame

Colour = tuple[int, int, int]

# B, G, R. Told apart by people with red-green colour blindness too: amber, blue, bluish green
# (M. Okabe, K. Ito, "Color Universal Design", 2008), gray.
COLOURS: dict[str, Colour] = {
    "happy": (0, 170, 250),
    "sad": (200, 110, 30),
    "neutral": (115, 158, 0),
    "unsure": (120, 120, 120),
    "no_face": (120, 120, 120),
}
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX
ENDING = "-answer"  # so that a copy never takes the name of its original
MIN_WIDTH = 240  # pixels; narrower pictures are enlarged so that the answer can be read


def annotate(image: np.ndarray, predictions: Sequence[Prediction]) -> np.ndarray:
    """A copy of the picture with the answers: on the faces, or in a strip below for all of it.

    Args:
        image: uint8 (height, width, 3), BGR.
        predictions: The answers for it, at least one.

    Returns:
        uint8, BGR, of the picture's size or larger.
    """
    height, width = image.shape[:2]
    factor = max(1.0, MIN_WIDTH / width)
    if factor > 1:
        size_wh = (MIN_WIDTH, min(round(height * factor), 4 * MIN_WIDTH))
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_NEAREST)
    first = predictions[0]
    if first.box is None and first.p_happy is not None:
        canvas = _with_strip(image, first)
    else:
        scale_xy = (image.shape[1] / width, image.shape[0] / height)
        canvas = _with_faces(image, predictions, scale_xy)
    return canvas


def p_text(prediction: Prediction) -> str:
    """The probability that stands beside the label, with two decimals; nothing where none does."""
    return "" if prediction.p_shown is None else f"{prediction.p_shown:.2f}"


def draw_bar(canvas: np.ndarray, prediction: Prediction) -> None:
    """Fills a bar from the left with the probabilities, each in its colour.

    Args:
        canvas: uint8 (height, width, 3), BGR; all of it is the bar.
        prediction: With a p_happy.
    """
    total = 0.0
    for label in ("happy", "neutral", "sad"):
        p = prediction.probabilities[f"p_{label}"]
        left, total = round(canvas.shape[1] * total), total + (p or 0.0)
        canvas[:, left : round(canvas.shape[1] * total)] = COLOURS[label]


def _with_strip(image: np.ndarray, prediction: Prediction) -> np.ndarray:
    """The picture above a strip with label, probability, and a bar."""
    height, width = image.shape[:2]
    strip_height = max(28, width // 12)
    canvas = np.full((height + strip_height, width, 3), 255, np.uint8)
    canvas[:height] = image
    bar_top = height + strip_height - max(4, strip_height // 6)
    draw_bar(canvas[bar_top:], prediction)
    text = f"{prediction.label}  {p_text(prediction)}".rstrip()
    scale = strip_height / 48
    place = (strip_height // 4, bar_top - strip_height // 5)
    thickness = max(1, round(2 * scale))
    cv2.putText(canvas, text, place, FONT, scale, BLACK, thickness, cv2.LINE_AA)
    return canvas


def _with_faces(
    image: np.ndarray, predictions: Sequence[Prediction], scale_xy: tuple[float, float]
) -> np.ndarray:
    """The picture with a box and a label on each face, or "no face" in its corner."""
    canvas = np.array(image)
    text_scale = max(0.4, image.shape[1] / 1600)
    line_width = max(1, round(text_scale * 4))
    for prediction in predictions:
        colour = COLOURS[prediction.label]
        text = prediction.label.replace("_", " ")
        left, top = 0, 0
        if prediction.box:
            x, y, width, height = prediction.box
            left, top = round(x * scale_xy[0]), round(y * scale_xy[1])
            right, bottom = round((x + width) * scale_xy[0]), round((y + height) * scale_xy[1])
            cv2.rectangle(canvas, (left, top), (right, bottom), colour, line_width)
            what = prediction.reason or p_text(prediction)
            text = f"{text} {what.replace('_', ' ')}".rstrip()
        _tag(canvas, text, (left, top), text_scale, colour)
    return canvas


def _tag(
    canvas: np.ndarray, text: str, corner: tuple[int, int], scale: float, colour: Colour
) -> None:
    """Writes on a ground of the colour, above the corner where there is room, in the picture."""
    thickness = max(1, round(scale * 2))
    (wide, high), below = cv2.getTextSize(text, FONT, scale, thickness)
    pad = max(2, high // 4)
    left = max(0, min(corner[0], canvas.shape[1] - wide - 2 * pad))
    bottom = max(corner[1], high + below + 2 * pad)
    top = bottom - high - below - 2 * pad
    cv2.rectangle(canvas, (left, top), (left + wide + 2 * pad, bottom), colour, cv2.FILLED)
    place = (left + pad, bottom - below - pad)
    cv2.putText(canvas, text, place, FONT, scale, ink_on(colour), thickness, cv2.LINE_AA)


def ink_on(ground: Colour) -> Colour:
    """Black or white, whichever is told apart more easily from a ground of this colour."""
    blue, green, red = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (value / 255 for value in ground)
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # as of WCAG 2.2
    return BLACK if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else WHITE


class AnnotatedCopies(contextlib.ExitStack):
    """Writes annotated copies into a folder: images as PNG, videos as MP4.

    A context manager: the video in hand is completed when the block ends, and not left behind
    half-written when it ends in an error.

    Attributes:
        names: Those that the copies got.
    """

    def __init__(self, directory: Path) -> None:
        """Takes the folder to write to; it is made with the first copy.

        Raises:
            OutputError: Nothing can be written there.
        """
        super().__init__()
        self.names = CopyNames(directory, ENDING)
        self._video: VideoWriter
        self._size_wh = (0, 0)

    def add(self, frame: Frame, predictions: Sequence[Prediction]) -> None:
        """Writes the copy of one image, or one frame of the copy of a video.

        Raises:
            ImageError: No copy can be made of this picture.
            OutputError: The copy cannot be written.
        """
        if frame.video is None or frame.video.index == 0:
            self.close()  # the video before this picture is complete
        try:
            annotated = annotate(frame.image, predictions)
            if frame.video is None:
                _, encoded = cv2.imencode(".png", annotated)
        except cv2.error as error:
            raise ImageError(f"{one_line(frame.path)}: {error.err}") from error
        if frame.video is None:
            with self.names.of(frame.path, ".png") as target:
                write_bytes(target, encoded.tobytes())
            return
        size_wh = (annotated.shape[1], annotated.shape[0])
        if frame.video.index == 0:
            target, self._size_wh = self.enter_context(self.names.of(frame.path, ".mp4")), size_wh
            self._video = self.enter_context(video_file(target, frame.video.fps, size_wh))
        if size_wh != self._size_wh:  # a video may change on its way
            annotated = cv2.resize(annotated, self._size_wh, interpolation=cv2.INTER_AREA)
        self._video.write(annotated, frame.video.time_s)
