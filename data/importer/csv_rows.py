"""The rows of fer2013.csv, also known as icml_face_data.csv, checked one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from data.errors import DatasetError

COLUMNS = ("emotion", "pixels", "Usage")
# The numbers of the column "emotion", 0 to 6 (Goodfellow et al. 2013).
CSV_EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
SIDE_PX = 48
MAX_LINE = 1 << 16  # bytes; 2,304 numbers of three digits, with what is between, are 9,216

_LEVELS = {str(level).encode(): level for level in range(256)}
_EMOTIONS = {str(number).encode(): name for number, name in enumerate(CSV_EXPRESSIONS)}
_USAGES = {usage.lower().encode(): part for usage, part in USAGES.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One image of the file.

    Attributes:
        line: Its line in the file; the names of the columns are in line 1.
        part: "train", "validation" or "test".
        expression: One of CSV_EXPRESSIONS.
        pixels: uint8 (48, 48), gray.
    """

    line: int
    part: str
    expression: str
    pixels: np.ndarray


def read_columns(stream: BinaryIO) -> list[str] | None:
    """Reads the first line: the names of the columns, in small letters, or None if one is missing.

    Some copies have them in another order and with a space before the names.
    """
    line = stream.readline(MAX_LINE).removeprefix(b"\xef\xbb\xbf")  # as Windows programs begin
    names = [field.decode(errors="replace").lower() for field in _fields(line)]
    return names if {column.lower() for column in COLUMNS} <= set(names) else None


def read_rows(stream: BinaryIO, columns: list[str], name: str) -> Iterator[Row]:
    """The rows after the first line, one in memory at a time.

    Args:
        stream: After `read_columns`.
        columns: What `read_columns` returned.
        name: What errors call the file.

    Raises:
        DatasetError: A row is not as it should be, with its line.
    """
    emotion, pixels, usage = (columns.index(column.lower()) for column in COLUMNS)
    number = 1
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"more than {MAX_LINE} bytes")
            fields = _fields(line)
            if len(fields) != len(columns):
                raise ValueError(f"{len(fields)} columns, expected {len(columns)}")
            expression = _EMOTIONS.get(fields[emotion])
            if expression is None:
                raise ValueError(f"emotion {_quote(fields[emotion])}, expected 0 to 6")
            levels = _levels(fields[pixels])
            part = _USAGES.get(fields[usage].lower())
            if part is None:
                raise ValueError(f"Usage {_quote(fields[usage])}, expected {', '.join(USAGES)}")
        except ValueError as error:
            is_cut = not line.endswith(b"\n") and len(line) <= MAX_LINE
            advice = "the file is cut short, get it anew" if is_cut else "get the file anew"
            raise DatasetError(f"{name}, line {number}: {error}: {advice}") from None
        yield Row(number, part, expression, levels.reshape(SIDE_PX, SIDE_PX))


def _fields(line: bytes) -> list[bytes]:
    return [field.strip().strip(b'"').strip() for field in line.split(b",")]


def _levels(text: bytes) -> np.ndarray:
    try:
        levels = bytes(map(_LEVELS.__getitem__, text.split()))
    except KeyError as error:
        value = _quote(error.args[0])
        raise ValueError(f"pixel {value}, expected whole numbers from 0 to 255") from None
    if len(levels) != SIDE_PX * SIDE_PX:
        raise ValueError(f"{len(levels)} pixels, expected {SIDE_PX * SIDE_PX}")
    return np.frombuffer(levels, np.uint8)


def _quote(field: bytes) -> str:
    return repr(field[:20].decode(errors="replace"))
