"""Teaching: pictures go in; whether it was worth it, and a model file, come out."""

import time
from dataclasses import dataclass

import numpy as np

from ..classifier import Classifier
from ..model.decision import Band, Decision
from .examples import Examples
from .features import Features
from .fits import CANDIDATES
from .head import read_head
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


def teach(content: bytes, classifier: Classifier, examples: Examples) -> Lesson:
    """Fits the candidates to the pictures, and makes a model of the best one if it is better.

    Args:
        content: Of the model file.
        classifier: The model in it.
        examples: What to learn from.

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

    def answer(outputs: np.ndarray) -> np.ndarray:
        return np.array([_place(decision, row) for row in outputs])

    verdict = try_all(head, features, examples.labels, examples.groups, answer)
    new = CANDIDATES[verdict.best](head, features, examples.labels)
    seconds = time.perf_counter() - start
    if verdict.best == "shipped":
        return Lesson(verdict, None, seconds)
    outputs = new.outputs(features)
    made = taught_model(content, classifier, new, outputs, examples, verdict)
    return Lesson(verdict, made, seconds)


def _place(decision: Decision, outputs: np.ndarray) -> int:
    """The place among the answers of what some outputs amount to; -1 for "unsure"."""
    scores = tuple(outputs.tolist())
    if isinstance(decision, Band):  # the output is the logit of P(sad)
        scores = (float(1 / (1 + np.exp(outputs[0]))),)
    label = decision.label(scores)
    return -1 if label == "unsure" else decision.answers.index(label)
