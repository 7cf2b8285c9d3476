"""Answers as lines of text or JSON, and the line at the end that counts them."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ..errors import one_line
from ..images.frame import Frame
from ..prediction import SCHEMA_VERSION, Box, Prediction
from ..wording import counted


def answer_object(
    path: str | None,
    frame: int | None,
    time_s: float | None,
    answer: Prediction,
    band: tuple[float, float] | None,
) -> dict[str, Any]:
    """The documented keys that every answer has in JSON, all of them always there.

    Args:
        path: The file, or the camera's name; None for a picture that came without one.
        frame: Number of the frame in its video or stream; None for an image.
        time_s: Its time from the start, in seconds; None for an image.
        answer: What is answered.
        band: Limits in place of the model's; None for its own.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "path": path,
        "frame": frame,
        "time_s": None if time_s is None else round(time_s, 3),
        "box": answer.box,
        "label": answer.label,
        **{name: None if p is None else round(p, 4) for name, p in answer.probabilities.items()},
        "latency_ms": round(answer.latency_ms, 3),
        "reason": answer.reason,
        "band": band,
    }


def json_line(frame: Frame, prediction: Prediction, band: tuple[float, float] | None) -> str:
    """One JSON object: `answer_object` of a frame of a file, with its `band`."""
    video = frame.video
    index, time_s = (video.index, video.time_s) if video else (None, None)
    return json.dumps(answer_object(str(frame.path), index, time_s, prediction, band))


def text_line(frame: Frame, prediction: Prediction, why: Callable[[Prediction], str]) -> str:
    """Label, probability, file; then where in a video, where in the picture, and why unsure.

    Args:
        frame: Of a file.
        prediction: For it, or for a face in it.
        why: Why an answer without a reason is unsure; empty for all others.
    """
    shown = "-" if prediction.p_shown is None else f"{prediction.p_shown:.3f}"
    line = f"{prediction.label:7}  {shown:5}  {one_line(frame.path)}"
    if frame.video:
        line += f"  {frame.video.time_s:.2f} s, frame {frame.video.index}"
    if prediction.box:
        line += f"  {face_text(prediction.box)}"
    if doubt := why(prediction) or (prediction.reason or "").replace("_", " "):
        line += f"{', ' if prediction.box else '  '}{doubt}"
    return line


def face_text(box: Box) -> str:
    """Which face of a picture, by its box in pixels: "face 162x161 at 243,103"."""
    x, y, width, height = box
    return f"face {width}x{height} at {x},{y}"


class Summary:
    """Counts what was answered.

    Attributes:
        troubles: What was "not found" or "unreadable", and of what a copy is "not saved" or
            "not explained".
        answered: How many "picture" and how many "frame" of videos were answered.
        ignored: Files in folders that are no picture and no video by their names.
    """

    def __init__(self) -> None:
        self.troubles: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.ignored = 0
        self._labels: Counter[str] = Counter()
        self._latency_ms = 0.0

    def add(self, frame: Frame, predictions: Iterable[Prediction]) -> None:
        """Counts the answers for a picture, or for a frame of a video."""
        self.answered["frame" if frame.video else "picture"] += 1
        for prediction in predictions:
            self._labels[prediction.label] += 1
            self._latency_ms += prediction.latency_ms

    def ignore(self) -> None:
        """Counts a file in a folder that is no picture and no video by its name."""
        self.ignored += 1

    def line(self, model: str) -> str:
        """How often each was answered, how fast, and by what."""
        counts = self._labels + self.troubles
        answered = self._labels.total()
        speed = f", {self._latency_ms / answered:.1f} ms each" if answered else ""
        others = f"; {counted(self.ignored, 'other file')} ignored" if self.ignored else ""
        listed = ", ".join(f"{counts[key]} {key}" for key in sorted(counts))
        return f"{listed or 'nothing to answer'}{speed} ({model}){others}"
