"""Thumbnails: what is kept of each image to compare it with the others.

At 3 kB each they are kept in a temporary file, because few are ever looked at again. A coarse
sketch of each, 512 bytes, stays in memory and is compared with many others.
"""

import os
import tempfile
from collections.abc import Sequence

import numpy as np

from edge.errors import OutputError
from edge.machine.opencv import cv2

SIDE = 32  # pixels
SHAPE = (SIDE, SIDE, 3)
SIZE = SIDE * SIDE * 3  # bytes
CHUNK = 64  # sketched at once: their floats are 0.8 MB and stay in the CPU's cache
CONTRAST = 64.0
FLAT = 8.0  # below this contrast a picture is flat, and stretching it would compare its noise


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Uint8 (32, 32, 3), BGR, of an image as `read_image` gives it."""
    return cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


class Thumbnails:
    """The thumbnails of a dataset, in an unnamed file; `contextlib.closing` removes it."""

    def __init__(self, capacity: int) -> None:
        """Makes the file.

        Args:
            capacity: How many images there may be.

        Raises:
            OutputError: There is no folder for temporary files.
        """
        self._sketches = np.empty((capacity, 128), np.float32)  # takes memory only as it is filled
        self._count = 0
        try:
            self._file = tempfile.TemporaryFile(buffering=0, dir=_folder())  # noqa: SIM115
        except OSError as error:
            raise _cannot_write(error) from error

    def close(self) -> None:
        """Removes the file."""
        self._file.close()

    @property
    def sketches(self) -> np.ndarray:
        """Float32 (n, 128), in order; their RMS is at most that of the levelled thumbnails."""
        return self._sketches[: self._count]

    def append(self, thumbnails: Sequence[np.ndarray]) -> None:
        """Adds some, each as from `thumbnail`.

        Raises:
            OutputError: The disk is full.
        """
        pixels = np.array(thumbnails, np.uint8).reshape(-1, *SHAPE)
        rest = memoryview(pixels.tobytes())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise _cannot_write(error) from error
        for start in range(0, len(pixels), CHUNK):
            sketches = _sketch(_levelled(pixels[start : start + CHUNK]))
            self._sketches[self._count : self._count + len(sketches)] = sketches
            self._count += len(sketches)

    def equalised(self) -> "Thumbnails":
        """New ones with equalised histograms: what changes levels alone changes them little.

        Raises:
            OutputError: The disk is full.
        """
        others = Thumbnails(self._count)
        for start in range(0, self._count, CHUNK):
            colours = self._read(np.arange(start, min(start + CHUNK, self._count)))
            grays = (cv2.cvtColor(each, cv2.COLOR_BGR2GRAY) for each in colours)
            others.append([cv2.merge([cv2.equalizeHist(gray)] * 3) for gray in grays])
        return others

    def levelled(self, indices: np.ndarray) -> np.ndarray:
        """Float32 (n, 32, 32, 3): those with these indices, of zero mean and equal contrast."""
        return _levelled(self._read(indices))

    def _read(self, indices: np.ndarray) -> np.ndarray:
        rows = [os.pread(self._file.fileno(), SIZE, index * SIZE) for index in indices.tolist()]
        return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, *SHAPE)


def _folder() -> str:
    """TMPDIR, else /var/tmp, because /tmp is in memory on some systems (file-hierarchy(7))."""
    if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK):
        return "/var/tmp"
    return tempfile.gettempdir()


def _cannot_write(error: OSError) -> OutputError:
    return OutputError(
        f"cannot write thumbnails to a temporary file ({error.strerror}): make room, or name "
        "another folder with TMPDIR"
    )


def _levelled(pixels: np.ndarray) -> np.ndarray:
    """Float32 (n, 32, 32, 3), of zero mean and equal contrast."""
    levelled = pixels.astype(np.float32)
    levelled -= levelled.mean(axis=(1, 2, 3), keepdims=True)
    levelled *= CONTRAST / np.maximum(levelled.std(axis=(1, 2, 3), keepdims=True), FLAT)
    return levelled


def _sketch(levelled: np.ndarray) -> np.ndarray:
    """Float32 (n, 128): gray, halved, and folded in the middle, so that mirror images agree.

    Every number is an average of pixels, and averages differ no more than what they are made of.
    """
    gray = levelled.mean(axis=3)
    folded = (gray + gray[:, :, ::-1])[:, :, :16] / 2
    return folded.reshape(-1, 16, 2, 8, 2).mean(axis=(2, 4)).reshape(-1, 128)
