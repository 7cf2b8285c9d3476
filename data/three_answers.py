"""Figures of a model with three answers, and the thresholds at which it gives them.

The answer is that of the device: of happy, sad and neutral the one whose probability is the largest
multiple of its threshold, "unsure" where none reaches its own (`edge.model.decision.Thresholds`).
"""

import itertools
from dataclasses import dataclass

import numpy as np

from data.labels import ANSWERS
from data.scores import auc

UNSURE = "unsure"
# What people in front of a camera should get, on faces about whose expression people agree.
MOST_NEUTRAL_CALLED = 0.08  # happy, and sad
LEAST_SAD_FOUND = 0.80
LEAST_HAPPY_FOUND = 0.95
LEAST_RIGHT = 0.95
# A resting face that is called sad or happy counts so often: most faces before a camera rest.
AT_REST = 3
MISSED = (
    4  # what a point short of an aim counts in points found; with 1 to 16 the choice is the same
)
FEW = 20  # images of an answer; where there are fewer they choose nothing
LIKELY = 0.4  # the threshold of each answer then: hardly more than one of three
GRID = np.round(np.geomspace(0.12, 0.85, 18), 3)  # the thresholds that are tried


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
        right: Share of the answers other than "unsure" that are right.
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
    right: float
    unsure: float
    others_unsure: float | None

    @property
    def recalls(self) -> dict[str, float]:
        """The share that was found of each class."""
        return {"happy": self.happy_found, "sad": self.sad_found, "neutral": self.neutral_found}


def answered(probabilities: np.ndarray, thresholds: dict[str, float]) -> np.ndarray:
    """The answer for each image: str (n,).

    Args:
        probabilities: float (n, 3 or more): of happy, sad and neutral first.
        thresholds: By label.
    """
    multiples = probabilities[:, :3] / np.array([thresholds[name] for name in ANSWERS])
    labels = np.array(ANSWERS)[multiples.argmax(axis=1)]
    return np.where(multiples.max(axis=1) >= 1, labels, UNSURE)


def figures(
    probabilities: np.ndarray, labels: np.ndarray, thresholds: dict[str, float]
) -> Figures | None:
    """The figures; None where one of the three has no image, because nothing is known then.

    Args:
        probabilities: As for `answered`.
        labels: str (n,): the true labels; what is none of the three is another expression.
        thresholds: By label.
    """
    true = {name: labels == name for name in ANSWERS}
    if not all(mask.any() for mask in true.values()):
        return None
    given = answered(probabilities, thresholds)

    def share(label: str, answer: str) -> float:
        return float((given[true[label]] == answer).mean())

    known = np.isin(labels, ANSWERS)
    is_answer = known & (given != UNSURE)
    log_p = np.log(np.maximum(probabilities[:, :3], 1e-9))
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
        right=float((given == labels)[is_answer].mean()) if is_answer.any() else 0.0,
        unsure=float((given[known] == UNSURE).mean()),
        others_unsure=float((given[~known] == UNSURE).mean()) if not known.all() else None,
    )


def choose_thresholds(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The thresholds that come nearest to what people should get, and then find most.

    Args:
        probabilities: As for `answered`, of validation images.
        labels: As for `figures`; with less than FEW images of one of the three all are LIKELY.
    """
    if min(np.sum(labels == name) for name in ANSWERS) < FEW:
        return dict.fromkeys(ANSWERS, LIKELY)
    tried = (
        dict(zip(ANSWERS, edges, strict=True))
        for edges in itertools.product(GRID.tolist(), repeat=3)
    )
    return max(tried, key=lambda thresholds: worth(probabilities, labels, thresholds))


def worth(probabilities: np.ndarray, labels: np.ndarray, thresholds: dict[str, float]) -> float:
    """The mean share of what is found, less what is missed of the aims.

    Args:
        probabilities: As for `answered`.
        labels: As for `figures`.
        thresholds: By label.
    """
    given = answered(probabilities, thresholds)
    found = {name: float((given[labels == name] == name).mean()) for name in ANSWERS}
    neutral, known = given[labels == "neutral"], np.isin(labels, ANSWERS)
    is_answer = known & (given != UNSURE)
    right = float((given == labels)[is_answer].mean()) if is_answer.any() else 0.0
    missed = (
        AT_REST * max(0.0, float((neutral == "happy").mean()) - MOST_NEUTRAL_CALLED),
        AT_REST * max(0.0, float((neutral == "sad").mean()) - MOST_NEUTRAL_CALLED),
        max(0.0, LEAST_SAD_FOUND - found["sad"]),
        max(0.0, LEAST_HAPPY_FOUND - found["happy"]),
        max(0.0, LEAST_RIGHT - right),
    )
    shares = list(found.values())
    if not known.all():
        shares.append(float((given[~known] == UNSURE).mean()))
    return sum(shares) / len(shares) - MISSED * sum(missed)
