"""A video in the making: frames with their times become a file that browsers and phones play."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import OutputError
from ..machine.opencv import cv2
from ..machine.output_file import replacing
from .pyav import pyav

# H.264 plays everywhere and takes half the room; of its presets the first that is smaller than
# MPEG-4 at the same look and costs little more (3.8 and 3.0 ms of CPU for a frame of 640x480).
H264 = ("libx264", {"preset": "superfast", "crf": "23"})
# Half of that time, for 0.8 to 1.6 times the room and 0.5 dB (two films of 640 pixels).
QUICK_H264 = ("libx264", {"preset": "ultrafast", "coder": "cabac", "crf": "23"})
MPEG4 = ("mpeg4", {"qscale": "4"})  # where FFmpeg was built without, and in AVI
TICKS_A_SECOND = 30_000  # MPEG-4 takes 65,535 at most


class VideoWriter:
    """Writes frames of one size."""

    def __init__(
        self,
        file: BinaryIO,
        target: Path,
        fps: float,
        size_wh: tuple[int, int],
        is_quick: bool = False,
    ) -> None:
        """Writes the header with the first frame.

        Args:
            file: To write to, and to seek in.
            target: What it will be called: .avi, else it is an MP4.
            fps: Frames per second of frames without a time; in AVI, at most so many are kept.
            size_wh: (width, height) in pixels; an odd side gets a row more, as encoders want it.
            is_quick: Whether time matters more than room.
        """
        from fractions import Fraction

        form = "avi" if target.suffix.lower() == ".avi" else "mp4"
        self._av, self._fps, self._target = pyav(), fps, target
        h264 = QUICK_H264 if is_quick else H264
        codec, options = h264 if form == "mp4" and _has_h264(self._av) else MPEG4
        self._container: Any = self._av.open(file, "w", format=form)
        # An AVI has one rate, and fills what is missing with empty frames.
        rate = Fraction(fps).limit_denominator(1001)
        self._tick_s = 1 / rate if form == "avi" else Fraction(1, TICKS_A_SECOND)
        self._stream = self._container.add_stream(codec, rate=rate, options=options)
        self._stream.width, self._stream.height = (side + side % 2 for side in size_wh)
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = self._tick_s
        self._stream.codec_context.thread_count = 1  # the others are for the answers
        self._start_s: float | None = None
        self._next_s, self._last_tick = 0.0, -1

    def write(self, image: np.ndarray, time_s: float | None = None) -> None:
        """Adds a frame.

        Args:
            image: uint8 (height, width, 3), BGR, of the size that was given.
            time_s: When it was taken, on any clock, not before the frame before; None for 1/fps
                after that one. One that would come with it at once is left out.

        Raises:
            OutputError: It cannot be written.
        """
        time_s = self._next_s if time_s is None else time_s
        self._start_s = time_s if self._start_s is None else self._start_s
        self._next_s = time_s + 1 / self._fps
        tick = math.floor((time_s - self._start_s) / self._tick_s + 0.5)
        if tick <= self._last_tick:
            return
        self._last_tick = tick
        down, right = (side % 2 for side in image.shape[:2])
        even = cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_REPLICATE)
        # OpenCV's conversion takes a quarter of the time of FFmpeg's.
        planes = cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420)
        frame = self._av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = tick, self._tick_s
        frame.duration = max(1, round(1 / (self._fps * self._tick_s)))
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
            if frame is None:
                self._container.close()
        except (OSError, self._av.error.FFmpegError) as error:
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"cannot write {self._target}: {reason}") from error

    def finish(self) -> None:
        """Completes the file.

        Raises:
            OutputError: It cannot be written.
        """
        self._mux(None)

    def close(self) -> None:
        """Lets go of a file that is complete, or will never be."""
        with suppress(OSError, ValueError, self._av.error.FFmpegError):
            self._container.close()


@contextmanager
def video_file(
    target: Path,
    fps: float,
    size_wh: tuple[int, int],
    *,
    mode: int = 0o666,
    is_quick: bool = False,
) -> Iterator[VideoWriter]:
    """A video (.mp4 or .avi) in the making; it is there when the block ends well.

    The arguments are those of `VideoWriter` and of `replacing`.

    Raises:
        OutputError: It cannot be written.
    """
    with replacing(target, mode=mode) as temporary, temporary.open("wb") as file:
        writer = VideoWriter(file, target, fps, size_wh, is_quick)
        try:
            yield writer
            writer.finish()
        finally:
            writer.close()


def _has_h264(av: Any) -> bool:
    return H264[0] in av.codecs_available
