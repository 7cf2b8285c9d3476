"""FER+ (Barsoum et al. 2016): the votes of ten people for each picture of FER2013."""

import csv
import io
from pathlib import Path

import numpy as np

from data.errors import DatasetError
from data.importer.csv_rows import USAGES
from data.importer.pictures import Picture
from data.importer.source import readable
from data.votes import COLUMNS, REFUSALS


class Ferplus:
    """Votes by the rows of fer2013.csv, as fer2013new.csv has them, or by the names of images.

    Attributes:
        path: The file.
        matched: How many pictures it had votes for.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file.

        Raises:
            DatasetError: It is missing, or a row is not as it should be.
        """
        self.path = path
        self.matched = 0
        with readable(path):
            text = path.read_bytes().decode("utf-8-sig", errors="replace")
        rows = csv.DictReader(io.StringIO(text))
        fields = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = fields
        self._by_row = "Usage" in fields
        missing = {*COLUMNS, "Usage" if self._by_row else "file"} - {*fields}
        if missing:
            raise DatasetError(
                f"{path}: line 1 does not name the columns {', '.join(sorted(missing))}: expected "
                "FER+'s fer2013new.csv, or votes by file"
            )
        self._votes: dict[str | int, np.ndarray] = {}
        self._parts: list[str | None] = []
        self._used = 0
        for number, row in enumerate(rows):
            key = number if self._by_row else row["file"]
            try:
                self._votes[key] = np.array([int(row[name]) for name in COLUMNS], np.float32)
            except (TypeError, ValueError):
                raise DatasetError(
                    f"{path}, line {rows.line_num}: expected whole numbers of votes: get it anew"
                ) from None
            self._parts.append(USAGES.get(row.get("Usage") or ""))

    def of(self, source: Path, picture: Picture) -> np.ndarray | None:
        """The votes for a picture: float32 (10,), for each of COLUMNS; None where it has no row.

        Raises:
            DatasetError: The rows are not those of the picture's file.
        """
        if not self._by_row:
            key: str | int = f"{picture.part}/{picture.expression}/{picture.name}"
        elif picture.row is None:
            raise DatasetError(
                f"{self.path} has the votes by the rows of fer2013.csv, and {source} has no such "
                "rows: import fer2013.csv"
            )
        else:
            key = picture.row
            if key != self._used:
                raise DatasetError(
                    f"{self.path} has the votes by the rows of one fer2013.csv: import it alone"
                )
            self._used += 1
            place = f"row {key + 1}"
            if key >= len(self._parts):
                raise DatasetError(
                    f"{self.path} ends before {place} of {source}: get the one that belongs to it"
                )
            if self._parts[key] != picture.part:
                raise DatasetError(
                    f"{self.path}, {place}: Usage differs from that in {source}, which is in "
                    f"{picture.part}: get the one that belongs to it"
                )
        votes = self._votes.get(key)
        self.matched += votes is not None
        return votes if votes is not None and votes.any() else None

    def check_end(self) -> None:
        """Refuses a file with more rows than there were pictures.

        Raises:
            DatasetError: There are more.
        """
        if self._by_row and self._used < len(self._parts):
            raise DatasetError(
                f"{self.path} has {len(self._parts)} rows and the pictures end with row "
                f"{self._used}: get the one that belongs to them"
            )


def is_no_face(votes: np.ndarray) -> bool:
    """Whether most voters saw no face, or could not say what it shows."""
    return bool(2 * votes[-len(REFUSALS) :].sum() > votes.sum())
