"""How good the answers are: figures from p_happy and the true labels, and the decision band."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DEFAULT_BAND = (0.4, 0.6)  # where no validation images are there to choose it on
# What an "unsure" costs, a wrong answer costing 1 (Chow's rule with a reject option, IEEE
# Trans. Information Theory 16(1), 1970): one wrong answer is worth avoiding at four "unsure".
UNSURE_COST = 0.25


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
    low, high = _wilson(int(right.sum()), len(right))
    recall_happy, recall_sad = float(right[~sad].mean()), float(right[sad].mean())
    return Scores(
        images=len(right),
        accuracy=float(right.mean()),
        accuracy_low=low,
        accuracy_high=high,
        balanced_accuracy=(recall_happy + recall_sad) / 2,
        recall_happy=recall_happy,
        recall_sad=recall_sad,
        auc=_auc(p_happy[~sad], p_happy[sad]),
        unsure=float(1 - decided.mean()),
        accuracy_decided=float(right[decided].mean()) if decided.any() else None,
    )


def choose_band(
    p_happy: np.ndarray, is_sad: np.ndarray, p_happy_neutral: Sequence[float] | np.ndarray = ()
) -> tuple[float, float]:
    """The symmetric decision band with the least cost on validation images.

    A wrong answer costs 1, an "unsure" on a happy or sad image UNSURE_COST, any answer but
    "unsure" on a neutral image UNSURE_COST too. The narrowest of the best bands is taken, and
    none narrower than 0.45 to 0.55: few validation images may hold no doubtful one.

    Args:
        p_happy: float (n,), 0 to 1, of happy and sad validation images.
        is_sad: bool or 0/1 (n,).
        p_happy_neutral: float (m,) of neutral validation images, if there are any.

    Returns:
        (low, high); DEFAULT_BAND without validation images.
    """
    if len(p_happy) == 0:
        return DEFAULT_BAND
    wrong = (p_happy >= 0.5) == np.asarray(is_sad, bool)
    neutral = np.asarray(p_happy_neutral, float)

    def cost(half_width: float) -> float:
        unsure = np.abs(p_happy - 0.5) < half_width
        decided_neutral = np.abs(neutral - 0.5) >= half_width
        return float(
            np.sum(wrong & ~unsure) + UNSURE_COST * (np.sum(unsure) + np.sum(decided_neutral))
        )

    half_width = min(np.arange(0.05, 0.46, 0.05), key=cost)
    return round(0.5 - half_width, 2), round(0.5 + half_width, 2)


def _wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson 1927, JASA 22:209-212)."""
    share, spread = right / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    margin = z / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / total / 4)
    return max(0.0, centre - margin), min(1.0, centre + margin)


def _auc(happy: np.ndarray, sad: np.ndarray) -> float:
    """Area under the ROC curve from ranks (Mann-Whitney U), n log n."""
    sad = np.sort(sad)
    below = np.searchsorted(sad, happy, "left")
    not_above = np.searchsorted(sad, happy, "right")
    return float((below + not_above).sum() / 2 / (len(happy) * len(sad)))
