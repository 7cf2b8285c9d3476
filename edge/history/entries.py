"""What waits to be written into a history, in bounded memory."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from .course import Bin

# Of what waits while the disk is full; about 3 MB. The oldest are given up.
MAX_ANSWERS, MAX_FAULTS, MAX_MINUTES = 10_000, 100, 1440


@dataclass(slots=True)
class Entries:
    """What waits to be written.

    Attributes:
        answers: Rows of the table, without the run.
        faults: Time and text.
        minutes: Totals to add to those of a minute since 1970.
        changes: The same of the number of changes.
        lost: How many answers were given up.
    """

    answers: deque[tuple[Any, ...]] = field(default_factory=deque)
    faults: deque[tuple[float, str]] = field(default_factory=deque)
    minutes: defaultdict[int, Bin] = field(default_factory=lambda: defaultdict(Bin))
    changes: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    def add(self, later: "Entries") -> None:
        """Takes in what came after, within its limits."""
        self.answers += later.answers
        self.faults += later.faults
        for minute, held in later.minutes.items():
            self.minutes[minute].merge(held)
        self.changes += later.changes
        self.lost += later.lost
        self.trim()

    def trim(self) -> None:
        """Gives up the oldest of what is too much to keep."""
        while len(self.answers) > MAX_ANSWERS:
            self.answers.popleft()
            self.lost += 1
        while len(self.faults) > MAX_FAULTS:
            self.faults.popleft()
        while len(self.minutes) > MAX_MINUTES:
            oldest = min(self.minutes)
            del self.minutes[oldest], self.changes[oldest]

    def __bool__(self) -> bool:
        return bool(self.answers or self.faults or self.minutes)
