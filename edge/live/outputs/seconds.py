"""A run second by second: what was answered for the most part of each."""

from collections.abc import Iterator
from typing import Any

from ...history.course import Bin
from ..moment import Moment
from .held import Held


class Seconds:
    """Makes seconds of moments; the largest face stands for all."""

    def __init__(self) -> None:
        self._bin, self._held = Bin(), Held(1.0)

    def hold(self, moment: Moment) -> Iterator[dict[str, Any]]:
        """Lets the last answer hold until this moment.

        Yields:
            Each second that is over with it: "time_s" of its end, "state" as in STATES, and "p",
            the means of p_happy, p_neutral and p_sad, or null where the model was not asked.
        """
        for held in self._held.until(moment, moment.time_s):
            self._bin.add(held.answer, held.end_s - held.start_s)
            if held.end_s % 1 == 0:
                yield _second(self._bin, held.end_s)
                self._bin = Bin()


def _second(held: Bin, end_s: float) -> dict[str, Any]:
    p = None
    if held.p_s > 0:
        sums = (held.p_sum, held.neutral_sum, held.sad_sum)
        p = [round(total / held.p_s, 3) for total in sums]
    state = max(held.lasted_s, key=lambda name: held.lasted_s[name])
    return {"time_s": end_s, "state": state, "p": p}
