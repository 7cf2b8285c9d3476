"""The folder that an import makes: whole or not there, and nothing else is ever replaced."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.errors import DatasetError
from data.folder import PARTS, LabelledFile
from data.importer.pictures import Picture
from data.votes import VOTES
from edge.errors import one_line

REPORT = "import.json"
MAX_NAME = 200  # bytes; file systems take 255


@dataclass(slots=True)
class FoundPicture:
    """A picture of a known part and expression, and what becomes of it.

    Attributes:
        source: Where it comes from.
        origin: Its place in there.
        part: "train", "validation" or "test".
        expression: Its label.
        file: Its copy in the folder.
        problem: Why it cannot be decoded; else None.
        digest: Digest of its pixels, as in `data.scan`; "" until they are decoded.
        reason: Why it is left out; else None.
        votes: float32 (10,), for each of `data.votes.COLUMNS`; None if it has none.
    """

    source: Path
    origin: str
    part: str
    expression: str
    file: LabelledFile
    problem: str | None
    digest: str = ""
    reason: str | None = None
    votes: np.ndarray | None = None


class Found:
    """The pictures found so far, written to a folder.

    Attributes:
        pictures: Those of a known part and expression.
        unplaced: Where the others are.
        moved: How many there are by the part that their folder says and the one they belong to.
    """

    def __init__(self, folder: Path) -> None:
        self.pictures: list[FoundPicture] = []
        self.unplaced: list[str] = []
        self.moved: Counter[tuple[str, str]] = Counter()
        self._folder = folder
        self._names: Counter[tuple[Path, str]] = Counter()

    def add(self, source: Path, picture: Picture, votes: np.ndarray | None = None) -> None:
        """Writes it under its own name, made unique; nothing of its own path is used."""
        if picture.part is None or picture.expression is None:
            self.unplaced.append(f"{source}: {picture.origin}")
            return
        if picture.moved_from:
            self.moved[picture.moved_from, picture.part] += 1
        folder = self._folder / picture.part / picture.expression
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self._free_name(folder, picture.name)
        if picture.problem is None:
            path.write_bytes(picture.content)
        file = LabelledFile(str(path), picture.expression, picture.part)
        self.pictures.append(
            FoundPicture(
                source=source,
                origin=picture.origin,
                part=picture.part,
                expression=picture.expression,
                file=file,
                problem=picture.problem,
                votes=votes,
            )
        )

    def remove_left_out(self) -> None:
        """Removes the pictures that have a reason, and folders that are empty then."""
        for picture in self.pictures:
            if picture.reason:
                picture.file.path.unlink(missing_ok=True)
        for folder in {picture.file.path.parent for picture in self.pictures}:
            with suppress(OSError):  # not empty
                folder.rmdir()
                folder.parent.rmdir()

    def _free_name(self, folder: Path, name: str) -> str:
        path = Path(name)
        if one_line(name) != name or len(name.encode()) > MAX_NAME:
            path = Path("image").with_suffix(path.suffix)
        name, number = path.name, 1
        # In small letters, for file systems that take a.jpg and A.jpg for one.
        while self._names[folder, name.casefold()]:
            self._names[folder, path.name.casefold()] += 1
            number = self._names[folder, path.name.casefold()]
            name = f"{path.stem}-{number}{path.suffix}"
        self._names[folder, name.casefold()] += 1
        return name


def refuse(out: Path, paths: Sequence[Path], overwrite: bool) -> None:
    """Finds out before anything is read that the folder cannot be made.

    Args:
        out: The folder to make.
        paths: What is imported.
        overwrite: Whether an earlier import there may be replaced; nothing else ever is.

    Raises:
        DatasetError: With what to do.
    """
    for path in paths:
        real = path.resolve()
        if path.is_dir() and (out.is_relative_to(real) or real.is_relative_to(out)):
            raise DatasetError(f"{path} and {out} are one in the other: choose another --out")
    nearest = next(folder for folder in (out, *out.parents) if folder.exists())
    if not nearest.is_dir():
        raise DatasetError(f"{nearest} is not a folder: choose another --out")
    if nearest != out:
        return
    held = {path.name for path in out.iterdir()}
    if held and not (REPORT in held and held <= {*PARTS, REPORT, VOTES}):
        raise DatasetError(f"{out} holds other files than an earlier import: choose another --out")
    if held and not overwrite:
        raise DatasetError(f"{out} exists: add --overwrite to replace it, or choose another --out")
