"""The exported file against the Keras model, on the device's own classifier."""

import time
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from data.answers import AnyFigures, both_sides, figures, shares_of
from edge.classifier import Classifier
from edge.model.decision import softmax
from export.bands import BandCost, band_costs

MAX_RECALL_DROP = 0.02


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the exported file's answers differ from those of the model that it was made from.

    Attributes:
        images: How many were compared.
        by_label: How many of them have each label.
        keras: Figures of the Keras model; None where a class has no image.
        exported: Figures of the exported file.
        agreement: Share of images with the same likeliest answer, from 0 to 1.
        largest_difference: Of a probability over all images, 0 to 1.
        median_ms: What the exported file takes for one image, in milliseconds.
        bands: What the bands of `--band` cost with the exported file.
    """

    images: int
    by_label: dict[str, int]
    keras: AnyFigures | None
    exported: AnyFigures | None
    agreement: float
    largest_difference: float
    median_ms: float
    bands: tuple[BandCost, ...]

    def recall_drops(self) -> dict[str, float]:
        """By how much the recall of each class fell, from 0 to 1; below 0 where it rose."""
        if self.keras is None or self.exported is None:
            return {}
        after = self.exported.recalls
        return {label: recall - after[label] for label, recall in self.keras.recalls.items()}


def compare(
    model: keras.Model, classifier: Classifier, pixels: np.ndarray, labels: np.ndarray
) -> Comparison:
    """Answers every image with both.

    Args:
        model: From pixels to P(sad), or to four logits.
        classifier: The exported file, as the device runs it.
        pixels: uint8 (n, height, width, channels), n > 0.
        labels: str (n,): the true labels.
    """
    decision = classifier.contract.decision
    predict = partial(model.predict, batch_size=32, verbose=0)
    expected = shares_of(both_sides(predict, pixels) if decision.mirrored else predict(pixels))
    given, times_ms = np.zeros(expected.shape), np.zeros(len(pixels))
    for index, image in enumerate(pixels):
        start = time.perf_counter()
        scores = classifier.scores_of(image)
        times_ms[index] = (time.perf_counter() - start) * 1000
        given[index] = scores if len(scores) == 1 else softmax(scores)
    return Comparison(
        images=len(pixels),
        by_label={label: int(np.sum(labels == label)) for label in decision.answers},
        keras=figures(expected, labels, decision),
        exported=figures(given, labels, decision),
        agreement=float(np.mean(_likeliest(expected) == _likeliest(given))),
        largest_difference=float(np.abs(expected - given).max()),
        median_ms=float(np.median(times_ms)),
        bands=band_costs(given, labels, decision),
    )


def _likeliest(shares: np.ndarray) -> np.ndarray:
    return shares.argmax(axis=1) if shares.shape[1] > 1 else shares[:, 0] >= 0.5
