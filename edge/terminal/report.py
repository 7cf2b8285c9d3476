"""Answers as lines of text or JSON, and the line at the end that counts them."""

import json
from collections import Counter

from ..errors import one_line
from ..images.frames import Frame
from ..prediction import Prediction


def json_line(frame: Frame, prediction: Prediction) -> str:
    """One JSON object with the documented keys, all of them always there."""
    position = frame.video
    return json.dumps(
        {
            "path": str(frame.path),
            "frame": position.index if position else None,
            "time_s": round(position.time_s, 3) if position else None,
            "box": prediction.box,
            "label": prediction.label,
            "p_happy": None if prediction.p_happy is None else round(prediction.p_happy, 4),
            "latency_ms": round(prediction.latency_ms, 3),
            "reason": prediction.reason,
        }
    )


def text_line(frame: Frame, prediction: Prediction) -> str:
    """Label, p_happy, file; then where in a video, where in the picture, and why not judged."""
    p_happy = "-" if prediction.p_happy is None else f"{prediction.p_happy:.3f}"
    line = f"{prediction.label:7}  {p_happy:5}  {one_line(frame.path)}"
    if frame.video:
        line += f"  {frame.video.time_s:.2f} s, frame {frame.video.index}"
    if prediction.box:
        x, y, width, height = prediction.box
        line += f"  face {width}x{height} at {x},{y}"
    if prediction.reason:
        line += f", {prediction.reason.replace('_', ' ')}"
    return line


class Summary:
    """Counts what was answered."""

    def __init__(self) -> None:
        """Begins with nothing counted."""
        self.unreadable = 0
        self._labels: Counter[str] = Counter()
        self._latency_ms = 0.0

    def add(self, prediction: Prediction) -> None:
        """Counts one answer."""
        self._labels[prediction.label] += 1
        self._latency_ms += prediction.latency_ms

    def line(self, model: str) -> str:
        """How often each was answered, how fast, and by what.

        Args:
            model: What answered: the model's name, its file, the runtime.
        """
        counts = self._labels + Counter(unreadable=self.unreadable)  # without it when it is 0
        answered = self._labels.total()
        speed = f", {self._latency_ms / answered:.1f} ms each" if answered else ""
        return f"{', '.join(f'{counts[key]} {key}' for key in sorted(counts))}{speed} ({model})"
