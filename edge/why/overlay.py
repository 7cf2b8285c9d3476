"""The cheap half of an explanation, for a live picture: what was counted, and where."""

from typing import Any

import numpy as np

from ..classifier import Classifier
from ..errors import ModelError
from .evidence import Evidence
from .explainer import evidence_of


class Overlay:
    """Activation maps as JSON has them; for one thread, and not the one that answers.

    Nothing is loaded before somebody asks: then an interpreter of its own, 0.4 ms a map.
    """

    def __init__(self, runtime: str = "auto") -> None:
        """Loads nothing."""
        self._runtime = runtime
        self._known: tuple[Classifier, Evidence | ModelError] | None = None

    def of(self, classifier: Classifier, pixels: np.ndarray, label: str) -> dict[str, Any]:
        """What an answer was made of.

        Args:
            classifier: The model that gave it.
            pixels: uint8 (height, width, channels) as `prepare` makes them.
            label: The answer; of "unsure" the likeliest label is explained.

        Returns:
            "label" and "places", rows from the top of numbers from -1, against it, to 1, for it: 1
            is the place that counts most. Or "problem": why this model's answers have no map.
        """
        if self._known is None or self._known[0] is not classifier:
            try:
                self._known = classifier, evidence_of(classifier, self._runtime)
            except ModelError as error:
                self._known = classifier, error
        evidence = self._known[1]
        if isinstance(evidence, ModelError):
            return {"problem": str(evidence)}
        if label == "unsure":
            label = evidence.likeliest(pixels)
        _, places = evidence.activation(pixels, label)
        strongest = max(float(np.abs(places).max()), 1e-9)
        return {"label": label, "places": (places / strongest).round(2).tolist()}
