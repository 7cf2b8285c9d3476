"""A label that does not flicker: smoothing, hysteresis, and a minimum dwell."""

import math
from collections.abc import Callable

# Chosen for what they feel like, in seconds of the stream: a smile that lasts half a second is
# seen, a blink or one odd frame is not.
SMOOTHING_S = 0.2  # time constant of the exponential moving average of p_happy
DWELL_S = 0.25  # how long a new label must hold before it is said
# How far p_happy must go beyond the edge of the decision band for the label to change.
HYSTERESIS = 0.05


class SteadyLabel:
    """The label of one face over time.

    Attributes:
        label: "happy", "sad" or "unsure".
        p_happy: Smoothed, 0 to 1; None while the face is not judged.
        reason: Why it is not judged; None while it is.
    """

    label: str
    p_happy: float | None
    reason: str | None

    def __init__(self, label_of: Callable[[float], str]) -> None:
        """Begins "unsure" and takes the first label at once.

        Args:
            label_of: The label for a p_happy, as `Contract.label`.
        """
        self.label, self.p_happy, self.reason = "unsure", None, None
        self._label_of = label_of
        self._smoothed: float | None = None
        self._last_s = 0.0
        self._is_first = True
        self._candidate: tuple[str, str | None] = ("unsure", None)
        self._candidate_since_s = 0.0

    def update(self, p_happy: float | None, reason: str | None, time_s: float) -> None:
        """Takes the answer for one frame.

        Args:
            p_happy: 0 to 1; None where the face was not judged.
            reason: Why it was not.
            time_s: Time of the frame in its stream.
        """
        if p_happy is not None:
            if self._smoothed is None:
                self._smoothed = p_happy
            else:
                weight = 1 - math.exp(-max(time_s - self._last_s, 0.0) / SMOOTHING_S)
                self._smoothed += weight * (p_happy - self._smoothed)
            self._last_s = time_s
        new = ("unsure", reason) if p_happy is None else (self._sticky(), None)
        if new != self._candidate:
            self._candidate, self._candidate_since_s = new, time_s
        if self._is_first or time_s - self._candidate_since_s >= DWELL_S:
            self.label, self.reason = self._candidate
        self._is_first = False
        self.p_happy = None if self.reason else self._smoothed

    def _sticky(self) -> str:
        """The label for the smoothed p_happy; the present one wins near its edges."""
        assert self._smoothed is not None
        p_happy = self._smoothed
        # Near 0 and 1 there is less room: the band of a good model begins at 0.07.
        nudge = min(HYSTERESIS, p_happy / 2, (1 - p_happy) / 2)
        near = [self._label_of(p_happy + way * nudge) for way in (-1, 0, 1)]
        return self.label if self.label in near else near[1]
