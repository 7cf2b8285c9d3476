"""What a run amounts to: time in each state, changes, frames, latency, faults."""

import math

import numpy as np

from ...camera.feed import Feed
from ...history.course import STATES, state_of
from ...wording import duration, percent
from ..moment import Moment
from .output import Output

# Latencies are counted in classes 2 % apart, from 10 microseconds to 100 s, so that weeks take no
# more memory than seconds.
FASTEST_MS, STEP = 0.01, 1.02
CLASSES = math.ceil(math.log(1e7) / math.log(STEP))


class Totals(Output):
    """Counts; the largest face stands for all where time is concerned.

    Attributes:
        seconds: Time in each of STATES.
        answered: Frames that were answered.
        changes: How often a label became another, or a face came or left.
    """

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STATES, 0.0)
        self.answered = self.changes = 0
        self._latencies = np.zeros(CLASSES, np.int64)
        self._last: tuple[str, float] | None = None

    def take(self, moment: Moment) -> None:
        """Counts one moment."""
        if self._last:
            before, since_s = self._last
            self.seconds[before] += max(moment.time_s - since_s, 0.0)
        self._last = (state_of(moment.answers[0]), moment.time_s)
        self.changes += len(moment.changes)
        if moment.frame is not None:
            self.answered += 1
        if moment.latency_ms is not None:
            place = math.log(max(moment.latency_ms / FASTEST_MS, 1.0)) / math.log(STEP)
            self._latencies[min(int(place), CLASSES - 1)] += 1

    def latency_ms(self, percentile: float) -> float:
        """A percentile (0 to 100) of the work on a frame, in milliseconds, to 1 %; 0 before any."""
        if not self._latencies.any():
            return 0.0
        rank = percentile / 100 * self._latencies.sum()
        place = int(np.searchsorted(self._latencies.cumsum(), max(rank, 1)))
        return FASTEST_MS * STEP ** (place + 0.5)

    def lines(self, feed: Feed) -> list[str]:
        """The summary, for people."""
        total_s = sum(self.seconds.values())
        shares = [
            f"{name.replace('_', ' ')} {duration(self.seconds[name])}"
            f" ({percent(self.seconds[name], total_s)})"
            for name in STATES
            if self.seconds[name] > 0
        ]
        frames = f"{feed.captured} frames captured, {self.answered} classified"
        frames += f", {max(feed.captured - self.answered, 0)} dropped"
        if self.answered:
            p50, p95, p99 = (self.latency_ms(percentile) for percentile in (50, 95, 99))
            frames += f"; latency {p50:.1f} ms (p95 {p95:.1f}, p99 {p99:.1f})"
        faults = [f"{count} {kind}" for kind, count in sorted(feed.troubles.counts.items())]
        return [
            f"{duration(total_s)}: {', '.join(shares) or 'nothing seen'}; changes: {self.changes}",
            frames,
            f"faults: {', '.join(faults) or 'none'}",
        ]
