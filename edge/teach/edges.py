"""From which probability on an answer is given: what a decision says of many outputs, and another.

Another decision gives no more answers than the old one, it gives them to others: what makes one
label likelier makes the rest less likely. The pictures show no angry or frightened faces, so they
cannot tell when to be unsure.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..model.decision import Band, Decision, Thresholds
from .fits import classes

ENOUGH = 30, 10  # pictures of each label, and moments, from which on edges are chosen
SHIFTS = np.linspace(-0.6, 0.6, 7).tolist()  # nats
LOWEST, HIGHEST = 0.02, 0.98  # of a threshold
UNSURE = -1


def answers(decision: Decision, outputs: np.ndarray) -> np.ndarray:
    """What outputs amount to: int64 (n,), places in the decision's answers; UNSURE for "unsure".

    Args:
        decision: A `Band` or `Thresholds`.
        outputs: float64 (n, outputs) of a head.
    """
    logits = classes(outputs)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    if isinstance(decision, Band):
        p_happy = shares[:, 0]
        is_unsure = (decision.low < p_happy) & (p_happy < decision.high)
        middle = (decision.low + decision.high) / 2
        return np.where(is_unsure, UNSURE, (p_happy < middle).astype(int))
    likely = np.maximum(shares[:, : len(decision.answers)], 1e-9)
    margins = np.log(likely) - np.log(_edges(decision))
    second, first = np.sort(margins, axis=1)[:, -2:].T
    is_answer = (first >= 0) & (first - second >= decision.lead)
    return np.where(is_answer, margins.argmax(axis=1), UNSURE)


def chosen(decision: Decision, outputs: np.ndarray, labels: np.ndarray) -> Decision:
    """The decision that is right most often and wrong least; near the old one in case of doubt.

    Args:
        decision: The old one.
        outputs: As of `answers`.
        labels: int64 (n,): places in the answers.
    """
    used = np.unique(labels)

    def worth(shifts: Sequence[float]) -> tuple[float, float]:
        given = answers(_moved(decision, shifts), outputs)
        gain = (given == labels) * 2.0 - (given != UNSURE)  # 1 where right, -1 where wrong
        found = np.mean([gain[labels == label].mean() for label in used])
        return round(float(found), 9), -sum(map(abs, shifts))

    return _moved(decision, max(_shifts(decision, used.tolist()), key=worth))


def _edges(decision: Thresholds) -> list[float]:
    return [decision.happy, decision.sad, decision.neutral]


def _shifts(decision: Decision, used: list[int]) -> Iterator[tuple[float, ...]]:
    """How far edges may go, whose sum is none, so that others are unsure as often as before."""
    for free in itertools.product(SHIFTS, repeat=len(used) - 1):
        last = -sum(free)
        if abs(last) <= SHIFTS[-1] + 1e-9:
            shifts = dict(zip(used, (*free, last), strict=True))
            yield tuple(shifts.get(label, 0.0) for label in range(len(decision.answers)))


def _moved(decision: Decision, shifts: Sequence[float]) -> Decision:
    if isinstance(decision, Band):
        low, high = (_shifted(edge, shifts[0]) for edge in (decision.low, decision.high))
        return Band(low, high)
    moved = [
        round(min(max(edge * math.exp(shift), LOWEST), HIGHEST), 4)
        for edge, shift in zip(_edges(decision), shifts, strict=True)
    ]
    return replace(decision, happy=moved[0], sad=moved[1], neutral=moved[2])


def _shifted(p: float, shift: float) -> float:
    """A probability whose logit is this much larger; 0 and 1 stay."""
    if not 0 < p < 1:
        return p
    return round(1 / (1 + math.exp(-(math.log(p / (1 - p)) + shift))), 4)
