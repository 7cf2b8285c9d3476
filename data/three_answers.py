"""Figures of a model with three answers, and the thresholds at which it gives them.

The answer is that of the device, see `edge.model.decision.Thresholds`.
"""

import itertools
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

import numpy as np

from data.labels import ANSWERS
from data.scores import auc
from edge.model.decision import Thresholds

UNSURE = "unsure"
# What people in front of a camera should get, on faces about whose expression people agree.
MOST_NEUTRAL_CALLED = 0.08  # happy, and sad
LEAST_SAD_FOUND = 0.805  # 80 %, and what int8 may cost
LEAST_HAPPY_FOUND = 0.952  # 95 %, and the same
LEAST_RIGHT = 0.952  # 95 %, and what int8 may cost
# A resting face that is called sad or happy counts so often: most faces before a camera rest.
AT_REST = 3
# What a point short of an aim counts in points found. Where not all aims can be met, sad faces are
# found last: a wrong answer is worse than none, and faces before a camera are harder than those
# that this is chosen on. In clips made of validation faces a network that was asked of one side
# called 14 % of the neutral frames sad where it found 80 % of the sad faces, and 8 % where 95 % of
# its answers were right.
MISSED, SAD_MISSED = 64, 16
FEW = 20  # images of an answer; where there are fewer they choose nothing
LIKELY = 0.4  # the threshold of each answer then: hardly more than one of three
LEADS = (0.0, 0.2, 0.38)  # the leads that are tried
GRID = np.geomspace(0.15, 0.82, 10).tolist()  # the thresholds that are tried, 1.21 times apart;
BEST = 4  # so many of the best are tried again,
NEARER = [np.linspace(1 - reach, 1 + reach, 9) for reach in (0.12, 0.03)]  # times these, twice


@dataclass(frozen=True, slots=True)
class Figures:
    """How the answers come out on images with known labels; shares from 0 to 1.

    Attributes:
        images: How many happy, sad and neutral ones.
        auc: Probability that a happy image has a larger p_happy / p_sad than a sad one.
        auc_sad_neutral: The same of sad ones, p_sad / p_neutral, and neutral ones.
        happy_found: Share of the happy images that were answered "happy".
        sad_found: Share of the sad ones answered "sad".
        neutral_found: Share of the neutral ones answered "neutral".
        neutral_called_happy: Share of the neutral ones answered "happy".
        neutral_called_sad: Share of the neutral ones answered "sad".
        right: Share of the answers other than "unsure" that are right; None if there are none.
        unsure: Share answered "unsure".
        others_unsure: Share of the images of other expressions answered "unsure"; None without.
    """

    images: int
    auc: float
    auc_sad_neutral: float
    happy_found: float
    sad_found: float
    neutral_found: float
    neutral_called_happy: float
    neutral_called_sad: float
    right: float | None
    unsure: float
    others_unsure: float | None

    @property
    def recalls(self) -> dict[str, float]:
        """The share that was found of each class."""
        return {"happy": self.happy_found, "sad": self.sad_found, "neutral": self.neutral_found}


def answered(probabilities: np.ndarray, decision: Thresholds) -> np.ndarray:
    """The answer for each image: str (n,).

    Args:
        probabilities: float (n, 3 or more): of happy, sad and neutral first.
        decision: The operating point.
    """
    return np.array([*ANSWERS, UNSURE])[_given(_log(probabilities), decision)]


def _log(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities[:, : len(ANSWERS)], 1e-9))


def _given(log_p: np.ndarray, decision: Thresholds) -> np.ndarray:
    """The index of each answer in ANSWERS, and after the last of them for "unsure"."""
    margins = log_p - np.log([getattr(decision, name) for name in ANSWERS])
    second, first = np.sort(margins, axis=1)[:, -2:].T
    is_answer = (first >= 0) & (first - second >= decision.lead)
    return np.where(is_answer, margins.argmax(axis=1), len(ANSWERS))


