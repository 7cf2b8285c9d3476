"""Small videos of every kind, written with PyAV; each frame says its number by itself."""

import contextlib
import os
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE_WH = (96, 64)
BITS, SIDE = 6, 16  # the number of a frame stands in its top row, in black and white squares
CORNERS_BGR = {"left": (200, 60, 60), "right": (60, 200, 60)}  # of the lower half


def picture(number: int, size_wh: tuple[int, int] = SIZE_WH) -> np.ndarray:
    """Frame `number`, uint8 BGR: its bits in the top row, blue below on the left, green right."""
    width, height = size_wh
    image = np.full((height, width, 3), 128, np.uint8)
    image[height // 2 :, : width // 2] = CORNERS_BGR["left"]
    image[height // 2 :, width // 2 :] = CORNERS_BGR["right"]
    for bit in range(BITS):
        image[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 235 if number >> bit & 1 else 16
    return image


def number_of(image: np.ndarray) -> int:
    """Which frame an upright image is."""
    squares = (image[SIDE // 2, bit * SIDE + SIDE // 2].mean() for bit in range(BITS))
    return sum((square > 128) << bit for bit, square in enumerate(squares))


@contextlib.contextmanager
def _scheduled_as_before() -> Iterator[None]:
    """Takes back that SVT-AV1 gives root's calling thread the highest real-time priority.

    All that this process starts later would have it, and nothing else would run beside it.
    """
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def write(
    path: Path,
    codec: str = "mpeg4",
    *,
    frames: int = 12,
    times: Sequence[int] | None = None,
    fps: int = 10,
    options: dict[str, str] | None = None,
    form: str | None = None,
    container_options: dict[str, str] | None = None,
    sound_s: float = 0.0,
    size_wh: tuple[int, int] = SIZE_WH,
    pixel_format: str = "yuv420p",
) -> Path:
    """A video of `picture`s.

    Args:
        path: Where it goes; the suffix decides the container unless `form` does.
        codec: By FFmpeg's name of the encoder.
        frames: How many.
        times: Of each frame, in 1/fps seconds; None for one after the other.
        fps: Frames per second.
        options: For the encoder.
        form: The container, by FFmpeg's name of the muxer.
        container_options: For the muxer.
        sound_s: Seconds of silence beside it.
        size_wh: In pixels.
        pixel_format: To encode.
    """
    with (
        _scheduled_as_before(),
        av.open(str(path), "w", format=form, options=container_options or {}) as container,
    ):
        stream = container.add_stream(codec, rate=fps, options=options or {})
        stream.width, stream.height = size_wh
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = Fraction(1, fps)
        sound = container.add_stream("mp2", rate=44100, layout="mono") if sound_s else None
        for number, time in enumerate(times or range(frames)):
            frame = av.VideoFrame.from_ndarray(picture(number, size_wh), format="bgr24")
            frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = time, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound:
            for at in range(0, int(sound_s * 44100), 1152):
                silence = np.zeros((1, 1152), np.int16)
                part = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
                part.sample_rate, part.pts = 44100, at
                container.mux(sound.encode(part))
            container.mux(sound.encode())
    return path


# The linear part of the matrix in a track header: the stored column (p, q) is shown at
# (a p + c q, b p + d q) (ISO/IEC 14496-12, 8.3.2).
MATRICES = {
    "upright": (1, 0, 0, 1),
    "turned by 90": (0, 1, -1, 0),
    "turned by 180": (-1, 0, 0, -1),
    "turned by 270": (0, -1, 1, 0),
    "mirrored left to right": (-1, 0, 0, 1),
    "mirrored top to bottom": (1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "transposed the other way": (0, -1, -1, 0),
}


def with_matrix(path: Path, target: Path, matrix: tuple[int, int, int, int]) -> Path:
    """A copy of an MP4 whose track header asks to be shown by this matrix."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 16  # version 0
    a, b, c, d = (value << 16 for value in matrix)
    struct.pack_into(">9i", data, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    target.write_bytes(data)
    return target


def shown(image: np.ndarray, matrix: tuple[int, int, int, int]) -> np.ndarray:
    """What a player makes of a stored picture, pixel by pixel as the standard says."""
    a, b, c, d = matrix
    rows, columns = np.indices(image.shape[:2])
    x, y = a * columns + c * rows, b * columns + d * rows
    x, y = x - x.min(), y - y.min()
    result = np.zeros((y.max() + 1, x.max() + 1, 3), np.uint8)
    result[y, x] = image
    return result
