"""A folder of labelled images: which files it holds, with which label, in which part."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from data.drawing import DRAWN_PER_CLASS, draw_set
from data.errors import DatasetError
from data.labels import ANSWERS, CLASSES
from data.misnamed import found_instead, no_images
from edge.images.image_file import is_image_name

PartName = Literal["train", "validation", "test"]
PARTS: tuple[str, ...] = get_args(PartName)
PART_NAMES = {part: part for part in PARTS} | {"val": "validation", "valid": "validation"}


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A file that is an image by its name; it may still turn out to be unreadable.

    Attributes:
        name: Its path as text, which takes a third of the memory of a Path.
        label: One of `data.labels.LABELS`.
        part: "train", "validation" or "test" where the folders say so; else None.
    """

    name: str
    label: str
    part: str | None

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.name)


@dataclass(frozen=True, slots=True)
class FolderContents:
    """What a folder holds.

    Attributes:
        files: The images, sorted by path.
        ignored: Files among them that are no images by their name, or hidden; sorted.
        unused_folders: Folders beside the classes that hold images of other labels; sorted.
    """

    files: list[LabelledFile]
    ignored: list[Path]
    unused_folders: list[Path]


def list_files(directory: Path, labels: Sequence[str] = ANSWERS) -> list[LabelledFile]:
    """The images of a folder, sorted by path; as `list_folder`, without the rest."""
    return list_folder(directory, labels).files


def list_folder(directory: Path, labels: Sequence[str] = ANSWERS) -> FolderContents:
    """Lists the images in one of two layouts, whose class folders are read recursively.

    Either `happy`, `sad` and, if wanted, `neutral`; or those inside `train` and, if wanted,
    `validation` (also `val` or `valid`) and `test`. Capitals do not matter. A folder, or a broken
    link, with an image's name is listed, so that reading it can say what is wrong with it.

    Args:
        directory: Where the class or part folders are.
        labels: The folders that are read; happy and sad must be among them.

    Raises:
        DatasetError: No such folder, both layouts at once, or no images in a class.
    """
    if not directory.is_dir():
        problem = "is not a folder" if directory.exists() else "does not exist"
        raise DatasetError(f"{directory} {problem}: expected {_both(directory)}")
    files: list[LabelledFile] = []
    ignored: list[Path] = []
    unused: list[Path] = []
    parts = {f: PART_NAMES[f.name.lower()] for f in _folders(directory) if _is_part(f)}
    for root, part in [(directory, None), *parts.items()]:
        for folder in _folders(root):
            label = folder.name.lower()
            if label in labels:
                for path in walk(folder):
                    if path.name.startswith(".") or not is_image_name(path):
                        ignored.append(path)
                    else:
                        files.append(LabelledFile(str(path), label, part))
            elif not _is_part(folder) and any(map(is_image_name, folder.iterdir())):
                unused.append(folder)
    _require_both_classes(directory, list(parts), files)
    files.sort(key=lambda file: file.path)
    return FolderContents(files, sorted(ignored), sorted(unused))


def default_directory() -> Path:
    """The images to train on if none are named: the user's own, else the project's drawn faces.

    The user's are `happy` and `sad` beside this module. The drawn ones go to `drawn` there, and
    are drawn now if they are not complete yet.

    Raises:
        DatasetError: One of the user's two folders holds images and the other does not.
        OutputError: The drawn faces cannot be written.
    """
    here = Path(__file__).resolve().parent
    held = [label for label in CLASSES if _images_in(here / label)]
    if len(held) == 1:
        full, empty = held[0], CLASSES[1 - CLASSES.index(held[0])]
        raise DatasetError(
            f"{here / full} holds images and {here / empty} none: add some there, "
            f"or empty {full} to use drawn faces"
        )
    if held:
        return here
    drawn = here / "drawn"
    if any(_images_in(drawn / label) < DRAWN_PER_CLASS for label in CLASSES):
        draw_set(drawn, per_class=DRAWN_PER_CLASS)
    return drawn


def _both(root: Path) -> str:
    return " and ".join(str(root / label) for label in CLASSES)


def _is_part(folder: Path) -> bool:
    return folder.name.lower() in PART_NAMES


def _folders(directory: Path) -> list[Path]:
    return sorted(path for path in directory.iterdir() if path.is_dir() and path.name[0] != ".")


def _images_in(folder: Path) -> int:
    return sum(is_image_name(path) and path.name[0] != "." for path in walk(folder))


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder, and folders with an image's name; links are followed once."""
    seen: set[str] = set()
    for root, names, files in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(root)) in seen:
            names.clear()
            continue
        seen.add(real)
        posing = [name for name in names if is_image_name(Path(name))]
        names[:] = [name for name in names if name not in posing and name[0] != "."]
        yield from (Path(root, name) for name in (*files, *posing))


def _require_both_classes(directory: Path, parts: list[Path], files: list[LabelledFile]) -> None:
    if parts and any(file.part is None for file in files):
        raise DatasetError(
            f"{directory} holds images both in class folders and in {parts[0].name}: keep one of "
            "the layouts"
        )
    train = next((folder for folder in parts if folder.name.lower() == "train"), None)
    if parts and train is None:
        names = " and ".join(folder.name for folder in parts)
        raise DatasetError(
            f"{directory} has {names} but no train folder: expected {_both(directory / 'train')}"
        )
    for root in parts or [directory]:
        present = [f.name.lower() for f in _folders(root)]
        if not set(ANSWERS) & set(present) and (root in (train, directory) or _holds_images(root)):
            raise DatasetError(f"no happy or sad folder in {root}: {found_instead(root)}")
    root, part = (train, "train") if train else (directory, None)
    present = [f.name.lower() for f in _folders(root)]
    for label in CLASSES:
        if label not in present:
            raise DatasetError(f"no folder at {root / label}: {found_instead(root)}")
        if not any((file.label, file.part) == (label, part) for file in files):
            raise DatasetError(f"no images in {root / label}: {no_images(root / label)}")


def _holds_images(root: Path) -> bool:
    return any(map(is_image_name, walk(root)))
