"""A dataset: labelled pixels in the model's form, in three parts, with what was left out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import DatasetError
from data.folder import PARTS, list_files
from data.labels import ANSWERS, CLASSES
from data.progress import ProgressBar, no_progress_bar
from data.scan import Scan, ScannedImage
from data.split import Counts
from data.survey import survey
from data.votes import COLUMNS, agreed_labels, read_votes, votes_on
from edge.images.preprocess import InputSpec


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


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """What `load_dataset` gives.

    Attributes:
        train: To fit the weights on.
        validation: To choose by; empty if too few images differ from each other.
        test: To score by; empty in the same case.
        images: How many by part and label, neutral ones included.
        groups: How many groups of look-alikes by part and label.
        unreadable: Files that could not be decoded, each with the reason.
        left_out: How many readable images are in no part, by reason.
        notes: What somebody who reads the score should know, a sentence each.
        fingerprint: SHA-256 of every image's digest, label, part and votes, hexadecimal.
    """

    train: Part
    validation: Part
    test: Part
    images: Counts
    groups: Counts
    unreadable: list[tuple[Path, str]]
    left_out: dict[str, int]
    notes: list[str]
    fingerprint: str

    @property
    def parts(self) -> tuple[Part, Part, Part]:
        """Train, validation and test."""
        return self.train, self.validation, self.test

    def summary(self) -> dict[str, Any]:
        """What metrics.json says of the data, as JSON types."""
        return {
            "images": self.images,
            "groups": self.groups,
            "unreadable": len(self.unreadable),
            "left_out": self.left_out,
            "notes": self.notes,
        }


def load_dataset(
    directory: Path,
    spec: InputSpec,
    progress_bar: ProgressBar = no_progress_bar,
    labels: Sequence[str] = ANSWERS,
    *,
    fill_parts: bool = True,
) -> Dataset:
    """Reads and splits a folder of images. Files that cannot be read are named, and left out.

    Args:
        directory: As for `data.folder.list_folder`.
        spec: The model's input.
        progress_bar: `data.progress.progress_bar`, to show how far it is.
        labels: The folders that are read, happy and sad among them.
        fill_parts: As for `data.split.split`.

    Raises:
        DatasetError: The folder or its votes are not as expected, or nothing is left to train on
            in a class.
        OutputError: There is no room for temporary files.
    """
    found = survey(
        list_files(directory, labels),
        spec,
        fill_parts=fill_parts,
        progress_bar=progress_bar,
    )
    for label in CLASSES:
        if found.split.images["train"][label] == 0:
            raise DatasetError(_nothing_left(directory, label, found.scan))
    paths = [image.file.path for image in found.scan.images]
    votes = votes_on(paths, directory, read_votes(directory))
    train, validation, test = gather(found.scan, found.groups, found.split.parts, votes)
    return Dataset(
        train=train,
        validation=validation,
        test=test,
        images=found.split.images,
        groups=found.split.groups,
        unreadable=[(file.path, reason) for file, reason in found.scan.unreadable],
        left_out=found.split.left_out,
        notes=found.split.notes,
        fingerprint=fingerprint(found.scan.images, found.split.parts, votes),
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


def fingerprint(
    images: Sequence[ScannedImage], parts: Sequence[str | None], votes: np.ndarray
) -> str:
    """SHA-256 of the digest, label, part and votes of every image with a part, hexadecimal.

    Args:
        images: From `data.scan.scan`.
        parts: The part of each, or None.
        votes: float32 (n, 10): the votes on each; zeros, where nobody was asked, leave no trace.
    """
    lines = sorted(
        " ".join((image.digest, image.file.label, part, *(f"{n:g}" for n in seen if seen.any())))
        + "\n"
        for image, part, seen in zip(images, parts, votes, strict=True)
        if part
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _nothing_left(directory: Path, label: str, scanned: Scan) -> str:
    unreadable = sum(file.label == label for file, _ in scanned.unreadable)
    left_out = sum(image.file.label == label for image in scanned.images)
    return (
        f"no {label} image to train on in {directory}: {unreadable} cannot be read, {left_out} "
        f"left out: run 'python -m data check {directory}'"
    )
