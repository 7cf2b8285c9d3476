"""What a share of few images is worth: its interval, and whether that is better than guessing."""

import math
from collections.abc import Mapping

from ..labels import ANSWERS, CLASSES
from ..wording import counted

RECALLS = ("recall_happy", "recall_sad")


def doubt(
    figures: Mapping[str, float | None], counts: Mapping[str, int], part: str = "test"
) -> str:
    """What to say of no answers, or where the 95 % interval of what is right reaches chance.

    Of two answers it is the mean of the two recalls, which is one half for whoever guesses, however
    many images each class has. Of three it is the share of the answers given that are right, which
    is that of the commonest label for whoever always answers it.

    Args:
        figures: As a model file carries them, or as in `metrics.json`: shares from 0 to 1.
        counts: How many held-out images of each label there are.
        part: "validation" or "test".

    Returns:
        Part of a sentence; empty where there is nothing to say.
    """
    recalls = [share for name in RECALLS if (share := figures.get(name)) is not None]
    known = [counts.get(label, 0) for label in (CLASSES if recalls else ANSWERS)]
    images, unsure = sum(known), figures.get("unsure") or 0.0
    if images > 0 and unsure == 1:
        return f"it answered none of {counted(images, f'{part} image')}: all are unsure"
    answered = ""
    if len(recalls) == 2 and min(known) > 0:
        right, chance = sum(recalls) / 2, 0.5
        # The variance of a mean of two shares: that of one share of so many images.
        draws = 4 / sum(1 / count for count in known)
    elif (share := figures.get("right")) is not None and images > 0:
        right, chance = share, max(known) / images
        draws = max(images * (1 - unsure), 1.0)
        answered = f", {draws:.0f} of them answered," if unsure else ""
    else:
        return ""
    if not 0 <= right <= 1:  # of a file that somebody has changed
        return ""
    low, high = wilson(right, draws)
    if low > chance:
        return ""
    return (
        f"on {counted(images, f'{part} image')}{answered} it is not clearly better than guessing: "
        f"{low:.0%} to {high:.0%} right (95% interval), by chance {chance:.0%}"
    )


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share of so many (Wilson 1927, JASA 22:209-212)."""
    z = 1.96
    spread = z * z / count
    centre = (share + spread / 2) / (1 + spread)
    margin = z / (1 + spread) * math.sqrt(share * (1 - share) / count + spread / count / 4)
    return max(0.0, centre - margin), min(1.0, centre + margin)
