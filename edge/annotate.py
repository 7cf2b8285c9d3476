"""Copies of pictures and videos with the answer written under each."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from edge.classifier import Prediction
from edge.errors import OutputError
from edge.frames import Frame
from edge.opencv import cv2
from edge.output_file import replacing, write_bytes

# B, G, R. Told apart by people with red-green colour blindness too: amber, blue, gray.
COLOURS = {"happy": (0, 170, 250), "sad": (200, 110, 30), "unsure": (120, 120, 120)}
ENDING = "-answer"  # so that a copy never takes the name of its original
MIN_WIDTH = 240  # pixels; narrower pictures are enlarged so that the answer can be read


def annotate(image: np.ndarray, prediction: Prediction) -> np.ndarray:
    """A copy of the picture with a strip below it: label, probability, and a bar for p_happy.

    Args:
        image: uint8 (height, width, 3), BGR.
        prediction: The answer for it.

    Returns:
        uint8 (height + strip, width, 3), BGR; both sides even, as video encoders want them.
    """
    height, width = image.shape[:2]
    if width < MIN_WIDTH:
        factor = MIN_WIDTH / width
        size_wh = (MIN_WIDTH, min(round(height * factor), 4 * MIN_WIDTH))
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_NEAREST)
        height, width = image.shape[:2]
    strip_height = max(28, width // 12)
    canvas = np.full((height + strip_height, width, 3), 255, np.uint8)
    canvas[:height] = image
    colour = COLOURS[prediction.label]
    bar_top = height + strip_height - max(4, strip_height // 6)
    canvas[bar_top:, : round(width * prediction.p_happy)] = colour
    text = f"{prediction.label}  p(happy) {prediction.p_happy:.2f}"
    scale = strip_height / 48
    cv2.putText(
        canvas, text, (strip_height // 4, bar_top - strip_height // 5),
        cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), max(1, round(2 * scale)), cv2.LINE_AA,
    )  # fmt: skip
    return canvas[: canvas.shape[0] // 2 * 2, : width // 2 * 2]


class AnnotatedCopies(contextlib.ExitStack):
    """Writes annotated copies into a folder: images as PNG, videos as MP4.

    A context manager: the video in hand is completed when the block ends, and not left behind
    half-written when it ends in an error.
    """

    def __init__(self, directory: Path) -> None:
        """Takes the folder to write to; it is made with the first copy."""
        super().__init__()
        self.directory = directory
        self._names: set[str] = set()
        self._write_frame: Callable[[np.ndarray], None]

    def add(self, frame: Frame, prediction: Prediction) -> None:
        """Writes the copy of one image, or one frame of the copy of a video.

        Raises:
            OutputError: The copy cannot be written.
        """
        if frame.video is None or frame.video.index == 0:
            self.close()  # the video before this picture is complete
        annotated = annotate(frame.image, prediction)
        if frame.video is None:
            _, encoded = cv2.imencode(".png", annotated)
            write_bytes(self._target(frame.path, ".png"), encoded.tobytes())
            return
        if frame.video.index == 0:
            target = self._target(frame.path, ".mp4")
            size_wh = (annotated.shape[1], annotated.shape[0])
            self._write_frame = self.enter_context(_video(target, frame.video.fps, size_wh))
        self._write_frame(annotated)

    def _target(self, source: Path, suffix: str) -> Path:
        """A name in the folder that no other copy of this run has: photo.png, photo-2.png."""
        name, number = f"{source.stem}{ENDING}{suffix}", 2
        while name in self._names:
            name, number = f"{source.stem}{ENDING}-{number}{suffix}", number + 1
        self._names.add(name)
        return self.directory / name


@contextlib.contextmanager
def _video(
    target: Path, fps: float, size_wh: tuple[int, int]
) -> Iterator[Callable[[np.ndarray], None]]:
    """An MP4 in the making; gives the function that adds a frame."""
    with replacing(target) as temporary:
        writer = cv2.VideoWriter(str(temporary), cv2.VideoWriter.fourcc(*"mp4v"), fps, size_wh)
        frames = 0

        def write(image: np.ndarray) -> None:
            nonlocal frames
            writer.write(image)
            frames += 1

        try:
            yield write
        finally:
            writer.release()
        # OpenCV's writer does not report a full disk: read back what it wrote.
        written = cv2.VideoCapture(str(temporary))
        count = int(written.get(cv2.CAP_PROP_FRAME_COUNT))
        written.release()
        if count != frames:
            raise OutputError(f"cannot write {target}: {count} of {frames} frames were stored")
