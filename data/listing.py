"""The list of a run's images: which file was in which part, so that others can go on from it."""

import csv
import io
from pathlib import Path

import numpy as np

from data.dataset import Dataset, fingerprint
from data.errors import DatasetError, RunError
from data.folder import LabelledFile
from data.part import Part, gather
from data.scan import scan
from data.votes import read_votes, votes_on
from edge.images.preprocess import InputSpec
from edge.machine.output_file import write_bytes

COLUMNS = ("path", "label", "part")


def write_listing(path: Path, dataset: Dataset) -> None:
    """Writes `path,label,part` for every image of the dataset; paths are absolute.

    Raises:
        OutputError: The file cannot be written.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for part in dataset.parts:
        for image, label in zip(part.paths, part.labels, strict=True):
            rows.writerow((image.resolve(), label, part.name))
    # A file name that is no valid UTF-8 comes back as it was.
    write_bytes(path, text.getvalue().encode(errors="surrogateescape"))


def read_listing(path: Path) -> list[LabelledFile]:
    """The files of a list.

    Raises:
        RunError: There is no list, or it is not one of ours.
    """
    try:
        rows = csv.DictReader(io.StringIO(path.read_bytes().decode(errors="surrogateescape")))
        return [LabelledFile(row["path"], row["label"], row["part"]) for row in rows]
    except (OSError, KeyError) as error:
        raise RunError(f"no list of images at {path}: run 'make train' first") from error


def load_listing(
    path: Path,
    spec: InputSpec,
    trained_on: str,
    directory: Path | None = None,
) -> tuple[Part, Part, Part]:
    """Train, validation and test: the images of a list, each in the part that it had.

    Groups of look-alikes are not looked for again: every image is a group of its own.

    Args:
        path: Made by `write_listing`.
        spec: The model's input.
        trained_on: The fingerprint of the dataset that the list was made of.
        directory: Of the dataset, in which votes may lie.

    Raises:
        DatasetError: An image is gone or is not what it was, or the votes cannot be read.
    """
    scanned = scan(read_listing(path), spec)
    for file, reason in scanned.unreadable:
        raise DatasetError(
            f"{file.path}: {reason}: this run was trained with it; put it back or train anew"
        )
    parts = [image.file.part for image in scanned.images]
    paths = [image.file.path for image in scanned.images]
    known = read_votes(directory) if directory else {}
    votes = votes_on(paths, (directory or path).resolve(), known)
    if fingerprint(scanned.images, parts, votes) != trained_on:
        raise DatasetError(
            f"the images listed in {path}, or the votes on them, have changed since they were "
            "trained on: put the old ones back or train anew"
        )
    return gather(scanned, np.arange(len(parts)), parts, votes)
