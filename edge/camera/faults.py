"""Faults of a camera: how long to tolerate them, when to try again, and what to report."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import FrameError
from .limits import SILENT_S
from .rhythm import Rhythm

MIN_SIDE = 16  # pixels


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a camera may be silent or stuck, in seconds.

    Attributes:
        stall_s: No frame for so long is a fault.
        slow_s: The same of a camera that takes its time: a stream that has just begun, or whose
            pictures have been seconds apart.
        bad_s: Nothing but damaged frames for so long is one; a few among good ones are counted.
        frozen_s: The same picture, to the last bit, for so long is one too; up to slow_s where
            it has changed as slowly before.
        first_pause_s: Before the first attempt to open the camera again.
        longest_pause_s: The pauses double up to this; with it a camera that is back is used again
            within 2 s.
        reopen_frozen_s: Before a camera with a frozen picture is opened again; doubles as well.
        stuck_s: A call into a driver that takes longer is left behind, and a new attempt made.
    """

    stall_s: float = 2.0
    slow_s: float = SILENT_S
    bad_s: float = 1.0
    frozen_s: float = 2.0
    first_pause_s: float = 0.1
    longest_pause_s: float = 1.0
    reopen_frozen_s: float = 3.0
    stuck_s: float = 15.0

    def pauses(self) -> Iterator[float]:
        """Growing pauses with up to 20 % of jitter, so that many devices do not knock at once."""
        pause = self.first_pause_s
        while True:
            yield min(pause, self.longest_pause_s) * random.uniform(0.8, 1.2)
            pause *= 2


class Troubles:
    """One trouble at a time, from when it is noticed until frames come again; used by two threads.

    Attributes:
        name: The name of the camera in messages.
        counts: How often each kind has been met: "open", "lost", "stalled", "frozen",
            "bad frames" (many in a row), "bad frame" (single ones).
    """

    def __init__(self, name: str) -> None:
        self.counts: Counter[str] = Counter()
        self.name = name
        self._lock = threading.Lock()
        self._since_s: float | None = None
        self._news: list[str] = []

    @property
    def is_down(self) -> bool:
        """Whether a trouble has been noticed and is not over."""
        return self._since_s is not None

    def begin(self, kind: str, what: str, since_s: float | None = None) -> None:
        """A trouble was noticed; what follows from it until frames come is not said again.

        Args:
            kind: As in `counts`.
            what: For the user.
            since_s: When it began, on the clock of `time.monotonic`.
        """
        with self._lock:
            if self._since_s is None:
                self._since_s = time.monotonic() if since_s is None else since_s
                self.counts[kind] += 1
                about = what if what.startswith(self.name) else f"{self.name}: {what}"
                self._news.append(f"camera: {about}; trying again")

    def count_bad_frame(self) -> None:
        """A single frame could not be used."""
        with self._lock:
            self.counts["bad frame"] += 1

    def end(self) -> None:
        """A good frame has come."""
        with self._lock:
            if self._since_s is not None:
                gone_s = time.monotonic() - self._since_s
                self._news.append(f"camera: {self.name}: back after {gone_s:.1f} s")
                self._since_s = None

    def news(self) -> list[str]:
        """The lines to report; each is returned once."""
        with self._lock:
            news, self._news = self._news, []
            return news


class StillCheck:
    """Recognises a frozen picture: no camera gives the same one to the last bit for long."""

    def __init__(self, patience: Patience) -> None:
        self._last: np.ndarray | None = None
        self._since_s = 0.0
        self._changes = Rhythm(patience.frozen_s, patience.slow_s)

    def frozen_s(self, image: np.ndarray, taken_s: float) -> float | None:
        """For how many seconds the picture has been this one, where that is too long.

        Args:
            image: uint8 (height, width, 3).
            taken_s: When it was taken.
        """
        if self._last is None or not _is_same(image, self._last):
            self._last, self._since_s = image, taken_s
            self._changes.beat(taken_s)
        same_s = taken_s - self._since_s
        return same_s if same_s >= self._changes.patience_s else None


def check_picture(image: np.ndarray) -> None:
    """Refuses a frame that is not a picture.

    Raises:
        FrameError: Not uint8 (height, width, 3), or too small to show anything.
    """
    shape = image.shape
    if len(shape) != 3 or shape[2] != 3 or min(shape[:2]) < MIN_SIDE or image.dtype != np.uint8:
        raise FrameError(f"gives frames of shape {shape}, which are no pictures")


def _is_same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures are the same to the last bit; every 16th row is enough for most."""
    if one.shape != other.shape or not np.array_equal(one[::16], other[::16]):
        return False
    return np.array_equal(one, other)
