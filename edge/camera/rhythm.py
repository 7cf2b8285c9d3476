"""How often something usually happens, and how long it may be away before that is a fault."""

from collections import deque

REMEMBERED = 4  # intervals
FACTOR = 2.5  # times the longest of them


class Rhythm:
    """Learns the pace of a source, so that a picture every four seconds is no fault.

    A camera with 30 frames a second that is silent for two seconds has a fault; of one that has
    given a single frame nobody knows.
    """

    def __init__(self, least_s: float, most_s: float) -> None:
        """Begins with nothing known.

        Args:
            least_s: However fast it is, it may be away so long.
            most_s: However slow it is, no longer.
        """
        self._least_s, self._most_s = least_s, most_s
        self._intervals: deque[float] = deque(maxlen=REMEMBERED)
        self._last_s: float | None = None

    def beat(self, time_s: float) -> None:
        """It has happened."""
        if self._last_s is not None:
            self._intervals.append(time_s - self._last_s)
        self._last_s = time_s

    @property
    def patience_s(self) -> float:
        """How long it may be away now, in seconds."""
        if not self._intervals:
            return self._most_s
        return min(self._most_s, max(self._least_s, FACTOR * max(self._intervals)))
