"""What a band costs: the wider it is, the fewer faces are answered, and the more of these right."""

from dataclasses import dataclass

import numpy as np

from data.answers import Decision, given
from data.three_answers import UNSURE

# From where every face is answered to where hardly one is.
BANDS = ((0.5, 0.5), (0.4, 0.6), (0.3, 0.7), (0.2, 0.8), (0.1, 0.9), (0.05, 0.95))


@dataclass(frozen=True, slots=True)
class BandCost:
    """One band, on images with a known answer.

    Attributes:
        low: As of `Band.with_band`.
        high: As of `Band.with_band`.
        answered: Share that is not "unsure", 0 to 1.
        right: Share of those that are right, 0 to 1; None where none is answered.
    """

    low: float
    high: float
    answered: float
    right: float | None


def band_costs(shares: np.ndarray, labels: np.ndarray, decision: Decision) -> tuple[BandCost, ...]:
    """The costs of BANDS.

    Args:
        shares: The exported file's, as `data.answers.shares_of` gives them.
        labels: str (n,): the true labels; those that are no answer of the model are left out.
        decision: The model's own.
    """
    known = np.isin(labels, decision.answers)
    costs = []
    for low, high in BANDS:
        answers = given(shares[known], decision.with_band(low, high))
        is_answer = answers != UNSURE
        right = (answers == labels[known])[is_answer]
        share = round(float(right.mean()), 4) if len(right) else None
        costs.append(BandCost(low, high, round(float(is_answer.mean()), 4), share))
    return tuple(costs)