def figures(probabilities: np.ndarray, labels: np.ndarray, decision: Thresholds) -> Figures | None:
    """The figures; None where one of the three has no image, because nothing is known then.

    Args:
        probabilities: As for `answered`.
        labels: str (n,): the true labels; what is none of the three is another expression.
        decision: The operating point.
    """
    true = {name: labels == name for name in ANSWERS}
    if not all(mask.any() for mask in true.values()):
        return None
    given = answered(probabilities, decision)

    def share(label: str, answer: str) -> float:
        return float((given[true[label]] == answer).mean())

    known = np.isin(labels, ANSWERS)
    is_answer = known & (given != UNSURE)
    log_p = _log(probabilities)
    happier, sadder = log_p[:, 0] - log_p[:, 1], log_p[:, 1] - log_p[:, 2]
    return Figures(
        images=int(known.sum()),
        auc=auc(happier[true["happy"]], happier[true["sad"]]),
        auc_sad_neutral=auc(sadder[true["sad"]], sadder[true["neutral"]]),
        happy_found=share("happy", "happy"),
        sad_found=share("sad", "sad"),
        neutral_found=share("neutral", "neutral"),
        neutral_called_happy=share("neutral", "happy"),
        neutral_called_sad=share("neutral", "sad"),
        right=float((given == labels)[is_answer].mean()) if is_answer.any() else None,
        unsure=float((given[known] == UNSURE).mean()),
        others_unsure=float((given[~known] == UNSURE).mean()) if not known.all() else None,
    )


def choose_thresholds(probabilities: np.ndarray, labels: np.ndarray) -> Thresholds:
    """The operating point that comes nearest to what people should get, and then finds most.

    Args:
        probabilities: As for `answered`, of validation images.
        labels: As for `figures`; with less than FEW images of one of the three all thresholds are
            LIKELY.
    """
    if min(np.sum(labels == name) for name in ANSWERS) < FEW:
        return Thresholds(LIKELY, LIKELY, LIKELY, mirrored=True)
    worth = worth_on(probabilities, labels)
    tried = itertools.starmap(Thresholds, itertools.product(GRID, GRID, GRID, LEADS))
    best = sorted(tried, key=worth)[-BEST:]
    for factors in NEARER:
        near = {
            Thresholds(*np.round(np.multiply((*factor, 1.0), astuple(one)[:4]), 3).tolist())
            for one in best
            for factor in itertools.product(factors, repeat=3)
        }
        best = sorted(near, key=lambda one: (worth(one), astuple(one)))[-BEST:]
    return replace(best[-1], mirrored=True)


def worth_on(probabilities: np.ndarray, labels: np.ndarray) -> Callable[[Thresholds], float]:
    """What an operating point is worth: the mean share that is found, less what goes wrong.

    That is the share of the neutral faces that are called happy or sad, and what the aims miss.

    Args:
        probabilities: As for `answered`.
        labels: As for `figures`.
    """
    kinds = len(ANSWERS) + 1  # true ones, all other expressions the last, and given ones
    true = np.full(len(labels), kinds - 1)
    for index, name in enumerate(ANSWERS):
        true[labels == name] = index
    happy, sad, neutral, others = range(kinds)
    log_p = _log(probabilities)

    def worth(decision: Thresholds) -> float:
        counts = np.bincount(true * kinds + _given(log_p, decision), minlength=kinds**2)
        counts = counts.reshape(kinds, kinds)
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        answers = counts[:others, :others]
        right = answers.trace() / max(answers.sum(), 1)
        missed = (
            AT_REST * max(0.0, share[neutral, happy] - MOST_NEUTRAL_CALLED),
            AT_REST * max(0.0, share[neutral, sad] - MOST_NEUTRAL_CALLED),
            max(0.0, LEAST_HAPPY_FOUND - share[happy, happy]),
            max(0.0, LEAST_RIGHT - right),
        )
        found = share.diagonal()[: kinds if counts[others].any() else others]
        sad_missed = max(0.0, LEAST_SAD_FOUND - share[sad, sad])
        called = AT_REST * share[neutral, [happy, sad]].sum()
        return float(found.mean() - called - MISSED * sum(missed) - SAD_MISSED * sad_missed)

    return worth
