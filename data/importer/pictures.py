"""The pictures of FER2013 (Goodfellow et al. 2013) in the forms in which it circulates.

One CSV, or images in folders such as train/happy or Training/angry; either as it is or in an
archive.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.errors import DatasetError
from data.folder import PART_NAMES
from data.importer.csv_rows import COLUMNS, CSV_EXPRESSIONS, USAGES, read_columns, read_rows
from data.importer.source import FORMS, files_in, readable
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
        row: Its row in a CSV, from 0; else None.
    """

    origin: str
    part: str | None
    expression: str | None
    name: str
    content: bytes
    problem: str | None = None
    moved_from: str | None = None
    row: int | None = None


def read_pictures(source: Path, unpacked: Path) -> Iterator[tuple[Picture, float]]:
    """Every picture of a source, with the share of the source that has been read by then.

    Rows of CSV files become PNGs, image files stay as they are.

    Args:
        source: What the user named: a CSV, a folder or an archive.
        unpacked: What an archive was unpacked to; else the source.

    Raises:
        DatasetError: The source is of no known form, holds the set twice, or a row of a CSV is
            not as it should be.
    """
    if not unpacked.is_dir():
        if source.suffix.lower() != ".csv":
            raise DatasetError(f"{source} is none of what can be imported: {FORMS}")
        if not (columns := _columns(source)):
            wanted = ", ".join(COLUMNS)
            raise DatasetError(f"{source}: line 1 does not name the columns {wanted}")
        yield from _rows(source, "", source, columns)
        return
    outer = source.resolve().name if unpacked == source else ""
    files = [(name, path) for name, path in files_in(unpacked) if not _is_hidden(name)]
    found: str | None = None
    for number, (name, path) in enumerate(files):
        if path.suffix.lower() == ".csv":
            columns = _columns(path)
            if not columns:
                continue  # another table beside, as in the archive of the competition
            pictures, form = _rows(source, name, path, columns), name
        else:
            pictures, form = iter([(_image(outer, name, path), 1.0)]), "image files"
        if found not in (None, form):
            twice = f"holds the set twice, as {found} and {form}"
            raise DatasetError(f"{source} {twice}: name one of them alone")
        found = form
        for picture, share in pictures:
            yield picture, (number + share) / len(files)


def _columns(path: Path) -> list[str] | None:
    with readable(path), path.open("rb") as stream:
        return read_columns(stream)


def _rows(
    source: Path, name: str, path: Path, columns: list[str]
) -> Iterator[tuple[Picture, float]]:
    with readable(path), path.open("rb") as stream:
        read_columns(stream)
        size = max(1, os.fstat(stream.fileno()).st_size)
        rows = read_rows(stream, columns, f"{source}: {name}" if name else str(source))
        for number, row in enumerate(rows):
            picture = Picture(
                origin=f"{name}, line {row.line}" if name else f"line {row.line}",
                part=row.part,
                expression=row.expression,
                name=f"line-{row.line:05d}.png",
                content=cv2.imencode(".png", row.pixels)[1].tobytes(),
                row=number,
            )
            yield picture, stream.tell() / size


def _image(outer: str, name: str, path: Path) -> Picture:
    content, problem = b"", None
    if not path.is_file():
        problem = "a link or no regular file"
    elif (size := path.stat().st_size) > MAX_IMAGE_MB * 1_000_000:
        problem = f"{size / 1e6:.1f} MB, more than the cap of {MAX_IMAGE_MB} MB"
    else:
        with readable(path):
            content = path.read_bytes()
    parts = PurePosixPath(name.replace("\\", "/")).parts  # as some archives from Windows have it
    folders = [folder.lower() for folder in (outer, *parts[:-1])]
    part = moved_from = next((_PARTS[f] for f in reversed(folders) if f in _PARTS), None)
    # A copy that is often met has the images PublicTest_... and PrivateTest_... all in "test".
    if usage := _USAGE_IN_NAME.match(parts[-1]):
        part = _USAGES[usage[1].lower()]
    return Picture(
        origin=name,
        part=part,
        expression=next((_EXPRESSIONS[f] for f in reversed(folders) if f in _EXPRESSIONS), None),
        name=parts[-1],
        content=content,
        problem=problem,
        moved_from=None if moved_from == part else moved_from,
    )


def _is_hidden(name: str) -> bool:
    """Such as macOS's ._1.jpg and __MACOSX."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in parts)
