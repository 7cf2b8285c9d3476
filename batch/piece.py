"""A piece of work, and where the rows of a shard's pieces come together."""

from dataclasses import dataclass, field
from typing import Any

from batch.entry import Entry
from batch.rows import parquet
from batch.worker import Answers


@dataclass(frozen=True, slots=True)
class Piece:
    """A shard, or a part of one that was halved.

    Attributes:
        shard: Its number.
        begin: Which picture of the shard is the first.
        entries: The pictures.
        attempt: To reach the source, or with one picture to survive it; from 1.
    """

    shard: int
    begin: int
    entries: list[Entry] = field(repr=False)
    attempt: int = 1

    def halves(self) -> list["Piece"]:
        """Two pieces with the same pictures."""
        middle = len(self.entries) // 2
        return [
            Piece(self.shard, self.begin, self.entries[:middle]),
            Piece(self.shard, self.begin + middle, self.entries[middle:]),
        ]


class Gathered:
    """The answers for the pieces of one shard."""

    def __init__(self, pictures: int) -> None:
        """Has none.

        Args:
            pictures: How many the shard has.
        """
        self._left = pictures
        self._parts: dict[int, Answers] = {}

    def add(self, piece: Piece, answers: Answers) -> bool:
        """Keeps the answers for a piece; returned is whether the shard is whole."""
        self._parts[piece.begin] = answers
        self._left -= len(piece.entries)
        return not self._left

    def file(self, details: dict[str, Any]) -> bytes:
        """The shard's file: see `rows.parquet`; how long its parts took is among the details."""
        ordered = [self._parts[begin] for begin in sorted(self._parts)]
        seconds = {
            name: round(sum(getattr(part, name) for part in ordered), 3)
            for name in ("decoding_s", "answering_s", "all_s")
        }
        return parquet([part.table for part in ordered], details | seconds)
