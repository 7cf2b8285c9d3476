"""What people get: how often images of each label were given each answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.answers import Decision, given
from data.labels import ANSWERS
from data.three_answers import UNSURE


@dataclass(frozen=True, slots=True)
class Tally:
    """Images by true label and by the answer that they got.

    Attributes:
        counts: By label, of those that have images, then by answer, "unsure" the last.
    """

    counts: Mapping[str, Mapping[str, int]]

    @property
    def images(self) -> int:
        """How many there are."""
        return sum(sum(row.values()) for row in self.counts.values())

    @property
    def right(self) -> int:
        """How many got the answer that is their label."""
        return sum(row.get(label, 0) for label, row in self.counts.items())

    @property
    def unsure(self) -> int:
        """How many got no answer."""
        return sum(row[UNSURE] for row in self.counts.values())

    @property
    def wrong(self) -> int:
        """How many got another answer."""
        return self.images - self.right - self.unsure

    @property
    def worth(self) -> float:
        """Right answers less wrong ones, as a share of a label's images, in the mean; -1 to 1."""
        shares = [
            (2 * row.get(label, 0) + row[UNSURE] - (total := sum(row.values()))) / total
            for label, row in self.counts.items()
        ]
        return sum(shares) / len(shares) if shares else 0.0


def tally(shares: np.ndarray, labels: np.ndarray, decision: Decision) -> Tally:
    """Counts the answers to images that are happy, sad or neutral.

    Args:
        shares: As `data.answers.shares_of` gives them.
        labels: str (n,): names out of `data.labels.LABELS`.
        decision: The operating point.
    """
    answers = given(shares, decision)
    columns = (*decision.answers, UNSURE)
    return Tally(
        {
            label: {answer: int(np.sum(answers[labels == label] == answer)) for answer in columns}
            for label in ANSWERS
            if label in labels
        }
    )
