"""The whole step, from a decoded frame to its steady answers, and what each part of it takes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..face_classifier import FaceClassifier
from ..faces.boxes import clipped
from ..faces.crop import crop_face
from ..faces.detector import Face, FaceDetector, Look
from ..faces.quality import refusal
from ..images.preprocess import prepare
from ..live.answerer import FaceAnswerer
from ..live.outputs.view import draw_view
from ..live.pulse import Pulse
from ..live.tracks import FaceTracks, Track
from ..prediction import Prediction
from .spread import Spread, spread

FPS = 30.0  # of the stream that the frames stand for: the detector looks by its clock
PARTS = ("detect", "track", "crop", "quality", "preprocess", "infer", "draw")


@dataclass(frozen=True, slots=True)
class Steps:
    """The whole step on one kind of frames.

    Attributes:
        scene: Such as "1 face".
        faces: Followed in the median frame.
        whole: From the decoded frame to its steady answers, as the live runner does it.
        mean_ms: Of the same, in milliseconds: with the detector's looks spread over all frames.
        parts_ms: What a frame costs in the mean, by part; those of PARTS. All but "draw" make up
            the whole, but for the smoothing.
        looks: Share of the frames that the detector looked at, 0 to 1.
        look_ms: One look of the detector, in milliseconds, in the median.
    """

    scene: str
    faces: int
    whole: Spread
    mean_ms: float
    parts_ms: dict[str, float]
    looks: float
    look_ms: float


class _Taken(NamedTuple):
    """What was measured of one scene: of each frame, and the time of each look."""

    whole_ms: list[Any]
    counts: list[Any]
    parts_ms: list[Any]
    looks_ms: list[Any]


class _TimedDetector(FaceDetector):
    """A detector that records how long each look took."""

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self.times_ms: list[float] = []

    def look(self) -> Look:
        self.times_ms.append(0.0)
        return _TimedLook(self._detector.look(), self.times_ms)


class _TimedLook(Look):
    """A look that adds what its networks take to the last of the times."""

    def __init__(self, look: Look, times_ms: list[float]) -> None:
        self._look, self._times_ms = look, times_ms

    def ask(self, image: np.ndarray) -> list[Face] | None:
        start = time.perf_counter()
        faces = self._look.ask(image)
        self._times_ms[-1] += (time.perf_counter() - start) * 1000
        return faces


def measure_steps(
    scenes: dict[str, Sequence[np.ndarray]], faces: FaceClassifier, rounds: int
) -> list[Steps]:
    """Measures the whole step on each scene, in turns."""
    taken = {name: _Taken([], [], [], []) for name in scenes}
    for number in range(rounds + 1):  # the first pays what is only paid once
        for name, frames in scenes.items():
            there_and_back = [*frames, *reversed(frames)]
            new = _Taken(*_answer(there_and_back, faces), *_split(there_and_back, faces))
            if number:
                for before, more in zip(taken[name], new, strict=True):
                    before.extend(more)
    return [
        Steps(
            scene=name,
            faces=round(float(np.median(each.counts))),
            whole=spread(np.array(each.whole_ms)),
            mean_ms=float(np.mean(each.whole_ms)),
            parts_ms={part: float(np.mean([one[part] for one in each.parts_ms])) for part in PARTS},
            looks=len(each.looks_ms) / len(each.parts_ms),
            look_ms=float(np.median(each.looks_ms)) if each.looks_ms else 0.0,
        )
        for name, each in taken.items()
    ]


def _answer(frames: Sequence[np.ndarray], faces: FaceClassifier) -> tuple[list[float], list[int]]:
    """What the live runner's own answerer takes for each frame, and how many faces it follows."""
    answerer = FaceAnswerer(faces)
    times_ms, counts = [], []
    for index, frame in enumerate(frames):
        start = time.perf_counter()
        answers = answerer.answer(frame, index / FPS)
        times_ms.append((time.perf_counter() - start) * 1000)
        counts.append(sum(answer.label != "no_face" for answer in answers))
    return times_ms, counts


def _split(
    frames: Sequence[np.ndarray], faces: FaceClassifier
) -> tuple[list[dict[str, float]], list[float]]:
    """The same step taken apart: milliseconds by part for each frame; and those of each look."""
    detector = _TimedDetector(faces.detector)
    tracks = FaceTracks(detector)
    spec, network = faces.classifier.contract.input, faces.classifier.network
    pulse = Pulse()
    split = []
    for index, frame in enumerate(frames):
        taken = dict.fromkeys(PARTS, 0.0)
        clock = _Clock(taken)
        looked = len(detector.times_ms)
        followed = tracks.update(frame, index / FPS)
        clock.add("track")
        taken["detect"] = sum(detector.times_ms[looked:])
        taken["track"] -= taken["detect"]
        for track in followed:
            if not track.is_seen:
                continue
            clock.start()
            crop = crop_face(frame, track.face, *faces.crop_form)
            clock.add("crop")
            reason = refusal(frame, track.face, crop)
            clock.add("quality")
            if reason is None:
                pixels = prepare(crop, spec)
                clock.add("preprocess")
                network.p_happy(pixels)
                clock.add("infer")
        clock.start()
        draw_view(frame, _drawn(frame, followed), pulse, False)
        clock.add("draw")
        split.append(taken)
    return split, detector.times_ms


def _drawn(frame: np.ndarray, tracks: Sequence[Track]) -> list[Prediction]:
    """Answers such as are drawn on a frame."""
    answers = [
        Prediction("happy", 0.9, clipped(track.face.box, frame.shape[1::-1]), track_id=track.id)
        for track in tracks
    ]
    return answers or [Prediction("no_face")]


class _Clock:
    """Adds the time since the last call to a part."""

    def __init__(self, taken: dict[str, float]) -> None:
        self._taken = taken
        self.start()

    def start(self) -> None:
        self._last = time.perf_counter()

    def add(self, part: str) -> None:
        now = time.perf_counter()
        self._taken[part] += (now - self._last) * 1000
        self._last = now
