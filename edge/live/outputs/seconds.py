"""A run second by second: what was answered for the most part of each."""

import math
from collections.abc import Iterator
from typing import Any

from ...history.course import Bin
from ...prediction import Prediction
from ..moment import Moment

LONGEST_S = 10.0  # that one answer is taken to hold; a longer time without any is skipped


class Seconds:
    """Makes seconds of moments; the largest face stands for all."""

    def __init__(self) -> None:
        """Begins without a moment."""
        self._bin = Bin()
        self._last: tuple[str, Prediction] | None = None
        self._last_s = 0.0

    def hold(self, moment: Moment) -> Iterator[dict[str, Any]]:
        """Lets the last answer hold until this moment.

        Args:
            moment: The newest; has answers.

        Yields:
            Each second that is over with it: "time_s" of its end, "state" as in STATES, and "p",
            the means of p_happy, p_neutral and p_sad, or null where the model was not asked.
        """
        first = moment.answers[0]
        if self._last and 0 <= moment.time_s - self._last_s <= LONGEST_S:
            state, answer = self._last
            while self._last_s < moment.time_s:
                end_s = math.floor(self._last_s) + 1.0
                held_s = min(end_s, moment.time_s) - self._last_s
                self._bin.add(state, answer.p_happy, held_s, answer.p_sad, answer.p_neutral)
                self._last_s = min(end_s, moment.time_s)
                if self._last_s == end_s:
                    yield _second(self._bin, end_s)
                    self._bin = Bin()
        self._last = (first.reason if first.reason == "no_camera" else first.label, first)
        self._last_s = moment.time_s


def _second(held: Bin, end_s: float) -> dict[str, Any]:
    p = None
    if held.p_s > 0:
        sums = (held.p_sum, held.neutral_sum, held.sad_sum)
        p = [round(total / held.p_s, 3) for total in sums]
    state = max(held.lasted_s, key=lambda name: held.lasted_s[name])
    return {"time_s": end_s, "state": state, "p": p}
