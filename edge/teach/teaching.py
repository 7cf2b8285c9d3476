"""Teaching: pictures go in; whether it was worth it, and a model file, come out."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..classifier import Classifier
from ..model.head import features_model, read_head
from ..model.network import Network
from .examples import Examples
from .fits import CANDIDATES
from .taught import taught_model
from .trial import Verdict, try_all


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came of it.

    Attributes:
        verdict: How each candidate did.
        content: Of the new model file; None where the model stays as it is.
        seconds: What fitting and judging took.
    """

    verdict: Verdict
    content: bytes | None
    seconds: float


def teach(
    content: bytes,
    classifier: Classifier,
    examples: Examples,
    progress: Callable[[float], None] = lambda share: None,
) -> Lesson:
    """Fits the candidates to the pictures, and makes a model of the best one if it is better.

    Raises:
        ModelError: The model cannot be taught.
    """
    head = read_head(content)
    decision = classifier.contract.decision
    features = features_of(content, examples.pixels, mirrored=decision.mirrored)
    start = time.perf_counter()
    verdict = try_all(head, features, examples.labels, examples.groups, decision, progress)
    new = CANDIDATES[verdict.best](head, features, examples.labels)
    seconds = time.perf_counter() - start
    if not verdict.is_better:
        return Lesson(verdict, None, seconds)
    outputs = new.outputs(features)
    made = taught_model(content, classifier, new, outputs, examples, verdict)
    return Lesson(verdict, made, seconds)


def features_of(content: bytes, pixels: np.ndarray, *, mirrored: bool = False) -> np.ndarray:
    """What a network makes of pictures before its last layer: float64 (n, features).

    Args:
        content: Of a model file that was found sound.
        pixels: uint8 (n, height, width, channels) as `prepare` makes them.
        mirrored: As of `Decision`. The last layer is linear: its mean is that of what it is given.

    Raises:
        ModelError: The model cannot be taught, or no runtime can run it.
    """
    network = Network(features_model(content))
    sides = [pixels, pixels[:, :, ::-1]] if mirrored else [pixels]
    return np.mean([[network.output(one).ravel() for one in side] for side in sides], axis=0)
