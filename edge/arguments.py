"""What a caller gives the library, checked; whatever is wrong is said in one error."""

import os
from pathlib import Path
from typing import get_args

import numpy as np

from .errors import HappySadError
from .images.image_file import decode_image, read_image
from .images.listing import is_video_name
from .machine.opencv import cv2

Picture = str | os.PathLike[str] | bytes | np.ndarray


def pixels_of(picture: Picture) -> np.ndarray:
    """The picture as uint8 (height, width, 3), BGR."""
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return decode_image(bytes(picture))
    if isinstance(picture, np.ndarray):
        return _checked(picture)
    if not isinstance(picture, (str, os.PathLike)):
        raise TypeError(f"expected a path, bytes or a uint8 array, got {type(picture).__name__}")
    path = Path(picture)
    if is_video_name(path.name):
        raise HappySadError(f"{path}: is a video: use happysad.watch for it")
    return read_image(path)


def _checked(pixels: np.ndarray) -> np.ndarray:
    expected = "expected uint8 pixels of shape (height, width, 3), BGR, or (height, width)"
    if pixels.dtype != np.uint8:
        raise TypeError(f"{expected}, got {pixels.dtype} of shape {pixels.shape}")
    if pixels.size == 0 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)):
        raise TypeError(f"{expected}, got shape {pixels.shape}")
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(pixels)


def text(name: str, value: object) -> str:
    """A path or a name as text."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}: expected a path or a name, got {type(value).__name__}")
    return str(value)


def check_choice(name: str, value: object, choices: object, *, or_none: bool = False) -> None:
    """Checks an argument that takes what a `Literal` lists."""
    allowed = get_args(choices)
    if value not in allowed and not (or_none and value is None):
        listed = ", ".join(map(repr, allowed))
        raise HappySadError(f"{name}: expected one of {listed}, got {value!r}")


def check_number(name: str, value: object, least: float) -> None:
    """Checks a number; a whole one where the least one is."""
    kinds = int if isinstance(least, int) else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        what = "a whole number" if kinds is int else "a number"
        raise TypeError(f"{name}: expected {what}, got {type(value).__name__}")
    if not value >= least:
        raise HappySadError(f"{name}: expected {least} or more, got {value}")


def check_band(band: object) -> None:
    """Checks the limits of `load`; None are fine."""
    if band is None:
        return
    if not isinstance(band, (tuple, list)) or len(band) != 2:
        raise TypeError(f"band: expected two numbers or None, got {type(band).__name__}")
    for limit in band:
        check_number("band", limit, 0.0)
    if not band[0] <= band[1] <= 1:
        raise HappySadError(f"band: expected two numbers from 0 to 1, the lower first, got {band}")
