"""A frame as it comes from a camera, a stream or a video."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class CapturedFrame:
    """One frame and when it was taken.

    Attributes:
        image: uint8 (height, width, 3), BGR.
        index: Its number since the start, from 0; frames that nobody had time for are counted.
        time_s: Seconds since the first frame; in a video, its place there.
        taken_s: When it was taken, on the clock of `time.monotonic`; of a video, when it was read.
    """

    image: np.ndarray
    index: int
    time_s: float
    taken_s: float

    def with_image(self, image: np.ndarray) -> "CapturedFrame":
        """The same frame with another picture, as when it has been turned."""
        return replace(self, image=image)
