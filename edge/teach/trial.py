"""Whether teaching was worth it: each candidate is judged by pictures that it was not fitted to."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..model.chance import wilson
from ..model.decision import Decision
from ..model.head import Head
from .edges import ENOUGH, answers, chosen
from .fits import CANDIDATES, OLD

FOLDS = 5
DRAWS = 2000  # of the bootstrap
# Two candidates are compared with the old head: each may be better by chance in 1 of 80 cases.
# So may other edges, which are compared with the best of the three.
CHANCE = 0.0125
SEED = 0
EDGES = "edges"  # among the scores


@dataclass(frozen=True, slots=True)
class Score:
    """How a candidate did.

    Attributes:
        right: Share of the right answers, each label counted alike, 0 to 1.
        low: Of its 95 % interval.
        high: Of its 95 % interval.
        gain: By how much `right` is above the old head's.
        gain_low: The gain is at least this, but for CHANCE.
        wrong: Numbers of the pictures that it got wrong.
        said: What it answered for each of these: a label, or "unsure".
    """

    right: float
    low: float
    high: float
    gain: float
    gain_low: float
    wrong: tuple[int, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the trial showed.

    Attributes:
        scores: Of each of CANDIDATES, by its name; and of the best of them with other edges, as
            EDGES, where they were tried.
        best: The candidate to take: the old one, unless another is better by more than chance.
        decision: The one to take with it.
        edges: "chosen" where that is not the old one; else why it is: "few" pictures, or "kept"
            because others are no better by more than chance.
    """

    scores: dict[str, Score]
    best: str
    decision: Decision
    edges: str

    @property
    def is_better(self) -> bool:
        """Whether anything is to be taken in place of the old model."""
        return self.best != OLD or self.edges == "chosen"

    @property
    def after(self) -> Score:
        """How the one to take did."""
        return self.scores[EDGES if self.edges == "chosen" else self.best]

    @property
    def tried(self) -> Score:
        """How the one did that came nearest to being taken; `after` where one was."""
        others = [score for name, score in self.scores.items() if name != OLD]
        return self.after if self.is_better else max(others, key=lambda score: score.right)


def try_all(
    head: Head,
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    decision: Decision,
    progress: Callable[[float], None] = lambda share: None,
) -> Verdict:
    """Fits every candidate to four fifths of the pictures, and asks it about the last fifth.

    Args:
        head: The old one.
        features: float64 (n, features).
        labels: int64 (n,).
        groups: int64 (n,): pictures of one group stay together, in one fold and in the intervals.
        decision: What outputs amount to.
        progress: Called now and then with the share that is done.
    """
    folds = _folds(labels, groups)
    outputs, given = {}, {}
    for number, (name, fit) in enumerate(CANDIDATES.items()):
        outputs[name] = np.empty((len(labels), len(head.bias)))
        for fold in range(FOLDS):
            progress((number + fold / FOLDS) / len(CANDIDATES))
            held = folds == fold
            outputs[name][held] = fit(head, features[~held], labels[~held]).outputs(features[held])
        given[name] = answers(decision, outputs[name])
    scores = _scores(given, labels, groups, decision, OLD)
    better = [name for name, score in scores.items() if score.gain_low > 0]
    best = max(better, key=lambda name: scores[name].right, default=OLD)
    if not _is_enough(labels, groups):
        return Verdict(scores, best, decision, "few")
    moved = np.empty(len(labels), int)
    for fold in range(FOLDS):  # what was not fitted to a picture chooses no edge by it either
        held = folds == fold
        other = chosen(decision, outputs[best][~held], labels[~held])
        moved[held] = answers(other, outputs[best][held])
    given[EDGES] = moved
    if _scores(given, labels, groups, decision, best)[EDGES].gain_low <= 0:
        return Verdict(scores, best, decision, "kept")
    scores = _scores(given, labels, groups, decision, OLD)
    return Verdict(scores, best, chosen(decision, outputs[best], labels), "chosen")


def _is_enough(labels: np.ndarray, groups: np.ndarray) -> bool:
    """Whether the pictures of each label that there is are enough to choose edges by."""
    pictures, moments = ENOUGH
    return all(
        (labels == label).sum() >= pictures and len(np.unique(groups[labels == label])) >= moments
        for label in np.unique(labels)
    )


def _scores(
    given: dict[str, np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    decision: Decision,
    base: str,
) -> dict[str, Score]:
    """How each did, by its answers; gains are those over one of them."""
    names = np.array([*decision.answers, "unsure"])  # UNSURE is the last place
    right = {name: places == labels for name, places in given.items()}
    draws = _draws(groups)
    base_shares = _shares(right[base], labels, draws)
    scores = {}
    for name, hits in right.items():
        drawn = _shares(hits, labels, draws)
        gains = drawn - base_shares
        low, high = (float(edge) for edge in np.nanquantile(drawn[1:], (0.025, 0.975)))
        if low == high:  # all of a label are right, or none is: drawing them again shows nothing
            low, high = wilson(low, len(np.unique(groups)))
        wrong = np.flatnonzero(~hits)
        scores[name] = Score(
            right=float(drawn[0]),
            low=low,
            high=high,
            gain=float(gains[0]),
            gain_low=float(np.nanquantile(gains[1:], CHANCE)),
            wrong=tuple(wrong.tolist()),
            said=tuple(names[given[name][wrong]].tolist()),
        )
    return scores


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
