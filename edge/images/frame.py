"""One picture of a file, and where it comes from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class VideoPosition:
    """The position of a frame in its video.

    Attributes:
        index: Number of the frame, from 0.
        time_s: Its time from the start, in seconds.
        fps: The video's frames per second.
    """

    index: int
    time_s: float
    fps: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and where it comes from.

    Attributes:
        path: The image or video file.
        video: Its place in the video; None for an image.
        image: uint8 (height, width, 3), BGR.
    """

    path: Path
    video: VideoPosition | None
    image: np.ndarray
