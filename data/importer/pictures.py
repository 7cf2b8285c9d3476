"""The pictures of FER2013 (Goodfellow et al. 2013) in the forms in which it circulates.

One CSV, or images in folders such as train/happy or Training/angry; either as it is or in an
archive.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from data.errors import DatasetError
from data.folder import PART_NAMES
from data.importer.csv_rows import COLUMNS, CSV_EXPRESSIONS, USAGES, read_columns, read_rows
from data.importer.source import FORMS, Source, SourceFile
from edge.images.image_file import is_image_name
from edge.machine.opencv import cv2

# How many images the whole set has in each part.
PART_SIZES = {"train": 28709, "validation": 3589, "test": 3589}
MAX_IMAGE_MB = 10  # a face of 48x48 pixels is 2 kB

_EXPRESSIONS = {name: name for name in CSV_EXPRESSIONS} | {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}
_USAGES = {usage.lower(): part for usage, part in USAGES.items()}
_PARTS = PART_NAMES | _USAGES
_USAGE_IN_NAME = re.compile(rf"({'|'.join(_USAGES)})_", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture of a source.

    Attributes:
        origin: Where it is in the source: "train/happy/1.jpg", "line 7", "fer2013.csv, line 7".
        part: "train", "validation" or "test"; None if neither folders nor its name say it.
        expression: One of CSV_EXPRESSIONS; None if no folder says it.
        name: A file name that fits it.
        content: An image file, not decoded yet; empty if there is a problem.
        problem: Why it cannot be used; None if nothing is known against it.
        moved_from: The part that the folders say, where the name says another; else None.
    """

    origin: str
    part: str | None
    expression: str | None
    name: str
    content: bytes
    problem: str | None = None
    moved_from: str | None = None


def read_pictures(source: Source) -> Iterator[Picture]:
    """Every picture of a source, in its order: rows of CSV files as PNG, image files as they are.

    Raises:
        DatasetError: The source is of no known form, holds the set twice, or a row of a CSV is
            not as it should be.
    """
    is_lone = source.form == "file"
    if is_lone and source.path.suffix.lower() != ".csv":
        raise DatasetError(f"{source.path} is none of what can be imported: {FORMS}")
    found: str | None = None
    for file in source.files():
        path = PurePosixPath(file.name.replace("\\", "/"))  # as some archives from Windows have it
        if is_lone or (path.suffix.lower() == ".csv" and not _is_hidden(path)):
            columns = read_columns(file.stream) if file.stream else None
            if file.stream is None or columns is None:
                if is_lone:
                    wanted = ", ".join(COLUMNS)
                    raise DatasetError(f"{source.path}: line 1 does not name the columns {wanted}")
                continue  # another table beside, as in the archive of the competition
            pictures, form = _rows(source, file.name, file.stream, columns), file.name
        elif is_image_name(Path(path)) and not _is_hidden(path):
            pictures, form = iter([_image(source, file, path)]), "image files"
        else:
            continue
        if found not in (None, form):
            twice = f"holds the set twice, as {found} and {form}"
            raise DatasetError(f"{source.path} {twice}: name one of them alone")
        found = form
        yield from pictures


def _rows(source: Source, name: str, stream: BinaryIO, columns: list[str]) -> Iterator[Picture]:
    for row in read_rows(stream, columns, f"{source.path}: {name}" if name else str(source.path)):
        yield Picture(
            origin=f"{name}, line {row.line}" if name else f"line {row.line}",
            part=row.part,
            expression=row.expression,
            name=f"line-{row.line:05d}.png",
            content=cv2.imencode(".png", row.pixels)[1].tobytes(),
        )


def _image(source: Source, file: SourceFile, path: PurePosixPath) -> Picture:
    content, problem = b"", None
    if file.stream is None:
        problem = "a link or no regular file"
    elif file.size > MAX_IMAGE_MB * 1_000_000:
        problem = f"{file.size / 1e6:.1f} MB, more than the cap of {MAX_IMAGE_MB} MB"
    else:
        content = file.stream.read(MAX_IMAGE_MB * 1_000_000)
    folders = [folder.lower() for folder in path.parts[:-1]]
    if source.form == "folder":
        folders.insert(0, source.path.resolve().name.lower())
    part = moved_from = next((_PARTS[f] for f in reversed(folders) if f in _PARTS), None)
    # A copy that is often met has the images PublicTest_... and PrivateTest_... all in "test".
    if usage := _USAGE_IN_NAME.match(path.name):
        part = _USAGES[usage[1].lower()]
    return Picture(
        origin=file.name,
        part=part,
        expression=next((_EXPRESSIONS[f] for f in reversed(folders) if f in _EXPRESSIONS), None),
        name=path.name,
        content=content,
        problem=problem,
        moved_from=None if moved_from == part else moved_from,
    )


def _is_hidden(path: PurePosixPath) -> bool:
    """Such as macOS's ._1.jpg and __MACOSX."""
    return any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in path.parts)
