"""Whether teaching was worth it: each candidate is judged by pictures that it was not fitted to."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .fits import CANDIDATES
from .head import Head

FOLDS = 5
DRAWS = 2000  # of the bootstrap
# Two candidates are compared with the shipped head: each may be better by chance in 1 of 80 cases.
CHANCE = 0.0125
SEED = 0


@dataclass(frozen=True, slots=True)
class Score:
    """How a candidate did.

    Attributes:
        right: Share of the right answers, each label counted alike, 0 to 1.
        low: Of its 95 % interval.
        high: Of its 95 % interval.
        gain: By how much `right` is above the shipped head's.
        gain_low: The gain is at least this, but for CHANCE.
        wrong: Numbers of the pictures that it got wrong.
    """

    right: float
    low: float
    high: float
    gain: float
    gain_low: float
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the trial showed.

    Attributes:
        scores: Of each of CANDIDATES, by its name.
        best: The one to take: the shipped one, unless another is better by more than chance.
    """

    scores: dict[str, Score]
    best: str


def try_all(
    head: Head,
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    answer: Callable[[np.ndarray], np.ndarray],
) -> Verdict:
    """Fits every candidate to four fifths of the pictures, and asks it about the last fifth.

    Args:
        head: The shipped one.
        features: float64 (n, features).
        labels: int64 (n,).
        groups: int64 (n,): pictures of one group stay together, in one fold and in the intervals.
        answer: What outputs (n, outputs) amount to, as labels; -1 for "unsure".
    """
    folds = _folds(labels, groups)
    right = {}
    for name, fit in CANDIDATES.items():
        answers = np.empty(len(labels), int)
        for fold in range(FOLDS):
            held = folds == fold
            fitted = fit(head, features[~held], labels[~held])
            answers[held] = answer(fitted.outputs(features[held]))
        right[name] = answers == labels
    draws = _draws(groups)
    base = _shares(right["shipped"], labels, draws)
    scores = {}
    for name, hits in right.items():
        drawn = _shares(hits, labels, draws)
        gains = drawn - base
        scores[name] = Score(
            right=float(drawn[0]),
            low=float(np.nanquantile(drawn[1:], 0.025)),
            high=float(np.nanquantile(drawn[1:], 0.975)),
            gain=float(gains[0]),
            gain_low=float(np.nanquantile(gains[1:], CHANCE)),
            wrong=tuple(np.flatnonzero(~hits).tolist()),
        )
    better = [name for name, score in scores.items() if score.gain_low > 0]
    return Verdict(scores, max(better, key=lambda name: scores[name].right, default="shipped"))


def _folds(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The fold of each picture: whole groups, and each label spread over all folds."""
    chance = np.random.default_rng(SEED)
    folds = np.empty(len(labels), int)
    counts = np.zeros((FOLDS, labels.max() + 1))
    _, sizes = np.unique(groups, return_counts=True)
    order = chance.permutation(len(sizes))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        members = groups == group
        added = np.bincount(labels[members], minlength=counts.shape[1])
        fold = int(np.argmin((counts * (added > 0)).sum(axis=1)))
        folds[members] = fold
        counts[fold] += added
    return folds


def _draws(groups: np.ndarray) -> np.ndarray:
    """How often each picture counts: once in the first row, in the others as groups are drawn."""
    count = groups.max() + 1
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), DRAWS)
    return np.vstack([np.ones(len(groups), int), drawn[:, groups]])


def _shares(hits: np.ndarray, labels: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The mean over the labels of the share of right answers, for each draw."""
    shares = []
    for label in np.unique(labels):
        of_label = draws[:, labels == label]
        total = of_label.sum(axis=1)
        good = of_label @ hits[labels == label]
        shares.append(np.where(total > 0, good / np.maximum(total, 1), np.nan))
    return np.mean(shares, axis=0)
