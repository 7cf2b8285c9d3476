"""The time of each frame, counted from the first."""

from fractions import Fraction
from typing import TYPE_CHECKING

from .known import DEFAULT_FPS

if TYPE_CHECKING:
    from av.video.frame import VideoFrame as Decoded


class Clock:
    """Times that rise, also where a video has none or its own jump back."""

    def __init__(self, fps: float | None) -> None:
        """Begins at 0; the frame rate is for frames without a time."""
        self._step_s = 1 / Fraction(fps or DEFAULT_FPS)
        self._start_s: Fraction | None = None
        self._last_s = -self._step_s

    def time_s(self, decoded: "Decoded") -> float:
        """Seconds since the first frame; to be asked once for each, in order."""
        expected_s, base = self._last_s + self._step_s, decoded.time_base
        if decoded.pts is None or base is None:
            self._last_s = expected_s
            return float(self._last_s)
        time_s = decoded.pts * base
        if self._start_s is None or time_s - self._start_s <= self._last_s:
            self._start_s = time_s - expected_s
        self._last_s = time_s - self._start_s
        return float(self._last_s)
