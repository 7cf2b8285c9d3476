"""Whether fine-tuning helped, by what people get on validation images."""

from dataclasses import dataclass

import numpy as np

from data.tally import Tally
from edge.wording import counted

GUARD = 0.02  # how far the AUC may fall; with few images, where one pair is more, by one pair


@dataclass(frozen=True, slots=True)
class Seen:
    """What people get from a model on validation images.

    Attributes:
        tally: The answers.
        auc: Probability that a happy image looks happier to it than a sad one.
        points: int (n,): of each image in the tally, 1 for the right answer, 0 for unsure, -1 for
            a wrong one.
    """

    tally: Tally
    auc: float
    points: np.ndarray


def judge(before: Seen | None, after: Seen | None) -> tuple[bool, str]:
    """Whether fine-tuning helped, and why: a line, and one with the answers if there are any.

    It helped if more answers are right and fewer are wrong, with "unsure" in between; at a tie, if
    happy and sad are told apart better. In no case may they be told apart worse than by GUARD, or
    as many answers be wrong as right.

    Args:
        before: The original; None without validation images of both classes.
        after: The fine-tuned model.
    """
    if before is None or after is None:
        return False, "there are no validation images of both classes to tell whether it helps"
    old, new = before.tally, after.tally
    pairs = sum(old.counts["happy"].values()) * sum(old.counts["sad"].values())
    is_guarded = after.auc >= before.auc - max(GUARD, 1 / pairs) - 1e-9
    is_better = (new.worth, after.auc) > (old.worth, before.auc)
    lack = "" if is_guarded else ", but the fine-tuned model tells happy from sad less well"
    if is_guarded and new.right <= new.wrong:
        lack = ", but the fine-tuned model is no better than guessing"
    helped = is_better and not lack
    return helped, (
        f"right less wrong answers (mean of the classes) are {new.worth:.1%} after fine-tuning, "
        f"{old.worth:.1%} before{lack}\n"
        f"of {counted(new.images, 'validation image')} the fine-tuned model answers {new.right} "
        f"right, {new.wrong} wrong and {new.unsure} unsure, the original {old.right}, {old.wrong} "
        f"and {old.unsure}{_changes(after.points - before.points, helped=helped)}"
    )


def _changes(gains: np.ndarray, *, helped: bool) -> str:
    """How many answers changed, unless a sign test of them is sure of what the verdict says.

    The test counts images, the verdict compares the mean of the classes: they may differ.
    """
    better, worse = int(np.sum(gains > 0)), int(np.sum(gains < 0))
    if not better + worse:
        return "; no answer changed" + (", but it tells happy from sad better" if helped else "")
    said = f"; {counted(better, 'answer')} became better and {worse} worse"
    if not _is_sure(better, worse):
        return f"{said}, which may be chance"
    return "" if (better > worse) == helped else said


def _is_sure(better: int, worse: int) -> bool:
    """Whether a sign test (two-sided, 5 %) tells better from worse."""
    changed = better + worse
    ways = tail = 1
    for k in range(min(better, worse)):
        ways = ways * (changed - k) // (k + 1)
        tail += ways
    return 40 * tail < 2**changed  # 2 * tail / 2**changed < 0.05, where 2**1024 is no float
