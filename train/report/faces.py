"""Images with the answers that they got: which are mistakes, and how they are shown."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from data import Part
from data.answers import Decision, given
from data.three_answers import UNSURE
from edge.errors import one_line
from edge.machine.opencv import cv2

SHOWN = 40  # pictures of each kind
SIDE = 128  # pixels, in the page


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """An image that was held out, and its answer.

    Attributes:
        pixels: uint8 (height, width, 3) RGB or (height, width, 1) gray.
        path: Its file.
        label: What it shows.
        answer: What the model says.
        p: What the model holds likely of the answer; of "unsure", of the likeliest.
    """

    pixels: np.ndarray
    path: Path
    label: str
    answer: str
    p: float


def answered(part: Part, shares: np.ndarray, decision: Decision) -> list[Answered]:
    """The images of a part with their answers, the surest first.

    Args:
        part: Images that were not trained on.
        shares: As `data.answers.shares_of` gives them.
        decision: The operating point.
    """
    answers = given(shares, decision)
    known = np.column_stack([shares, 1 - shares]) if shares.shape[1] == 1 else shares[:, :3]
    likely = known.max(axis=1, initial=0)
    place = {name: number for number, name in enumerate(decision.answers)}
    found = [
        Answered(
            part.pixels[i],
            part.paths[i],
            str(part.labels[i]),
            str(answers[i]),
            float(likely[i] if answers[i] == UNSURE else known[i, place[str(answers[i])]]),
        )
        for i in range(len(part.paths))
    ]
    return sorted(found, key=lambda image: -image.p)


def mistakes(images: Sequence[Answered]) -> list[Answered]:
    """Those with an answer that is wrong."""
    return [image for image in images if image.answer not in (image.label, UNSURE)]


def unsure(images: Sequence[Answered]) -> list[Answered]:
    """Those without an answer."""
    return [image for image in images if image.answer == UNSURE]


def gallery(images: Sequence[Answered]) -> str:
    """The first SHOWN of them as HTML, each with its file's name."""
    return f'<div class="faces">{"".join(map(_figure, images[:SHOWN]))}</div>'


def _figure(image: Answered) -> str:
    side = min(SIDE, max(image.pixels.shape[:2]))
    small = cv2.resize(image.pixels, (side, side), interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    data = base64.b64encode(encoded.tobytes()).decode()
    said = UNSURE if image.answer == UNSURE else f"answered {image.answer} {image.p:.2f}"
    name, path = (escape(one_line(text)) for text in (image.path.name, image.path))
    return (
        f'<figure title="{path}"><img alt="{name}" src="data:image/jpeg;base64,{data}">'
        f"<figcaption><b>is {image.label}, {said}</b>{name}</figcaption>"
        "</figure>"
    )
