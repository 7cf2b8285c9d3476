"""A model file's answers to the test images, from file to label as the device gives them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data import LabelledFile
from data.contact_sheet import write_contact_sheet
from edge.classifier import Classifier, Prediction
from edge.images.image_file import read_image
from edge.images.preprocess import prepare

SHEET_SIZE = 40
TABLE_ROWS = 12
VERDICT_COLOURS = {"right": "black", "unsure": "gray", "wrong": "crimson"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One test image and what the device says of it.

    Attributes:
        path: The image file.
        truth: "happy" or "sad", by its folder.
        prediction: The device's answer.
        pixels: What the model saw, uint8 (height, width, channels).
    """

    path: Path
    truth: str
    prediction: Prediction
    pixels: np.ndarray

    @property
    def is_right(self) -> bool:
        """Whether the likelier of the two classes is the true one."""
        assert self.prediction.p_happy is not None  # as it is where no face was looked for
        return (self.prediction.p_happy >= 0.5) == (self.truth == "happy")

    @property
    def verdict(self) -> str:
        """One of "right", "unsure" and "wrong"."""
        if self.prediction.label == "unsure":
            return "unsure"
        return "right" if self.is_right else "wrong"


def answer(model_path: Path, files: Sequence[LabelledFile]) -> list[Answer]:
    """Classifies image files one by one, decoding included.

    Args:
        model_path: A file made by `make export`.
        files: Images with their true labels, happy and sad.

    Raises:
        ModelError: The model cannot be run.
        ImageError: A file cannot be decoded any more.
    """
    classifier = Classifier(model_path)
    answers = []
    for file in files:
        image = read_image(file.path)
        pixels = prepare(image, classifier.contract.input)
        answers.append(Answer(file.path, file.label, classifier.classify(image), pixels))
    return answers


def table_text(answers: Sequence[Answer], model_path: Path) -> str:
    """Some answers line by line, then accuracy, model size and time for all of them."""
    rows = [
        f"{each.prediction.label:6}  {each.prediction.p_happy:8.3f}  "
        f"{each.path.parent.name}/{each.path.name}{'  WRONG' * (each.verdict == 'wrong')}"
        for each in _spread(answers, TABLE_ROWS)
    ]
    right = sum(each.is_right for each in answers)
    unsure = sum(each.verdict == "unsure" for each in answers)
    median_ms = statistics.median(each.prediction.latency_ms for each in answers)
    return "\n".join(
        [
            "answer  p(happy)  test image",
            *rows,
            f"{len(rows)} of {len(answers)} test images shown; none was trained on",
            f"accuracy    {right / len(answers):.1%} ({right} of {len(answers)} by the likelier "
            f"label; {unsure} of them answered unsure)",
            f"model size  {model_path.stat().st_size / 1e6:.2f} MB",
            f"time        {median_ms:.2f} ms an image (median of resizing and inference, 1 thread)",
        ]
    )


def draw(path: Path, answers: Sequence[Answer]) -> None:
    """Draws a contact sheet of answers, at most SHEET_SIZE, wrong ones in red.

    Raises:
        OutputError: The file cannot be written.
    """
    pictures = [
        (
            each.pixels,
            f"{each.prediction.label} {each.prediction.p_happy:.2f}",
            VERDICT_COLOURS[each.verdict],
        )
        for each in _spread(answers, SHEET_SIZE)
    ]
    right = sum(each.is_right for each in answers)
    title = (
        f"answer and p(happy) on images that were not trained on: {right} of {len(answers)} right "
        "(wrong ones red, unsure gray)"
    )
    write_contact_sheet(path, title, pictures)


def _spread(answers: Sequence[Answer], count: int) -> list[Answer]:
    """At most so many, evenly from first to last: both classes show, mistakes as they fall."""
    places = np.linspace(0, len(answers) - 1, min(count, len(answers)))
    return [answers[int(place)] for place in places]
