"""Faces to learn from, with what voters saw in them."""

from dataclasses import dataclass

import numpy as np

from data import DatasetError, Part
from edge.labels import LOGITS
from train.compact.shares import answers_of, labels_at_odds, shares_of


@dataclass(frozen=True, slots=True, eq=False)
class VotedFaces:
    """Faces with what they show; those that most voters could not tell are not among them.

    Attributes:
        pixels: uint8 (n, height, width, 1).
        shares: float32 (n, 8), as from `shares_of`.
        left_out: How many could not be told.
        doubtful: How many show something else to most voters than their folder says.
    """

    pixels: np.ndarray
    shares: np.ndarray
    left_out: int
    doubtful: int


def voted_faces(part: Part) -> VotedFaces:
    """The faces of a part with what voters saw; without votes their labels count.

    Raises:
        DatasetError: An answer has no face.
    """
    shares = shares_of(part.votes, part.labels)
    kept = shares.any(axis=1)
    missing = [
        answer
        for answer, share in zip(
            LOGITS, answers_of(shares[kept]).max(axis=0, initial=0), strict=True
        )
        if share <= 0.5
    ]
    if missing:
        raise DatasetError(
            f"no {part.name} images that are clearly {' or '.join(missing)}: the shipped model is "
            "trained on seven expressions; import them with 'python -m data import-fer2013'"
        )
    doubtful = int(labels_at_odds(shares[kept], part.labels[kept]).sum())
    return VotedFaces(part.pixels[kept], shares[kept], int((~kept).sum()), doubtful)
