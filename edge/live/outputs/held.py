"""The answers as stretches of time: each holds until the next moment, whatever the frame rate."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ...prediction import Prediction
from ..moment import Moment

LONGEST_S = 10.0  # that one answer is taken to hold; a longer time without any is skipped


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one answer held.

    Attributes:
        start_s: When it began.
        end_s: When it ended.
        answer: For the largest face, which stands for all.
    """

    start_s: float
    end_s: float
    answer: Prediction


class Held:
    """Makes stretches of moments, none of which goes beyond a whole second or minute."""

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        self._last: Prediction | None = None
        self._last_s = 0.0

    def until(self, moment: Moment, time_s: float) -> Iterator[Stretch]:
        """Lets the last answer hold until this moment.

        Args:
            moment: The newest; has answers.
            time_s: When that is, on any clock; where that has been set back, nothing held.
        """
        if self._last and 0 <= time_s - self._last_s <= LONGEST_S:
            while self._last_s < time_s:
                start_s = self._last_s
                whole_s = (math.floor(start_s / self._length_s) + 1) * self._length_s
                self._last_s = min(whole_s, time_s)
                yield Stretch(start_s, self._last_s, self._last)
        self._last, self._last_s = moment.answers[0], time_s
