"""Frames of a stream go in, a steady answer for each face comes out."""

import time
from collections.abc import Callable

import numpy as np

from edge.classifier import Classifier
from edge.face_classifier import FaceClassifier, seen_part
from edge.live.moment import SteadyAnswer
from edge.live.steady import SteadyLabel
from edge.live.tracks import FaceTracks

Answerer = Callable[[np.ndarray, float], tuple[SteadyAnswer, ...]]


class FaceAnswerer:
    """Answers for every face that is followed; not for use by several threads at once.

    Attributes:
        tracks: The faces.
    """

    tracks: FaceTracks

    def __init__(self, faces: FaceClassifier) -> None:
        """Begins with nobody in view.

        Args:
            faces: Finds and judges the faces of one picture.
        """
        self._faces = faces
        self.tracks = FaceTracks(faces.detector)
        self._labels: dict[int, SteadyLabel] = {}

    def __call__(self, image: np.ndarray, time_s: float) -> tuple[SteadyAnswer, ...]:
        """The answers for the next frame, the largest face first; or a single "no_face".

        Args:
            image: uint8 (height, width, 3), BGR.
            time_s: Time of the frame in its stream, in seconds.
        """
        start = time.perf_counter()
        tracks = self.tracks.update(image, time_s)
        label_of = self._faces.classifier.contract.label
        self._labels = {
            track.id: self._labels.get(track.id) or SteadyLabel(label_of) for track in tracks
        }
        answers = []
        for track in tracks:
            steady = self._labels[track.id]
            if track.is_seen:
                prediction = self._faces.judge(image, track.face)
                steady.update(prediction.p_happy, prediction.reason, time_s)
            latency_ms = (time.perf_counter() - start) * 1000
            box = seen_part(image, track.face)
            answers.append(
                SteadyAnswer(track.id, steady.label, steady.p_happy, latency_ms, box, steady.reason)
            )
        if answers:
            return tuple(answers)
        latency_ms = (time.perf_counter() - start) * 1000
        return (SteadyAnswer(None, "no_face", None, latency_ms, None, None),)


class FrameAnswerer:
    """Takes every frame, all of it, for the face."""

    def __init__(self, classifier: Classifier) -> None:
        """Begins without an answer."""
        self._classifier = classifier
        self._steady = SteadyLabel(classifier.contract.label)

    def __call__(self, image: np.ndarray, time_s: float) -> tuple[SteadyAnswer, ...]:
        """The one answer for the next frame; arguments as for `FaceAnswerer`."""
        prediction = self._classifier.classify(image)
        self._steady.update(prediction.p_happy, None, time_s)
        label, p_happy = self._steady.label, self._steady.p_happy
        return (SteadyAnswer(None, label, p_happy, prediction.latency_ms, None, None),)
