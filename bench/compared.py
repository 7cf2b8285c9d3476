"""Ours and the others' models on the same pictures: time and accuracy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.others import OtherModel
from data import CLASSES, list_files
from data.scores import Scores, score
from edge.benchmark.spread import Spread, take_turns
from edge.classifier import Classifier
from edge.errors import ImageError
from edge.images.image_file import read_image
from edge.images.preprocess import prepare
from edge.model.decision import probabilities


@dataclass(frozen=True, slots=True)
class Compared:
    """One model.

    Attributes:
        name: Whose it is, and what it was trained on.
        time: The answer to one prepared picture, one thread.
        prepare: Preparing one picture of the validation folder, or one of 48x48 without it.
        scores: On the validation folder, by the likelier of happy and sad; None without one.
    """

    name: str
    time: Spread
    prepare: Spread
    scores: Scores | None


def compare(
    classifiers: Mapping[str, Classifier],
    others: Mapping[str, OtherModel],
    validation: Path | None,
    rounds: int,
) -> list[Compared]:
    """Times all models in turns and scores each on the same pictures.

    Args:
        classifiers: Ours, by name.
        others: Other people's, by name.
        validation: Holds happy and sad: whole pictures of faces.
        rounds: As for `take_turns`.
    """
    images, is_sad = _read(validation)
    first = images[0] if images else np.full((48, 48, 3), 128, np.uint8)
    prepares: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        name: partial(prepare, spec=model.contract.input) for name, model in classifiers.items()
    }
    prepares |= {name: model.published.prepare for name, model in others.items()}
    answers: dict[str, Callable[[np.ndarray], float]] = {
        name: partial(_p_happy, model) for name, model in classifiers.items()
    }
    answers |= {name: model.p_happy for name, model in others.items()}
    pixels = {name: make(first) for name, make in prepares.items()}
    inference = take_turns({n: partial(answers[n], pixels[n]) for n in answers}, rounds)
    preparing = take_turns({n: partial(prepares[n], first) for n in prepares}, rounds)
    compared = []
    for name, answer in answers.items():
        scores = None
        if images:
            p_happy = np.array([answer(prepares[name](image)) for image in images])
            scores = score(p_happy, is_sad, (0.5, 0.5))
        compared.append(Compared(name, inference[name], preparing[name], scores))
    return compared


def _p_happy(classifier: Classifier, pixels: np.ndarray) -> float:
    return probabilities(classifier.scores_of(pixels)).p_happy


def _read(folder: Path | None) -> tuple[list[np.ndarray], np.ndarray]:
    """The readable pictures of a folder, and whether each is sad."""
    images, is_sad = [], []
    for file in list_files(folder, CLASSES) if folder else []:
        try:
            images.append(read_image(file.path))
        except ImageError:
            continue
        is_sad.append(file.label == "sad")
    return images, np.array(is_sad, bool)
