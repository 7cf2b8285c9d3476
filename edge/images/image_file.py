"""Decodes an image file, whatever its form, to the one form that the rest of the device takes."""

import stat
from pathlib import Path

import numpy as np

from ..errors import ImageError, one_line
from ..machine.opencv import MAX_PIXELS, cv2
from .decode import decode
from .image_header import read_header

MAX_FILE_MB = 200
SUFFIXES = frozenset([".png", ".jpg", ".jpeg", ".jpe", ".webp", ".gif", ".bmp", ".tif", ".tiff"])

# EXIF orientation (TIFF 6.0, tag 274) to the code of cv2.flip that makes the stored picture
# upright; from 5 on it is transposed first.
_FLIP = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}


def is_image_name(path: Path) -> bool:
    """Whether the suffix, in either case, is one of a form that `read_image` decodes."""
    return path.suffix.lower() in SUFFIXES


def read_image(path: Path, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """The decoded picture, upright and opaque.

    The content decides the form, not the suffix. Of an animation it is the first frame. ICC and
    gamma are not applied, nor is the alpha of a gray TIFF, which OpenCV drops.

    Args:
        path: A PNG, JPEG, WebP, GIF, BMP or TIFF file.
        max_pixels: Larger pictures are refused, if their size is known before decoding.

    Returns:
        uint8 (height, width, 3), 0 to 255, BGR, contiguous: EXIF orientation applied, alpha
        flattened on white, 16 bits scaled to 8, gray, palette and CMYK expanded.

    Raises:
        ImageError: "PATH: reason", one line, for every file that does not hold a whole picture.
    """
    try:
        return decode_image(_read_file(path), max_pixels)
    except ImageError as error:
        raise ImageError(f"{one_line(path)}: {error}") from error


def decode_image(data: bytes, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """As `read_image`, from the content of a file; the ImageError is the reason alone."""
    header = read_header(data)
    if header.format is None:
        raise ImageError(f"not an image (starts with {data[:12]!r})")
    if header.size_wh and header.size_wh[0] * header.size_wh[1] > max_pixels:
        width, height = header.size_wh
        cap = f"more than the cap of {max_pixels // 1_000_000} million"
        raise ImageError(f"{width}x{height} pixels, {cap}")
    if header.damage:
        raise ImageError(header.damage)
    pixels = decode(data, header.format)
    # libtiff has multiplied colours of 8 bits by alpha; those of 16 come as they are.
    is_premultiplied = header.format == "tiff" and pixels.dtype == np.uint8
    if pixels.ndim == 2 and header.transparent_gray is not None:
        pixels[pixels == header.transparent_gray] = np.iinfo(pixels.dtype).max
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 = 257 * 255
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    elif pixels.shape[2] == 4:
        pixels = _flatten(pixels, is_premultiplied)
    if header.format == "tiff":  # OpenCV has turned it, whatever the flags
        return pixels
    if header.orientation >= 5:
        pixels = cv2.transpose(pixels)
    if header.orientation in _FLIP:
        pixels = cv2.flip(pixels, _FLIP[header.orientation])
    return pixels


def _read_file(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError("is a folder")
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device may never end
            raise ImageError("not a regular file")
        if (megabytes := status.st_size / 1e6) > MAX_FILE_MB:
            raise ImageError(f"{megabytes:.0f} MB on disk, more than the cap of {MAX_FILE_MB} MB")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise ImageError(f"broken symbolic link to {one_line(path.readlink())}") from None
        raise ImageError("no such file") from None
    except PermissionError:
        raise ImageError("no permission to read") from None
    except (OSError, ValueError) as error:  # a failing disk; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"cannot be read ({reason})") from error
    if not data:
        raise ImageError("empty file")
    return data


def _flatten(bgra: np.ndarray, is_premultiplied: bool) -> np.ndarray:
    """On white: 255 - round(alpha * (255 - colour) / 255), exactly and on every machine.

    Integers throughout, because cv2.multiply with a scale may round otherwise on another CPU.
    """
    bgr = cv2.cvtColor(bgra, cv2.COLOR_BGRA2BGR)
    alpha = cv2.extractChannel(bgra, 3)
    if is_premultiplied:
        return cv2.add(bgr, cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2BGR))
    for top in range(0, len(bgr), 64):  # bands, whose uint16 copies stay in the CPU's cache
        band = bgr[top : top + 64]
        opacity = cv2.cvtColor(alpha[top : top + 64], cv2.COLOR_GRAY2BGR)
        shade = np.multiply(255 - band, opacity, dtype=np.uint16)
        shade += 127
        shade //= 255
        band[:] = 255 - shade
    return bgr
