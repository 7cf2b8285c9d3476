"""From a model's output to probabilities and a label: a band for two answers, factors for three.

The output is a tuple of floats, called scores here: of a model with two answers (p_happy,), of one
with three the logits of happy, sad, neutral, and of all other expressions.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..labels import ANSWERS, CLASSES

Scores = tuple[float, ...]
# Below this probability a logit says no more than "not at all"; without a floor one sure frame
# would outweigh a second of doubtful ones where logits are averaged.
FLOOR = 0.01
# By how much likelier a face that is followed is at rest than one in a photograph, in nats: people
# rest most of the time. In clips of 250 validation faces of each answer (export.measure clips) 60 %
# of the sad frames were found and 3.5 % of the neutral ones called happy or sad; with 0 it was 66
# and 3.5, with 0.3 54 and 2.6 %, of an earlier model in rougher clips 77 and 14, and 68 and 8 %.
RESTING = 0.1


class Probabilities(NamedTuple):
    """What a model holds likely; the names are those of `Prediction`.

    Attributes:
        p_happy: 0 to 1.
        p_sad: 0 to 1.
        p_neutral: 0 to 1; None where the model does not know neutral faces.
    """

    p_happy: float
    p_sad: float
    p_neutral: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """Two answers: p_happy strictly between two edges is "unsure".

    Attributes:
        low: Up to here it is "sad".
        high: From here on it is "happy".
        answers: The labels that it can give, "unsure" aside.
        mirrored: Whether it is for scores that are means over a picture and its mirror image.
        smoothing_s: Time constant over which the scores of a followed face are averaged, seconds.
    """

    low: float
    high: float

    smoothing_s = 0.2
    mirrored = False
    answers = CLASSES
    hysteresis = 0.05  # how far p_happy must go beyond an edge for a label to change

    def evidence(self, scores: Scores) -> Scores:
        """The scores in the form in which they are averaged over time."""
        return scores

    def with_band(self, low: float, high: float) -> "Band":
        """How the same scores become an answer with other limits, as of `--band`.

        Args:
            low: "sad" is answered where p_sad is 1 - `low` or more.
            high: "happy" is answered where p_happy is `high` or more; not below `low`.
        """
        return Band(low, high)

    def rivals(self, found: Probabilities) -> tuple[str, str] | None:
        """The two answers that make "unsure" of a face, because they are too close.

        Of two answers these are always both. Of three, one of them reaches its limit.

        Returns:
            The larger multiple of its limit first; None where no two are too close.
        """
        is_happier = found.p_happy >= (self.low + self.high) / 2
        return ("happy", "sad") if is_happier else ("sad", "happy")

    def label(self, scores: Scores, present: str | None = None) -> str:
        """One of `answers`, or "unsure".

        Args:
            scores: Of one picture, or averaged `evidence`.
            present: The label that a followed face has: near an edge it stays.
        """
        (p_happy,) = scores
        if present is not None:
            # Near 0 and 1 there is less room: the band of a good model begins at 0.07.
            nudge = min(self.hysteresis, p_happy / 2, (1 - p_happy) / 2)
            if present in (self.label((p_happy + way * nudge,)) for way in (-1, 0, 1)):
                return present
        if self.low < p_happy < self.high:
            return "unsure"
        return "happy" if p_happy >= (self.low + self.high) / 2 else "sad"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Three answers: the label whose probability is the largest multiple of its threshold.

    Where none reaches its threshold, as of an angry face, the answer is "unsure"; and so it is
    where the next label is too close behind, as of a face that is a little sad.

    Attributes:
        happy: From which p_happy on "happy" may be answered, above 0 and below 1.
        sad: The same of p_sad.
        neutral: The same of p_neutral.
        lead: How far the largest multiple must be ahead of the next, in nats: the logarithm of
            their ratio. Below `hysteresis`, so that a face's label can change without a detour.
        mirrored: As of `Band`, as the other attributes.
    """

    happy: float
    sad: float
    neutral: float
    lead: float = 0.0
    mirrored: bool = False

    smoothing_s = 0.25
    answers = ANSWERS
    hysteresis = 0.4  # by which a new label must be likelier than the present one, in nats

    def evidence(self, scores: Scores) -> Scores:
        """As of `Band`: log probabilities, with a floor; RESTING is taken into account."""
        happy, sad, neutral, *others = scores
        shares = softmax((happy, sad, neutral + RESTING, *others))
        return tuple(math.log(max(p, FLOOR)) for p in shares)

    def with_band(self, low: float, high: float) -> "Thresholds":
        """As of `Band`: "neutral" is answered from the mean of the two limits on.

        Where both are 0.5 or more, at most one answer can reach its limit. The lead stays.
        """
        edges = high, 1 - low, (high + 1 - low) / 2
        happy, sad, neutral = (max(edge, FLOOR) for edge in edges)
        return replace(self, happy=happy, sad=sad, neutral=neutral)

    def label(self, scores: Scores, present: str | None = None) -> str:
        """As of `Band`."""
        margins = self._margins(softmax(scores))
        second, first = sorted(margins.values())[-2:]
        margins["unsure"] = max(0.0, second + self.lead) if first - second < self.lead else 0.0
        best = max(margins, key=margins.__getitem__)
        if present is not None and margins[best] - margins[present] < self.hysteresis:
            return present
        return best

    def rivals(self, found: Probabilities) -> tuple[str, str] | None:
        """As of `Band`: where the lead of the first is too small."""
        margins = self._margins(tuple(p or 0.0 for p in found))
        first, second, _ = sorted(margins, key=margins.__getitem__, reverse=True)
        is_close = margins[first] - margins[second] < self.lead
        return (first, second) if is_close and margins[first] >= 0 else None

    def _margins(self, shares: Scores) -> dict[str, float]:
        """How far each answer is above its limit, in nats."""
        edges = (self.happy, self.sad, self.neutral)
        return {
            name: math.log(max(share, 1e-9) / edge)
            for name, share, edge in zip(self.answers, shares, edges, strict=False)
        }


Decision = Band | Thresholds  # how a model's scores become an answer


def probabilities(scores: Scores) -> Probabilities:
    """What the scores say, of a model with two answers or with three."""
    if len(scores) == 1:
        return Probabilities(scores[0], 1.0 - scores[0], None)
    return Probabilities(*softmax(scores)[:3])


def softmax(logits: Scores) -> Scores:
    """Probabilities that sum to 1."""
    highest = max(logits)
    shares = [math.exp(logit - highest) for logit in logits]
    total = sum(shares)
    return tuple(share / total for share in shares)
