"""Turns and mirrors a frame as the video's display matrix asks."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..machine.opencv import cv2

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_QUARTERS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@dataclass(frozen=True, slots=True)
class Posture:
    """How a stored picture is to be shown.

    Attributes:
        is_transposed: Whether rows become columns, before it is flipped.
        flip: The code of cv2.flip; None where it is not flipped.
    """

    is_transposed: bool = False
    flip: int | None = None

    def apply(self, image: np.ndarray) -> np.ndarray:
        """The picture as it is to be shown; the same array where nothing is to be done."""
        if self.is_transposed:
            image = cv2.transpose(image)
        return image if self.flip is None else cv2.flip(image, self.flip)


def posture_of(frame: "VideoFrame") -> Posture:
    """What the frame's display matrix asks for; a slant is taken for the nearest quarter turn."""
    try:
        # Nine native int32: a b u, c d v, x y w (libavutil/display.h); the column (p, q) of the
        # stored picture is shown at (a p + c q, b p + d q).
        data: Mapping[str, Any] = frame.side_data
        a, b, _, c, d, *_ = struct.unpack("=9i", bytes(data["DISPLAYMATRIX"]))
    except KeyError:
        return Posture()
    except ValueError:  # PyAV does not know the kind of other data that the frame carries
        a, b, c, d = _QUARTERS.get(-frame.rotation % 360, (1, 0, 0, 1))
    is_transposed = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if is_transposed else (a, d)
    flip = {(True, True): -1, (True, False): 1, (False, True): 0}.get((across < 0, down < 0))
    return Posture(is_transposed, flip)


class Postures:
    """The posture of a video's frames, looked up where their rotation is another than before.

    PyAV 18's `side_data` ties a frame to itself: whoever looks at that of each frame keeps their
    pixels until the garbage collector runs, 50 MB after 90 frames of 640x480.
    """

    def __init__(self) -> None:
        self._rotation: int | None = None
        self._posture = Posture()

    def of(self, frame: "VideoFrame") -> Posture:
        """As of `posture_of`."""
        if frame.rotation != self._rotation:
            self._rotation, self._posture = frame.rotation, posture_of(frame)
        return self._posture
