"""Frames of a stream go in, a steady answer for each face comes out."""

import time

import numpy as np

from ..classifier import Classifier
from ..face_classifier import FaceClassifier
from ..faces.boxes import clipped
from ..prediction import Box, Prediction
from .steady import SteadyLabel
from .tracks import FaceTracks


class FaceAnswerer:
    """Answers for every face that is followed in a stream, or with a single "no_face".

    Not for use by several threads at once.

    Attributes:
        tracks: The faces.
        has_worked: Whether the last frame was looked at, or faces followed in it. Not where nobody
            is there, between two looks for faces.
    """

    def __init__(self, faces: FaceClassifier, is_live: bool = False) -> None:
        self._faces = faces
        self.tracks = FaceTracks(faces.detector, is_live)
        self.has_worked = False
        self._labels: dict[int, SteadyLabel] = {}
        self._size_wh = (0, 0)  # of the last frame

    def answer(self, image: np.ndarray, time_s: float) -> tuple[Prediction, ...]:
        """The answers for the next frame: at least one, the largest face first.

        Args:
            image: uint8 (height, width, 3), BGR.
            time_s: Time of the frame in its stream, in seconds.
        """
        start = time.perf_counter()
        self._size_wh = (image.shape[1], image.shape[0])
        tracks = self.tracks.update(image, time_s)
        self.has_worked = self.tracks.has_looked or bool(tracks)
        decision = self._faces.classifier.contract.decision
        self._labels = {
            track.id: self._labels.get(track.id) or SteadyLabel(decision) for track in tracks
        }
        answers = []
        for track in tracks:
            steady = self._labels[track.id]
            if track.is_seen:
                glance = steady.glance(time_s)
                steady.update(*self._faces.scores(image, track.face, glance), time_s)
            latency_ms = (time.perf_counter() - start) * 1000
            box = clipped(track.face.box, image.shape[1::-1])
            answers.append(steady.prediction(box=box, track_id=track.id, latency_ms=latency_ms))
        if answers:
            return tuple(answers)
        latency_ms = (time.perf_counter() - start) * 1000
        return (Prediction("no_face", latency_ms=latency_ms),)

    def crop(self, image: np.ndarray, answer: Prediction) -> np.ndarray | None:
        """What the model was asked about, uint8 BGR; None where it was not asked.

        Args:
            image: The last frame that was answered.
            answer: One of those for it.
        """
        for track in self.tracks.known:
            if track.id == answer.track_id and track.is_seen:
                return self._faces.crop(image, track.face)[0]
        return None

    def newcomers(self) -> list[Box]:
        """Where faces are in the last frame that have been seen once and have no answer yet."""
        return [clipped(track.face.box, self._size_wh) for track in self.tracks.newcomers]

    def forget(self) -> None:
        """Takes whoever comes for somebody new, as when no frames come."""
        self.tracks.forget()

    def use(self, classifier: Classifier) -> None:
        """Answers with another model of the same crop from the next frame on; labels begin anew."""
        self._faces = FaceClassifier(classifier, self._faces.detector)
        self._labels = {}


class FrameAnswerer:
    """Takes every frame, all of it, for the face; methods and attributes as of `FaceAnswerer`."""

    has_worked = True

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.forget()

    def forget(self) -> None:
        """Begins again."""
        self._steady = SteadyLabel(self._classifier.contract.decision)

    def answer(self, image: np.ndarray, time_s: float) -> tuple[Prediction, ...]:
        """The one answer for the next frame."""
        start = time.perf_counter()
        scores = self._classifier.scores(image, self._steady.glance(time_s))
        self._steady.update(scores, None, time_s)
        latency_ms = (time.perf_counter() - start) * 1000
        return (self._steady.prediction(latency_ms=latency_ms),)

    def crop(self, image: np.ndarray, answer: Prediction) -> np.ndarray | None:
        """All of the picture."""
        return image

    def newcomers(self) -> list[Box]:
        """Nobody; as of `Answerer`."""
        return []

    def use(self, classifier: Classifier) -> None:
        """Answers with another model; begins again."""
        self._classifier = classifier
        self.forget()


Answerer = FaceAnswerer | FrameAnswerer
