"""How good the answers are: figures from p_happy and the true labels, and the decision band."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.model.chance import wilson

DEFAULT_BAND = (0.4, 0.6)  # where no validation images are there to choose it on
# The share of "happy" answers, and of "sad" ones, that must be right on the images that the band
# is chosen on: a point above the 95 % wanted, because choosing on them flatters.
RIGHT = 0.96
NEUTRAL_UNSURE = 0.5  # the least share of neutral faces to be answered "unsure"
NARROWEST = 0.05  # on either side of 0.5: few validation images may hold no doubtful one


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures on images with known labels, all but `images` and `auc` as shares from 0 to 1.

    Attributes:
        images: How many.
        accuracy: Share answered right when every image is answered (p_happy >= 0.5 is happy).
        accuracy_low: Lower end of its 95 % confidence interval (Wilson 1927), which takes every
            image for a draw of its own: too narrow where many images look alike.
        accuracy_high: Upper end.
        balanced_accuracy: Mean of the two recalls.
        recall_happy: Share of the happy images that were called happy.
        recall_sad: Share of the sad images that were called sad.
        auc: Probability that a happy image scores higher than a sad one (ties count half).
        unsure: Share that falls inside the decision band.
        accuracy_decided: Share of right answers outside the decision band; None if none is.
    """

    images: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    balanced_accuracy: float
    recall_happy: float
    recall_sad: float
    auc: float
    unsure: float
    accuracy_decided: float | None

    @property
    def recalls(self) -> dict[str, float]:
        """The share that was found of each class."""
        return {"happy": self.recall_happy, "sad": self.recall_sad}


def score(p_happy: np.ndarray, is_sad: np.ndarray, band: tuple[float, float]) -> Scores | None:
    """Scores of the answers; None where a class has no image, because nothing is known then.

    Args:
        p_happy: float (n,), 0 to 1.
        is_sad: bool or 0/1 (n,): the true labels.
        band: (low, high) of the decision band.
    """
    sad = np.asarray(is_sad, bool)
    if sad.all() or not sad.any():
        return None
    right = (p_happy >= 0.5) != sad
    decided = (p_happy <= band[0]) | (p_happy >= band[1])
    low, high = wilson(float(right.mean()), len(right))
    recall_happy, recall_sad = float(right[~sad].mean()), float(right[sad].mean())
    return Scores(
        images=len(right),
        accuracy=float(right.mean()),
        accuracy_low=low,
        accuracy_high=high,
        balanced_accuracy=(recall_happy + recall_sad) / 2,
        recall_happy=recall_happy,
        recall_sad=recall_sad,
        auc=auc(p_happy[~sad], p_happy[sad]),
        unsure=float(1 - decided.mean()),
        accuracy_decided=float(right[decided].mean()) if decided.any() else None,
    )


def choose_band(
    p_happy: np.ndarray, is_sad: np.ndarray, p_happy_neutral: Sequence[float] | np.ndarray = ()
) -> tuple[float, float]:
    """The narrowest decision band outside which answers are right, on validation images.

    Of the faces answered "happy" RIGHT are happy, and of those answered "sad" RIGHT are sad, were
    happy and sad faces equally frequent. If fewer than NEUTRAL_UNSURE of the neutral faces would
    be "unsure", the end that more of them lie beyond is moved out until they are.

    Args:
        p_happy: float (n,), 0 to 1, of happy and sad validation images.
        is_sad: bool or 0/1 (n,).
        p_happy_neutral: float (m,) of neutral validation images, if there are any.

    Returns:
        (low, high), a multiple of 0.01 each, at most 0.45 and at least 0.55; (0.05, 0.95) at
        the widest; DEFAULT_BAND without validation images of both classes.
    """
    sad = np.asarray(is_sad, bool)
    if sad.all() or not sad.any():
        return DEFAULT_BAND
    steps = np.round(np.arange(0.5 - NARROWEST, 0.04, -0.01), 2)
    low = _end(steps, p_happy[sad], p_happy[~sad])
    high = 1 - _end(steps, 1 - p_happy[~sad], 1 - p_happy[sad])
    neutral = np.asarray(p_happy_neutral, float)
    while len(neutral) and (low > steps[-1] or high < 1 - steps[-1]):
        below, above = np.mean(neutral <= low), np.mean(neutral >= high)
        if 1 - below - above >= NEUTRAL_UNSURE:
            break
        if (below >= above and low > steps[-1]) or high >= 1 - steps[-1]:
            low -= 0.01
        else:
            high += 0.01
    return round(float(low), 2), round(float(high), 2)


def _end(steps: np.ndarray, right: np.ndarray, wrong: np.ndarray) -> float:
    """The first of the steps up to which answers are right often enough; else the last.

    Args:
        steps: Falling ends of the band.
        right: float (n,): answers for faces of the class that is claimed up to the end.
        wrong: float (m,): answers for faces of the other class.
    """
    for end in steps:
        hits, misses = np.mean(right <= end), np.mean(wrong <= end)
        if hits >= RIGHT * (hits + misses):
            return float(end)
    return float(steps[-1])


def auc(happy: np.ndarray, sad: np.ndarray) -> float:
    """Area under the ROC curve from ranks (Mann-Whitney U), n log n."""
    sad = np.sort(sad)
    below = np.searchsorted(sad, happy, "left")
    not_above = np.searchsorted(sad, happy, "right")
    return float((below + not_above).sum() / 2 / (len(happy) * len(sad)))
