"""A dataset: labelled pixels in the model's form, in three parts, with what was left out."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import DatasetError
from data.folder import AUXILIARY, CLASSES, LABELS, PARTS, list_files
from data.lookalikes import group_lookalikes
from data.scan import Scan, ScannedImage, scan
from data.split import Counts, split
from edge.preprocess import InputSpec


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The images of one part, sorted by path.

    Attributes:
        name: "train", "validation" or "test".
        pixels: uint8 (n, height, width, channels), 0 to 255: happy and sad images.
        is_sad: bool (n,): the true labels.
        paths: Of the n images.
        groups: int64 (n,): images with the same number look alike.
        neutral: uint8 (m, height, width, channels): neutral images, which have no target.
        neutral_paths: Of the m images.
        auxiliary: uint8 (k, height, width, channels): images of other expressions, if asked for.
        auxiliary_labels: Of the k images.
        auxiliary_paths: Of the k images.
    """

    name: str
    pixels: np.ndarray
    is_sad: np.ndarray
    paths: list[Path]
    groups: np.ndarray
    neutral: np.ndarray
    neutral_paths: list[Path]
    auxiliary: np.ndarray
    auxiliary_labels: list[str]
    auxiliary_paths: list[Path]


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
        fingerprint: SHA-256 of every image's digest, label and part, hexadecimal.
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
    seed: int = 0,
    progress: Callable[[], None] | None = None,
    labels: Sequence[str] = LABELS,
    *,
    fill_parts: bool = True,
) -> Dataset:
    """Reads and splits a folder of images. Files that cannot be read are named, and left out.

    Args:
        directory: As for `data.folder.list_folder`.
        spec: The model's input.
        seed: Another one gives another split.
        progress: Called after each file that `list_files` lists.
        labels: The folders that are read, happy and sad among them.
        fill_parts: As for `data.split.split`.

    Raises:
        DatasetError: The folder is not as expected, or nothing is left to train on in a class.
    """
    scanned = scan(list_files(directory, labels), spec, progress)
    groups = group_lookalikes(scanned.images)
    division = split(scanned.images, groups, seed, fill_parts=fill_parts)
    for label in CLASSES:
        if division.images["train"][label] == 0:
            raise DatasetError(_nothing_left(directory, label, scanned))
    train, validation, test = (
        gather(scanned.images, groups, division.parts, part, spec) for part in PARTS
    )
    return Dataset(
        train=train,
        validation=validation,
        test=test,
        images=division.images,
        groups=division.groups,
        unreadable=[(file.path, reason) for file, reason in scanned.unreadable],
        left_out=division.left_out,
        notes=division.notes,
        fingerprint=fingerprint(scanned.images, division.parts),
    )


def gather(
    images: Sequence[ScannedImage],
    groups: np.ndarray,
    parts: Sequence[str | None],
    name: str,
    spec: InputSpec,
) -> Part:
    """The images of one part, in one array.

    Args:
        images: Scanned with this spec.
        groups: int64 (n,): the group of each.
        parts: The part of each, or None.
        name: The part to gather.
        spec: The model's input.
    """
    mine = [i for i, part in enumerate(parts) if part == name]
    labelled = [i for i in mine if images[i].file.label in CLASSES]
    neutral = [i for i in mine if images[i].file.label == "neutral"]
    auxiliary = [i for i in mine if images[i].file.label in AUXILIARY]

    def stack(indices: list[int]) -> np.ndarray:
        shape = (len(indices), spec.height, spec.width, spec.channels)
        return np.array([images[i].pixels for i in indices], np.uint8).reshape(shape)

    return Part(
        name=name,
        pixels=stack(labelled),
        is_sad=np.array([images[i].file.label == "sad" for i in labelled], bool),
        paths=[images[i].file.path for i in labelled],
        groups=groups[labelled],
        neutral=stack(neutral),
        neutral_paths=[images[i].file.path for i in neutral],
        auxiliary=stack(auxiliary),
        auxiliary_labels=[images[i].file.label for i in auxiliary],
        auxiliary_paths=[images[i].file.path for i in auxiliary],
    )


def fingerprint(images: Sequence[ScannedImage], parts: Sequence[str | None]) -> str:
    """SHA-256 of the digest, label and part of every image that has a part, hexadecimal."""
    lines = sorted(
        f"{image.digest} {image.file.label} {part}\n"
        for image, part in zip(images, parts, strict=True)
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
