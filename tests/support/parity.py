"""The same pictures through the device's own code and through the page's, and how they differ."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.faces.boxes import overlap
from edge.images.image_file import read_image
from edge.prediction import Prediction
from tests.support.browser import Browser

# Loads the page's own answerer once; then each picture goes the way of a photo.
ASK = """
const [folder, names, isWhole] = ARGUMENTS;
const { Answerer } = await import(`${folder}/answerer.js`);
const { readPhoto } = await import(`${folder}/photo.js`);
if (!window.answerer) {
  window.answerer = new Answerer();
  await window.answerer.load();
}
const all = [];
for (const name of names) {
  const bitmap = await readPhoto(await (await fetch(name)).blob());
  const question = isWhole === null ? { bitmap } : { bitmap, isWhole };
  const { result } = await window.answerer.ask("photo", question);
  all.push(result.map(({ seen, ...answer }) => answer));
}
return all;
"""
LABELS = ("happy", "sad", "neutral")


@dataclass(slots=True)
class Differences:
    """What is not the same.

    Attributes:
        pictures: How many were looked at.
        answers: How many the device gave for them.
        p: The largest difference between two probabilities.
        box_px: The largest difference between two sides of a box, in pixels.
        labels: Where the labels differ: the picture's name and both answers.
        missing: Faces that one found and the other did not, by the picture's name.
    """

    pictures: int = 0
    answers: int = 0
    p: float = 0.0
    box_px: int = 0
    labels: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def take(self, name: str, device: Sequence[Prediction], page: Sequence[dict]) -> None:
        """Compares the answers for one picture."""
        self.pictures += 1
        self.answers += len(device)
        others = list(page)
        for answer in device:
            other = max(others, key=lambda one: _nearness(answer, one), default=None)
            if other is None or not _nearness(answer, other):
                self.missing.append(name)
                continue
            others.remove(other)
            self._pair(name, answer, other)
        self.missing += [name] * len(others)

    def _pair(self, name: str, answer: Prediction, other: dict) -> None:
        if answer.box:
            apart = (abs(a - b) for a, b in zip(answer.box, other["box"], strict=True))
            self.box_px = max(self.box_px, *apart)
        if (answer.label, answer.reason) != (other["label"], other["reason"]):
            self.labels.append(f"{name}: {answer}, not {other}")
        if answer.p_happy is not None and other["p_happy"] is not None:
            for label in LABELS:
                one, another = answer.probabilities[f"p_{label}"], other[f"p_{label}"]
                if one is not None:
                    self.p = max(self.p, abs(one - another))


def _nearness(answer: Prediction, other: dict) -> float:
    if answer.box is None or other["box"] is None:
        return float(answer.box is None and other["box"] is None)
    return overlap(answer.box, tuple(other["box"]))


def compare(
    browser: Browser,
    page: str,
    pictures: str,
    files: Sequence[Path],
    classify: Callable[..., list[Prediction]],
    is_whole: bool | None,
) -> Differences:
    """Asks both for each picture.

    Args:
        browser: On any page of the host.
        page: Path of the page's folder on the host.
        pictures: Path of the pictures' folder on the host.
        files: The pictures, by their places on this machine.
        classify: The device's answers for a picture, uint8 BGR.
        is_whole: Whether the whole picture is the face; None for what the page's model takes.
    """
    said: list[list[dict]] = []
    for start in range(0, len(files), 10):  # a script may take 30 seconds
        names = [f"{pictures}/{file.name}" for file in files[start : start + 10]]
        arguments = json.dumps([page, names, is_whole])
        said += browser.run(ASK.replace("ARGUMENTS", arguments))
    differences = Differences()
    for file, answers in zip(files, said, strict=True):
        differences.take(file.name, classify(read_image(file)), answers)
    return differences
