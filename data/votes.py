"""What several people saw in each face: a votes.csv beside the folders of a dataset."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from data.errors import DatasetError
from edge.machine.output_file import write_bytes

VOTES = "votes.csv"
# The columns of FER+ (Barsoum et al. 2016), in our order: what is answered comes first.
EXPRESSIONS = (
    "happiness", "sadness", "neutral", "anger", "surprise", "disgust", "fear", "contempt",
)  # fmt: skip
REFUSALS = ("unknown", "NF")  # NF: not a face
COLUMNS = (*EXPRESSIONS, *REFUSALS)
# The labels of folders, in the order of EXPRESSIONS; contempt has none.
FOLDERS = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")
AGREED = 0.6  # of the voters: they see the same in a clear face


def read_votes(directory: Path) -> dict[str, np.ndarray]:
    """The votes of a dataset, by the name of the file: "train/happy/1.png"; {} without the table.

    Returns:
        Of each file float32 (10,): how many people chose each of COLUMNS, one of them at least.

    Raises:
        DatasetError: The table is not as it should be, with its line.
    """
    path = directory / VOTES
    if not path.is_file():
        return {}
    votes = {}
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
        rows = csv.DictReader(stream)
        names = rows.fieldnames or ()
        if missing := [name for name in ("file", *COLUMNS) if name not in names]:
            raise DatasetError(f"{path}, line 1: no column {missing[0]}: get the table anew")
        for row in rows:
            try:
                counts = np.array([int(row[name] or "") for name in COLUMNS], np.float32)
            except ValueError:
                where = f"{path}, line {rows.line_num}"
                raise DatasetError(f"{where}: votes are whole numbers: get it anew") from None
            if counts.min() < 0 or not counts.any():
                raise DatasetError(f"{path}, line {rows.line_num}: no votes, or fewer than none")
            votes[row["file"]] = counts
    return votes


def write_votes(directory: Path, votes: Mapping[Path, np.ndarray]) -> None:
    """Writes the votes of a dataset.

    Args:
        directory: The folder of the dataset.
        votes: How many people chose each of COLUMNS, by the path of the file.

    Raises:
        OutputError: The table cannot be written.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("file", *COLUMNS))
    for path, counts in sorted(votes.items(), key=lambda item: item[0]):
        rows.writerow((path.relative_to(directory).as_posix(), *(f"{count:g}" for count in counts)))
    write_bytes(directory / VOTES, text.getvalue().encode(errors="surrogateescape"))


def votes_on(paths: Sequence[Path], directory: Path, votes: dict[str, np.ndarray]) -> np.ndarray:
    """The votes on some files of a dataset: float32 (n, 10); zeros where nobody was asked.

    That is so of files outside the dataset's folder, too, to which a link in it may lead.
    """
    nobody = np.zeros(len(COLUMNS), np.float32)
    names = [
        path.relative_to(directory).as_posix() if path.is_relative_to(directory) else ""
        for path in paths
    ]
    return np.array([votes.get(name, nobody) for name in names], np.float32).reshape(-1, 10)


def is_judged(votes: np.ndarray) -> np.ndarray:
    """Which faces show an expression to the voters: bool (n,).

    Not those that more of them, or as many, could not tell or took for no face than chose any
    one expression; nor those on which nobody voted.
    """
    named, refused = votes[:, : len(EXPRESSIONS)], votes[:, len(EXPRESSIONS) :]
    return named.max(axis=1) > refused.max(axis=1)


def agreed_labels(votes: np.ndarray) -> np.ndarray:
    """What voters agree on: str (n,), one of FOLDERS; "" where they do not, or saw contempt."""
    highest = votes.argmax(axis=1)
    agreed = votes.any(axis=1) & (votes.max(axis=1) >= AGREED * votes.sum(axis=1))
    names = np.array([*FOLDERS, *[""] * (len(COLUMNS) - len(FOLDERS))])
    return np.where(agreed, names[highest], "")
