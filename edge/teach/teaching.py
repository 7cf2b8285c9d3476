"""Teaching: pictures go in; whether it was worth it, and a model file, come out."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..classifier import Classifier
from ..model.head import read_head
from .examples import Examples
from .features import Features
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

    Args:
        content: Of the model file.
        classifier: The model in it.
        examples: What to learn from.
        progress: Called now and then with the share that is done.

    Raises:
        ModelError: The model cannot be taught.
    """
    head = read_head(content)
    decision = classifier.contract.decision
    seen = Features(content, classifier.contract.input)
    features = seen.of(examples.pixels)
    if decision.mirrored:  # the last layer is linear: its mean is that of what it is given
        features = (features + seen.of(examples.pixels[:, :, ::-1])) / 2
    start = time.perf_counter()
    verdict = try_all(head, features, examples.labels, examples.groups, decision, progress)
    new = CANDIDATES[verdict.best](head, features, examples.labels)
    seconds = time.perf_counter() - start
    if not verdict.is_better:
        return Lesson(verdict, None, seconds)
    outputs = new.outputs(features)
    made = taught_model(content, classifier, new, outputs, examples, verdict)
    return Lesson(verdict, made, seconds)
