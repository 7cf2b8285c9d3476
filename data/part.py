"""One part of a dataset: labelled pixels in the model's form; scanned images become three."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data.folder import PARTS
from data.labels import ANSWERS, CLASSES
from data.scan import Scan
from data.votes import COLUMNS, agreed_labels


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The images of one part: happy and sad ones, then neutral, then the others; by path in each.

    Attributes:
        name: "train", "validation" or "test".
        pixels: uint8 (n, height, width, channels), 0 to 255.
        labels: str (n,): names out of `data.labels.LABELS`.
        paths: The files of the n images.
        groups: int64 (n,): images with the same number look alike.
        votes: float32 (n, 10): how many people chose each of `data.votes.COLUMNS`; zeros where
            nobody was asked.
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray
    paths: list[Path]
    groups: np.ndarray
    votes: np.ndarray

    @property
    def is_sad(self) -> np.ndarray:
        """Bool (n,): which images are labelled sad."""
        return self.labels == "sad"

    def of(self, *labels: str) -> "Part":
        """The images with one of these labels."""
        return self.where(np.isin(self.labels, labels))

    def clear(self) -> "Part":
        """The images that voters agree on, labelled by them; all, as they are, without votes."""
        if not self.votes.any():
            return self
        labels = agreed_labels(self.votes)
        return replace(self.where(labels != ""), labels=labels[labels != ""])

    def where(self, mask: np.ndarray) -> "Part":
        """The images that a mask, bool (n,), chooses; neighbours share the memory of this part."""
        chosen = np.flatnonzero(mask)
        is_run = len(chosen) > 0 and chosen[-1] - chosen[0] == len(chosen) - 1
        rows = slice(chosen[0], chosen[-1] + 1) if is_run else chosen
        return Part(
            name=self.name,
            pixels=self.pixels[rows],
            labels=self.labels[rows],
            paths=[self.paths[index] for index in chosen],
            groups=self.groups[rows],
            votes=self.votes[rows],
        )


def gather(
    scanned: Scan,
    groups: np.ndarray,
    parts: Sequence[str | None],
    votes: np.ndarray | None = None,
) -> tuple[Part, Part, Part]:
    """Train, validation and test: views of `scanned.pixels`, which is put in their order.

    A copy of the pixels would take their memory twice.

    Args:
        scanned: Images in the model's form; its pixels no longer stand in the order of its images.
        groups: int64 (n,): the group of each.
        parts: The part of each, or None.
        votes: float32 (n, 10): the votes on each; none if left out.
    """
    images = scanned.images
    if votes is None:
        votes = np.zeros((len(images), len(COLUMNS)), np.float32)

    def rank(index: int) -> int:
        label = images[index].file.label
        return 0 if label in CLASSES else 1 if label in ANSWERS else 2

    order = [sorted((i for i, p in enumerate(parts) if p == part), key=rank) for part in PARTS]
    train, validation, test = (
        Part(
            name=name,
            pixels=pixels,
            labels=np.array([images[i].file.label for i in chosen], str),
            paths=[images[i].file.path for i in chosen],
            groups=groups[chosen],
            votes=votes[chosen],
        )
        for name, pixels, chosen in zip(PARTS, _arrange(scanned.pixels, order), order, strict=True)
    )
    return train, validation, test


def _arrange(rows: np.ndarray, chosen: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Moves the chosen rows to the front, in place; one view for each sequence of indices."""
    front = [index for indices in chosen for index in indices]
    source = [*front, *sorted(set(range(len(rows))) - set(front))]
    for start in range(len(rows)):
        held, at = rows[start].copy(), start
        while source[at] != start:  # until the rows that change places come round
            rows[at] = rows[source[at]]
            source[at], at = at, source[at]
        rows[at], source[at] = held, at
    ends = np.cumsum([len(indices) for indices in chosen])
    return np.split(rows, ends)[:-1]
