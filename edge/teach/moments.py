"""Moments: pictures that follow each other closely, and are known by their names."""

import re
import time
from collections.abc import Callable
from pathlib import Path

APART_S = 4.0  # from the last picture of a label; what comes later is another moment
NAME = re.compile(r"(\d{8}-\d{6})-\d+\.png")  # of a picture's file; its moment first


def moment_of(path: Path) -> str | None:
    """The moment that a picture's name tells; None where it tells none."""
    found = NAME.fullmatch(path.name)
    return found[1] if found else None


class Moments:
    """Says of which moment a new picture is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[str, tuple[str, float]] = {}  # of each label

    def now(self, label: str) -> str:
        """The moment of a picture of this label: the last one, or a new one.

        Its name is the time at which it began, in UTC, which no summer time sets back.
        """
        now_s = self._clock()
        name, last_s = self._last.get(label, ("", -APART_S))
        if now_s - last_s >= APART_S:
            name = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        self._last[label] = name, now_s
        return name
