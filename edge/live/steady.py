"""A label that does not flicker: smoothing, hysteresis, and a minimum dwell."""

import math
from typing import Any

from ..classifier import answer
from ..model.decision import Decision, Scores
from ..prediction import Prediction

DWELL_S = 0.25  # seconds of the stream that a new label must hold before it is given


class SteadyLabel:
    """The label of one face over time.

    Attributes:
        label: One of the model's answers, or "unsure".
        reason: Why it is not judged; None while it is.
    """

    def __init__(self, decision: Decision) -> None:
        """Begins "unsure" and takes the first label at once."""
        self.label = "unsure"
        self.reason: str | None = None
        self._decision = decision
        self._smoothed: Scores | None = None
        self._last_s = 0.0
        self._frames = 0
        self._is_first = True
        self._candidate: tuple[str, str | None] = ("unsure", None)
        self._candidate_since_s = 0.0

    def glance(self, time_s: float) -> int | None:
        """The number of the next frame, if one side of the face is enough in it; None if not.

        Sides take turns, and smoothing is a mean over both; not where frames are so far apart that
        the last of them is nearly all that counts.
        """
        self._frames += 1
        is_apart = abs(time_s - self._last_s) > self._decision.smoothing_s / 2
        return None if self._smoothed is None or is_apart else self._frames

    def update(self, scores: Scores | None, reason: str | None, time_s: float) -> None:
        """Takes the scores of one frame.

        Args:
            scores: Of the model; None where the face was not judged.
            reason: Why it was not.
            time_s: Time of the frame in its stream, in seconds.
        """
        if scores is not None:
            self._smooth(self._decision.evidence(scores), time_s)
        new = ("unsure", reason) if scores is None else (self._sticky(), None)
        if new != self._candidate:
            self._candidate, self._candidate_since_s = new, time_s
        if self._is_first or time_s - self._candidate_since_s >= DWELL_S:
            self.label, self.reason = self._candidate
        self._is_first = False

    def prediction(self, **fields: Any) -> Prediction:
        """The label, with the smoothed probabilities unless the face is not judged."""
        if self.reason or self._smoothed is None:
            return Prediction(self.label, reason=self.reason, **fields)
        is_held = self._candidate != (self.label, None)  # soon it is another
        is_held = is_held or self._decision.label(self._smoothed) != self.label  # near an edge
        return answer(self._smoothed, self.label, is_held=is_held, **fields)

    def _smooth(self, evidence: Scores, time_s: float) -> None:
        """An exponential moving average, whatever the frame rate."""
        if self._smoothed is None:
            self._smoothed = evidence
        else:
            passed_s = max(time_s - self._last_s, 0.0)
            weight = 1 - math.exp(-passed_s / self._decision.smoothing_s)
            self._smoothed = tuple(
                old + weight * (new - old)
                for old, new in zip(self._smoothed, evidence, strict=True)
            )
        self._last_s = time_s

    def _sticky(self) -> str:
        """The label for the smoothed scores; the present one wins near its edges."""
        assert self._smoothed is not None
        return self._decision.label(self._smoothed, None if self._is_first else self.label)
