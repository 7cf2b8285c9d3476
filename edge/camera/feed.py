"""Frames as they come from a camera, a stream or a video, and what gives them."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from .faults import Troubles


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


class Feed(Protocol):
    """Frames, one after the other.

    Attributes:
        is_video: Whether it is a file, of which no frame is dropped.
        is_beyond_help: Whether a driver has kept every thread that was sent into it, so that only
            a new process can open the camera again.
        name: What the user knows the source by.
        fps: Frames per second that it says it gives; None where it does not say.
        captured: Frames that came from it until now, whether or not anybody asked for them.
        troubles: What went wrong.
        ended: Whether no frame comes any more.
    """

    is_video: bool
    is_beyond_help: bool
    name: str
    fps: float | None
    captured: int
    troubles: Troubles
    ended: bool

    def next(self, timeout_s: float) -> CapturedFrame | None:
        """The next frame, or None if none comes within the time, in seconds."""

    def watch(self) -> None:
        """Notices what is wrong; for those who do not ask for frames just now."""
