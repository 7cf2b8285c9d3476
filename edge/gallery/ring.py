"""The last seconds before a camera, as JPEG: what a clip is made of."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..machine.opencv import cv2
from ..prediction import Box
from .sight import Blur, Sight

MAX_BYTES = 24_000_000  # of pictures; 86 of 640x480 took 1.9 MB
AHEAD_S = 1.0  # for so long a face may have been in view before it was found


@dataclass(frozen=True, slots=True)
class Still:
    """One frame.

    Attributes:
        time_s: When it was, in seconds since the start.
        jpeg: The picture.
        sight: Whose faces are in it.
    """

    time_s: float
    jpeg: bytes
    sight: Sight

    def image(self) -> np.ndarray:
        """The picture, uint8 (height, width, 3), BGR."""
        return np.asarray(cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR))


class Ring:
    """Keeps frames for some seconds, in bounded memory.

    Attributes:
        size: Of all pictures, in bytes.
    """

    size: int

    def __init__(self, seconds: float, max_bytes: int = MAX_BYTES) -> None:
        """Begins empty.

        Args:
            seconds: How long a frame is kept.
            max_bytes: Of all pictures; then the oldest go sooner.
        """
        self.size = 0
        self._seconds, self._max_bytes = seconds, max_bytes
        self._stills: deque[Still] = deque()

    def add(self, still: Still) -> None:
        """Adds a frame, and lets go of those that are too old.

        Where the clock was set back it begins anew.
        """
        if self._stills and still.time_s < self._stills[-1].time_s:
            self._stills.clear()
            self.size = 0
        self._stills.append(still)
        self.size += len(still.jpeg)
        first_s = still.time_s - self._seconds
        while self.size > self._max_bytes or self._stills[0].time_s < first_s:
            self.size -= len(self._stills.popleft().jpeg)

    def between(self, start_s: float, end_s: float) -> list[Still]:
        """The frames of a time."""
        return [still for still in self._stills if start_s <= still.time_s <= end_s]


def hidden(stills: Sequence[Still], blur: Blur, reason: int | None) -> list[Box]:
    """The boxes that are to be blurred in the first of some frames.

    Those of faces that are found within the next AHEAD_S are among them.

    Args:
        stills: In order.
        blur: As of `Sight.hidden`.
        reason: As of `Sight.hidden`.
    """
    first = stills[0]
    boxes, known = first.sight.hidden(blur, reason), {number for number, _ in first.sight.faces}
    for still in stills[1:]:
        if still.time_s - first.time_s > AHEAD_S:
            break
        new = (face for face in still.sight.faces if face[0] is None or face[0] not in known)
        boxes += Sight(tuple(new)).hidden(blur, reason)
    return boxes
