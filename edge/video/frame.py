"""A decoded frame of a video or stream."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import VideoError
from .pyav import pyav
from .upright import Posture

if TYPE_CHECKING:
    from av.video.frame import VideoFrame as Decoded
    from av.video.reformatter import VideoReformatter


class VideoFrame:
    """One decoded frame; its pixels are converted when they are asked for.

    Attributes:
        index: Its number, from 0.
        time_s: Seconds since the first frame, never less than of the frame before.
    """

    __slots__ = ("_converter", "_decoded", "_posture", "index", "time_s")

    def __init__(
        self,
        decoded: "Decoded",
        converter: "VideoReformatter",
        posture: Posture,
        index: int,
        time_s: float,
    ) -> None:
        self._decoded, self._converter, self._posture = decoded, converter, posture
        self.index, self.time_s = index, time_s

    def image(self) -> np.ndarray:
        """The picture, upright, as a player shows it.

        Returns:
            uint8 (height, width, 3), BGR; the caller's to keep.

        Raises:
            VideoError: Its pixels are of a form that cannot be converted.
        """
        av = pyav()
        try:
            converted = self._converter.reformat(
                self._decoded, format="bgr24", interpolation="BICUBIC", threads=1
            )
            pixels = converted.to_ndarray()
        except (av.error.FFmpegError, ValueError) as error:
            form = self._decoded.format.name
            raise VideoError(f"frames of the form {form} cannot be converted") from error
        return self._posture.apply(np.ascontiguousarray(pixels))
