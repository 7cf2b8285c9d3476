"""The exported file against the Keras model, on the device's own classifier."""

import time
from dataclasses import dataclass

import keras
import numpy as np

from data.scores import Scores, score
from edge.classifier import Classifier

MAX_RECALL_DROP = 0.02


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the exported file's answers differ from those of the model that it was made from.

    Attributes:
        images: How many were compared.
        happy: How many of them are happy.
        keras: Scores of the Keras model; None where a class has no image.
        exported: Scores of the exported file.
        agreement: Share of images with the same answer, happy or sad, from 0 to 1.
        largest_difference: Of p_happy over all images, 0 to 1.
        median_ms: Inference of one image by the exported file, in milliseconds.
    """

    images: int
    happy: int
    keras: Scores | None
    exported: Scores | None
    agreement: float
    largest_difference: float
    median_ms: float

    def recall_drops(self) -> dict[str, float]:
        """By how much the recall of each class fell, from 0 to 1; below 0 where it rose."""
        if self.keras is None or self.exported is None:
            return {}
        return {
            "happy": self.keras.recall_happy - self.exported.recall_happy,
            "sad": self.keras.recall_sad - self.exported.recall_sad,
        }


def compare(
    model: keras.Model, classifier: Classifier, pixels: np.ndarray, is_sad: np.ndarray
) -> Comparison:
    """Answers every image with both.

    Args:
        model: From pixels to P(sad).
        classifier: The exported file, as the device runs it.
        pixels: uint8 (n, height, width, channels), n > 0.
        is_sad: bool (n,): the true labels.
    """
    p_keras = 1.0 - model.predict(pixels, batch_size=32, verbose=0)[:, 0].astype(np.float64)
    p_exported, times_ms = np.zeros(len(pixels)), np.zeros(len(pixels))
    for index, image in enumerate(pixels):
        start = time.perf_counter()
        p_exported[index] = classifier.network.p_happy(image)
        times_ms[index] = (time.perf_counter() - start) * 1000
    band = classifier.contract.band
    return Comparison(
        images=len(pixels),
        happy=int(np.sum(~is_sad)),
        keras=score(p_keras, is_sad, band),
        exported=score(p_exported, is_sad, band),
        agreement=float(np.mean((p_keras >= 0.5) == (p_exported >= 0.5))),
        largest_difference=float(np.abs(p_keras - p_exported).max()),
        median_ms=float(np.median(times_ms)),
    )
