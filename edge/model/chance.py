"""What a share of few images is worth: its interval, and whether that is better than guessing."""

import math
from collections.abc import Mapping

from ..labels import ANSWERS
from ..wording import counted


def doubt(figures: Mapping[str, float], counts: Mapping[str, int], part: str = "test") -> str:
    """What to say where the 95 % interval of what is right reaches chance; else nothing.

    Of two answers it is the mean of the two recalls, which is one half for whoever guesses, however
    many images each class has. Of three it is the share of the answers given that are right, which
    is that of the commonest label for whoever always answers it.

    Args:
        figures: As a model file carries them, or as in `metrics.json`: shares from 0 to 1.
        counts: How many held-out images of each label there are.
        part: "validation" or "test".
    """
    recalls = [figures[name] for name in ("recall_happy", "recall_sad") if name in figures]
    known = [counts.get(label, 0) for label in ANSWERS]
    if len(recalls) == 2 and min(known[:2]) > 0:
        right, images, chance = sum(recalls) / 2, sum(known[:2]), 0.5
        # The variance of a mean of two shares: that of one share of so many images.
        draws = 4 / sum(1 / count for count in known[:2])
    elif "right" in figures and max(known) > 0:
        right, images, chance = figures["right"], sum(known), max(known) / sum(known)
        draws = max(images * (1 - figures.get("unsure", 0.0)), 1.0)
    else:
        return ""
    if not 0 <= right <= 1:  # of a file that somebody has changed
        return ""
    low, high = wilson(right, draws)
    if low > chance:
        return ""
    return (
        f"on {counted(images, f'{part} image')} it is not clearly better than guessing: "
        f"{low:.0%} to {high:.0%} right (95% interval), by chance {chance:.0%}"
    )


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share of so many (Wilson 1927, JASA 22:209-212)."""
    z = 1.96
    spread = z * z / count
    centre = (share + spread / 2) / (1 + spread)
    margin = z / (1 + spread) * math.sqrt(share * (1 - share) / count + spread / count / 4)
    return max(0.0, centre - margin), min(1.0, centre + margin)
