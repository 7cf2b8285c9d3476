"""Decodes an image file, whatever its form, to the one form that the rest of the device takes."""

import stat
from pathlib import Path

import numpy as np

from ..errors import ImageError, NotFoundError, first_bytes, one_line
from ..machine.opencv import cv2
from . import pillow
from .allowance import Allowance
from .decode import decode
from .image_header import read_header

MAX_FILE_MB = 200
SUFFIXES = frozenset([
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg",
    ".jpg", ".mpo", ".pjp", ".pjpeg", ".png", ".tif", ".tiff", ".webp",
])  # fmt: skip

# EXIF orientation (TIFF 6.0, tag 274) to the code of cv2.flip that makes the stored picture
# upright; from 5 on it is transposed first.
_FLIP = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


def is_image_name(path: Path) -> bool:
    """Whether the suffix, in either case, is one of a form that `read_image` decodes."""
    return path.suffix.lower() in SUFFIXES


def read_image(path: Path, allowance: Allowance | None = None) -> np.ndarray:
    """The decoded picture, upright and opaque.

    The content decides the form, not the suffix. Of an animation it is the first frame. ICC and
    gamma are not applied.

    Args:
        path: A PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file.
        allowance: What it may take; None for what this machine allows.

    Returns:
        uint8 (height, width, 3), 0 to 255, BGR, contiguous: EXIF orientation applied, alpha
        flattened on white, 16 bits scaled to 8, gray, palette and CMYK expanded.

    Raises:
        ImageError: "PATH: reason", one line, for every file that does not hold a whole picture.
    """
    try:
        return decode_image(_read_file(path), allowance)
    except ImageError as error:
        raise type(error)(f"{one_line(path)}: {error}") from error


def decode_image(data: bytes, allowance: Allowance | None = None) -> np.ndarray:
    """As `read_image`, from the content of a file; the ImageError is the reason alone."""
    allowance = allowance or Allowance.of_this_machine()
    header = read_header(data)
    if header.format is None:
        raise ImageError(f"not an image (starts with {first_bytes(data)})")
    if header.format in pillow.READERS:
        pixels = pillow.decode(data, header.format, allowance)
        return _flatten(pixels) if pixels.shape[2] == 4 else pixels
    if header.size_wh:
        allowance.check(header.size_wh, header.cost, len(data))
    if header.damage:
        raise ImageError(header.damage)
    pixels = decode(data, header)
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    elif pixels.shape[2] == 4:
        pixels = _flatten(pixels)
    if header.orientation >= 5:
        pixels = cv2.transpose(pixels)
    if header.orientation in _FLIP:
        pixels = cv2.flip(pixels, _FLIP[header.orientation])
    return pixels


def looks_like_image(begin: bytes) -> bool:
    """Whether these first bytes of a file, 32 or more, are those of an image."""
    return read_header(begin).format is not None


def _read_file(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError("is a folder")
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            raise ImageError("not a regular file")
        if not status.st_size:  # not even opened: of /proc/kmsg reading waits for the kernel
            raise ImageError("empty file")
        if (megabytes := status.st_size / 1e6) > MAX_FILE_MB:
            raise ImageError(f"{megabytes:.0f} MB on disk, more than the cap of {MAX_FILE_MB} MB")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise ImageError(f"broken symbolic link to {one_line(path.readlink())}") from None
        raise NotFoundError("no such file") from None
    except PermissionError:
        raise ImageError("no permission to read") from None
    except (OSError, ValueError) as error:  # a failing disk; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"cannot be read ({reason})") from error
    return data


def _flatten(bgra: np.ndarray) -> np.ndarray:
    """On white: 255 - round(alpha * (255 - colour) / 255), exactly and on every machine.

    Integers throughout, because cv2.multiply with a scale may round otherwise on another CPU.
    """
    bgr = cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR)
    for top in range(0, len(bgr), 64):  # bands, whose uint16 copies stay in the CPU's cache
        band = bgr[top : top + 64]
        alpha = cv2.extractChannel(bgra[top : top + 64], 3)
        shade = np.multiply(255 - band, cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGR), dtype=np.uint16)
        shade += 127
        shade //= 255
        band[:] = 255 - shade
    return bgr
