"""What is kept of a whole run, in bounded memory."""

from dataclasses import dataclass, field

from ..prediction import Prediction

STATES = ("happy", "neutral", "sad", "unsure", "no_face", "no_camera")
MAX_BINS = 1100  # about as many as the chart has columns
# Doubled whenever the bins are full: a week is 591 bins of 17 minutes. A power of two, so that
# bins begin and end where floating point says exactly so.
FIRST_BIN_S = 1 / 16
MAX_MARKS = 60  # more would be a hedge


def state_of(answer: Prediction) -> str:
    """What an answer counts as, one of STATES: its label, or that there is no camera."""
    return answer.reason if answer.reason == "no_camera" else answer.label


@dataclass(slots=True)
class Bin:
    """One stretch of time.

    Attributes:
        lasted_s: How long each of STATES lasted in it, in seconds.
        p_s: For how long there was a p_happy, in seconds.
        p_sum: p_happy times the seconds it held; its mean is p_sum / p_s.
        p_min: The lowest p_happy; 1 where there is none.
        p_max: The highest p_happy; 0 where there is none.
        sad_sum: p_sad times the seconds it held.
        neutral_sum: p_neutral times the seconds it held; 0 of a model with two answers.
    """

    lasted_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STATES, 0.0))
    p_s: float = 0.0
    p_sum: float = 0.0
    p_min: float = 1.0
    p_max: float = 0.0
    sad_sum: float = 0.0
    neutral_sum: float = 0.0

    def add(self, answer: Prediction, seconds: float) -> None:
        """Counts an answer that held for so long."""
        self.lasted_s[state_of(answer)] += seconds
        if answer.p_happy is not None:
            self.p_s += seconds
            self.p_sum += answer.p_happy * seconds
            self.p_min = min(self.p_min, answer.p_happy)
            self.p_max = max(self.p_max, answer.p_happy)
            self.sad_sum += (answer.p_sad or 0.0) * seconds
            self.neutral_sum += (answer.p_neutral or 0.0) * seconds

    def merge(self, other: "Bin") -> None:
        """Takes in the stretch of time that follows."""
        for state, seconds in other.lasted_s.items():
            self.lasted_s[state] += seconds
        self.p_s += other.p_s
        self.p_sum += other.p_sum
        self.p_min = min(self.p_min, other.p_min)
        self.p_max = max(self.p_max, other.p_max)
        self.sad_sum += other.sad_sum
        self.neutral_sum += other.neutral_sum


@dataclass(slots=True)
class Course:
    """What is kept of a run; times are seconds since its first moment.

    The answer is that for the largest face. Each holds until the next moment, so that shares are
    shares of time, whatever the frame rate.

    Attributes:
        band: Decision band of a model with two answers: between its two edges the answer is
            "unsure". None of a model with three, whose p_sad and p_neutral are kept too.
        began: When the first moment was, in seconds since 1970.
        is_dated: Whether its time is that of the day, not that since it began.
        bins: The run in stretches of `bin_s` seconds.
        bin_s: Their length.
        seconds: Length of the run.
        marks: When the first MAX_MARKS changes were, and what to; "no_camera" is a camera lost.
        changes: Number of all changes.
        losses: How often the camera ceased to give frames.
    """

    band: tuple[float, float] | None = (0.5, 0.5)
    began: float = 0.0
    is_dated: bool = False
    bins: list[Bin] = field(default_factory=list)
    bin_s: float = FIRST_BIN_S
    seconds: float = 0.0
    marks: list[tuple[float, str]] = field(default_factory=list)
    changes: int = 0
    losses: int = 0

    def hold(self, answer: Prediction, seconds: float) -> None:
        """Goes on by so many seconds, in which the answer was this."""
        start, end = self.seconds, self.seconds + seconds
        while end > self.bin_s * MAX_BINS:
            self._halve()
        while start < end:
            index = int(start / self.bin_s)
            while index >= len(self.bins):
                self.bins.append(Bin())
            bin_end = min(end, (index + 1) * self.bin_s)
            self.bins[index].add(answer, bin_end - start)
            start = bin_end
        self.seconds = end

    def mark(self, what: str) -> None:
        """Counts a change or a loss of the camera, here."""
        if what == "no_camera":
            self.losses += 1
        else:
            self.changes += 1
        if len(self.marks) <= MAX_MARKS:
            self.marks.append((self.seconds, what))

    def _halve(self) -> None:
        """Merges neighbouring bins."""
        for first, second in zip(self.bins[::2], self.bins[1::2], strict=False):
            first.merge(second)
        self.bins = self.bins[::2]
        self.bin_s *= 2
