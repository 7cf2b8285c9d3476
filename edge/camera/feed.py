"""What the live loop asks frames of: a camera or a video."""

from typing import Protocol

from .captured import CapturedFrame
from .faults import Troubles


class Feed(Protocol):
    """Frames, one after the other.

    Attributes:
        name: What the user knows the source by.
        fps: Frames per second that it says it gives; None where it does not say.
        captured: Frames that came from it until now, whether or not anybody asked for them.
        troubles: What went wrong.
        ended: Whether no frame comes any more.
        is_video: Whether it is a file, of which no frame is dropped.
        is_beyond_help: Whether a driver has kept every thread that was sent into it, so that only
            a new process can open the camera again.
    """

    name: str
    fps: float | None
    captured: int
    troubles: Troubles
    ended: bool
    is_video: bool
    is_beyond_help: bool

    def next(self, timeout_s: float) -> CapturedFrame | None:
        """The next frame, or None if none comes within the time, in seconds."""

    def watch(self) -> None:
        """Notices what is wrong; for those who do not ask for frames just now."""
