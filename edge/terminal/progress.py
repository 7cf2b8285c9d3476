"""How far a long run is, on the terminal's live line."""

import time
from datetime import timedelta

from .console import Console


class Progress:
    """Counts pictures and shows how many are done, how fast, and how long the rest takes."""

    def __init__(self, console: Console, total: int | None) -> None:
        self._console = console
        self._total = total
        self._done = 0
        self._began_s = time.monotonic()

    def step(self) -> None:
        """Counts one picture, answered or not."""
        self._done += 1
        if self._console.is_due():
            elapsed_s = time.monotonic() - self._began_s
            self._console.status(progress_line(self._done, self._total, elapsed_s))


def progress_line(done: int, total: int | None, elapsed_s: float) -> str:
    """As in "1200/100000  812 images/s  0:02:02 left"; without the total, what is known.

    Args:
        done: Pictures so far, at least 1.
        total: Pictures in all; None where it is unknown.
        elapsed_s: Seconds since the start.
    """
    each_s = max(elapsed_s, 1e-6) / done
    speed = f"{1 / each_s:.{0 if each_s < 0.1 else 1}f} images/s"
    if total is None:
        return f"{done}  {speed}"
    left = timedelta(seconds=round((total - done) * each_s))
    return f"{done}/{total}  {speed}  {left} left"
