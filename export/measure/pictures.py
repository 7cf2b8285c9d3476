"""Which pictures are measured: those of one part that show clearly what the model can say."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from data.errors import DatasetError
from data.folder import PARTS, LabelledFile, list_files
from data.labels import CLASSES
from data.progress import progress_bar
from data.scan import ScannedImage, scan
from data.votes import FOLDERS, agreed_labels, read_votes, votes_on
from edge.errors import one_line


def clear_files(files: Sequence[LabelledFile], directory: Path) -> list[LabelledFile]:
    """The pictures that voters agree on, labelled by them; all as they are, without votes.

    Args:
        files: Of one dataset.
        directory: The dataset's folder, in which its votes lie.

    Raises:
        DatasetError: The votes cannot be read.
    """
    votes = votes_on([file.path for file in files], directory, read_votes(directory))
    if not votes.any():
        return list(files)
    labels = agreed_labels(votes).tolist()
    return [replace(file, label=label) for file, label in zip(files, labels, strict=True) if label]


def clear_of_run(listed: Sequence[LabelledFile], part: str) -> list[LabelledFile]:
    """The same of one part of a run's own list; none where the part has none.

    Raises:
        DatasetError: The votes cannot be read.
    """
    files = [file for file in listed if file.part == part]
    return clear_files(files, dataset_of(files[0])) if files else []


def dataset_of(file: LabelledFile) -> Path:
    """The folder that holds the parts, in which the folders of the labels are."""
    parents = file.path.parents
    return parents[min(2, len(parents) - 1)]


def chosen(
    directory: Path, part: str, limit: int | None, seed: int, answers: Sequence[str]
) -> list[ScannedImage]:
    """The readable pictures of a part that show one of the answers.

    Args:
        directory: As `data.folder.list_folder` takes it.
        part: One of PARTS; a folder without parts is taken whole.
        limit: At most so many of each answer, drawn by content; None for all.
        seed: Another one draws others.
        answers: What the model can say.

    Raises:
        DatasetError: There are no happy or no sad ones.
    """
    files = list_files(directory, FOLDERS)
    parts = {file.part for file in files}
    if parts == {None}:
        _say(
            f"note: {one_line(directory)} is not divided into {', '.join(PARTS)}: all of it is "
            "measured, which says little if the model was trained on some of it"
        )
    else:
        files = [file for file in files if file.part == part]
    files = [file for file in clear_files(files, directory) if file.label in answers]
    with progress_bar(len(files), "reading") as step:
        scanned = scan(files, progress=step)
    for file, reason in scanned.unreadable:
        _say(f"skipped: {one_line(file.path)}: {one_line(reason)}")
    ranked = sorted(scanned.images, key=lambda image: _draw(image, seed))
    taken = []
    for label in answers:
        of_label = [image for image in ranked if image.file.label == label][:limit]
        if not of_label and label in CLASSES:
            where = directory if parts == {None} else directory / part
            there = ", ".join(sorted(name for name in parts if name))
            hint = f"choose another --part ({there})" if there else "add some"
            raise DatasetError(f"no readable images of {label} faces in {where}: {hint}")
        taken += of_label
    return taken


def _draw(image: ScannedImage, seed: int) -> str:
    """What an image is ranked by: chance, but the same for the same pixels and seed."""
    return hashlib.sha256(f"{seed} {image.digest}".encode()).hexdigest()


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201
