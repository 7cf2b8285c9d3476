"""Faces in a picture and an answer for each: detector, crop, quality gate and classifier joined."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .classifier import Classifier, answer
from .faces.boxes import clipped
from .faces.crop import MARGIN, SHIFT, crop_face
from .faces.detector import Face, FaceDetector
from .faces.files import Crop, Range
from .faces.quality import refusal
from .model.decision import Scores
from .prediction import Prediction


class FaceClassifier:
    """Answers for every face in a picture; not for use by several threads at once.

    Attributes:
        classifier: The model that judges a face.
        detector: What finds the faces.
        crop_form: (margin, shift, max_side) of the crops that the model sees, as `crop_face` takes
            them.
    """

    def __init__(self, classifier: Classifier, detector: FaceDetector) -> None:
        """Joins the two; how much around a face the model sees is the model file's to say."""
        self.classifier, self.detector = classifier, detector
        contract = classifier.contract
        margin, shift = contract.face_crop or (MARGIN, SHIFT)
        # Beyond this the crop has more pixels than the model can use: 16 for each that it takes.
        self.crop_form = margin, shift, 4 * max(contract.input.width, contract.input.height)

    def classify(self, image: np.ndarray) -> list[Prediction]:
        """An answer for each face, the largest first; a single "no_face" where there is none.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
        """
        start = time.perf_counter()
        faces = self.detector.detect(image)
        detection_ms = (time.perf_counter() - start) * 1000
        if not faces:
            return [Prediction("no_face", latency_ms=detection_ms)]
        return [self.judge(image, face, detection_ms / len(faces)) for face in faces]

    def judge(self, image: np.ndarray, face: Face, detection_ms: float = 0.0) -> Prediction:
        """The answer for one face.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
            face: Found in it.
            detection_ms: What finding it took; counted as part of the latency.
        """
        start = time.perf_counter()
        scores, reason = self.scores(image, face)
        latency_ms = detection_ms + (time.perf_counter() - start) * 1000
        box = clipped(face.box, image.shape[1::-1])
        if scores is None:
            return Prediction("unsure", box=box, reason=reason, latency_ms=latency_ms)
        label = self.classifier.contract.decision.label(scores)
        return answer(scores, label, box=box, latency_ms=latency_ms)

    def scores(
        self, image: np.ndarray, face: Face, glance: int | None = None
    ) -> tuple[Scores | None, str | None]:
        """The model's scores for one face, or None and why it is not judged.

        Args:
            image: uint8 (height, width, 3), BGR, any size.
            face: Found in it.
            glance: As of `Classifier.scores`.
        """
        crop, reason = self.crop(image, face)
        return None if crop is None else self.classifier.scores(crop, glance), reason

    def crop(self, image: np.ndarray, face: Face) -> tuple[np.ndarray | None, str | None]:
        """One face as the model is asked about it, or None and why it is not judged."""
        crop = crop_face(image, face, *self.crop_form)
        reason = refusal(image, face, crop)
        return None if reason else crop, reason


def picture_classifier(
    classifier: Classifier, crop: Crop | None, detector: Range, **options: Any
) -> Callable[[np.ndarray], list[Prediction]]:
    """What answers for a picture: for every face in it, or once for all of it.

    Args:
        classifier: The model.
        crop: "face" or "frame"; None for what the model was made for.
        detector: How far away faces are looked for.
        options: `threads` and `runtime`, as of `FaceDetector`.
    """
    if (crop or classifier.contract.crop) == "frame":
        return lambda image: [classifier.classify(image)]
    return FaceClassifier(classifier, FaceDetector(detector, **options)).classify
