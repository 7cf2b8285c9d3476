"""A dataset: its three parts, with what was left out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import DatasetError
from data.folder import list_files
from data.labels import ANSWERS, CLASSES
from data.part import Part, gather
from data.progress import ProgressBar, no_progress_bar
from data.scan import Scan, ScannedImage
from data.split import Counts
from data.survey import survey
from data.votes import read_votes, votes_on
from edge.images.preprocess import InputSpec


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
