"""The explainer: a picture goes in, and for each judged face what made its answer comes out."""

import numpy as np

from ..classifier import Classifier
from ..errors import ModelError, one_line
from ..face_classifier import FaceClassifier
from ..faces.detector import FaceDetector
from ..faces.files import Crop, Range
from ..images.preprocess import prepare
from ..model.contract import OUTPUTS
from ..prediction import Prediction
from .evidence import Evidence
from .explanation import Explanation


class Explainer:
    """Explains a model's answers; not for use by several threads at once."""

    def __init__(
        self,
        classifier: Classifier,
        crop: Crop | None = None,
        detector: Range = "auto",
        *,
        threads: int = 1,
        runtime: str = "auto",
    ) -> None:
        """Joins the model with what finds faces; the arguments are those of `picture_classifier`.

        Raises:
            ModelError: Answers of this kind of model cannot be explained.
        """
        self._classifier, contract = classifier, classifier.contract
        self._evidence = evidence_of(classifier, runtime)
        self._faces = None
        if (crop or contract.crop) == "face":
            finder = FaceDetector(detector, threads=threads, runtime=runtime)
            self._faces = FaceClassifier(classifier, finder)

    def explain(self, image: np.ndarray) -> list[Explanation]:
        """An explanation for each face that the model judged, the largest first, or for all of it.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
        """
        if self._faces is None:
            return [self._explained(image, self._classifier.classify(image))]
        found = []
        for face in self._faces.detector.detect(image):
            crop, _ = self._faces.crop(image, face)
            if crop is not None:
                found.append(self._explained(crop, self._faces.judge(image, face)))
        return found

    def _explained(self, crop: np.ndarray, prediction: Prediction) -> Explanation:
        pixels = prepare(crop, self._classifier.contract.input)
        label = prediction.label
        if label == "unsure":
            label = self._evidence.likeliest(pixels)
        score, activation = self._evidence.activation(pixels, label)
        occlusion = self._evidence.occlusion(pixels, label)
        return Explanation(prediction, label, pixels, score, activation, occlusion)


def evidence_of(classifier: Classifier, runtime: str) -> Evidence:
    """What a model's answers are made of.

    Raises:
        ModelError: Answers of this kind of model cannot be explained.
    """
    contract = classifier.contract
    try:
        return Evidence(
            classifier.content,
            OUTPUTS[contract.details["schema"]],
            mirrored=contract.decision.mirrored,
            runtime=runtime,
        )
    except ModelError as error:
        raise ModelError(f"{one_line(contract.name)}: {error}") from error
