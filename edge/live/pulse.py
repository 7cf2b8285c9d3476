"""How the runner is doing just now: frames per second, latency and age of the last frames."""

import time
from collections import deque

import numpy as np

from .moment import Moment
from .outputs.output import Output

RECENT = 100  # frames; some seconds on any machine


class Pulse(Output):
    """Figures of the last RECENT frames; of the latency, of the last that were work.

    Attributes:
        age_ms: From taking the last frame to its answer, in milliseconds; 0 before the first.
    """

    def __init__(self) -> None:
        self.age_ms = 0.0
        self._latencies_ms: deque[float] = deque(maxlen=RECENT)
        self._answered_s: deque[float] = deque(maxlen=RECENT)

    def take(self, moment: Moment) -> None:
        """Counts a moment's frame."""
        if moment.frame is not None:
            self.add(time.monotonic(), moment.latency_ms, moment.age_ms)

    def add(self, answered_s: float, latency_ms: float | None, age_ms: float) -> None:
        """Counts one answered frame; without a latency where it was no work."""
        self.age_ms = age_ms
        if latency_ms is not None:
            self._latencies_ms.append(latency_ms)
        self._answered_s.append(answered_s)

    @property
    def fps(self) -> float:
        """Answered frames per second; 0 before the second frame."""
        if len(self._answered_s) < 2:
            return 0.0
        span_s = self._answered_s[-1] - self._answered_s[0]
        return (len(self._answered_s) - 1) / span_s if span_s > 0 else 0.0

    def latency_ms(self, percentile: float) -> float:
        """A percentile (0 to 100) of the work on a frame, in milliseconds; 0 before the first."""
        return float(np.percentile(self._latencies_ms, percentile)) if self._latencies_ms else 0.0
