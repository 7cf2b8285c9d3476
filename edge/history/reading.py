"""A history that is read: its answers, minutes and faults, between two times, of one source."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import HistoryError, one_line
from .course import MAX_BINS, MAX_MARKS, STATES, Bin, Course
from .database import open_to_read, said
from .rows import SUMS

HOUR_S, DAY_S = 3600.0, 86400.0
FIRST, LAST = 0.0, 253_000_000_000.0  # what dates are made of, in seconds since 1970: to 9987


@dataclass(frozen=True, slots=True)
class Minute:
    """The totals of one minute, of all runs that were read.

    Attributes:
        start_s: When it began, in seconds since 1970.
        held: What held for how long.
        changes: How many answers were new.
    """

    start_s: float
    held: Bin
    changes: int


class History:
    """What is read of an open history."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        since: float | None = None,
        until: float | None = None,
        source: str | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            path: For messages.
            connection: As `open_to_read` gives it.
            since: In seconds since 1970; None for its beginning.
            until: The same, of the end, which is not read.
            source: Read only what was watched under this name.
        """
        self._path, self._connection, self._source = path, connection, source
        self.since = FIRST if since is None else since
        self.until = LAST if until is None else until

    def show_all(self) -> None:
        """Reads what there is of any time."""
        self.since, self.until = FIRST, LAST

    def span(self) -> tuple[float, float] | None:
        """When the first minute began and the last one ended; None where there is none."""
        first, last = self._first("SELECT min(minute), max(minute) FROM {minutes}")
        return None if first is None else (first * 60.0, last * 60.0 + 60)

    def sources(self) -> list[str]:
        """The names of all that was watched, at any time."""
        return [name for (name,) in self._rows("SELECT DISTINCT source FROM runs ORDER BY 1")]

    def minutes(self) -> Iterator[Minute]:
        """The totals, in order; minutes without any are left out."""
        sums = ", ".join(f"sum({name})" for name in SUMS)
        for minute, p_min, p_max, *totals in self._rows(
            f"SELECT minute, min(p_min), max(p_max), {sums} FROM {{minutes}} "
            "GROUP BY minute ORDER BY minute"
        ):
            lasted_s = dict(zip(STATES, totals, strict=False))
            judged, p_happy, p_sad, p_neutral, changes = totals[len(STATES) :]
            held = Bin(lasted_s, judged, p_happy, p_min, p_max, p_sad, p_neutral)
            yield Minute(minute * 60.0, held, changes)

    def answers(self) -> Iterator[tuple[Any, ...]]:
        """Source, time, face, label, previous, p_happy, p_sad, p_neutral, faces, reason; in order.

        Times are in seconds since 1970.
        """
        return self._rows(
            "SELECT source, time, face, label, previous, p_happy, p_sad, p_neutral, faces, reason "
            "FROM {answers} JOIN runs ON runs.id = run ORDER BY time"
        )

    def faults(self) -> Iterator[tuple[str, float, str]]:
        """Source, time and text, in order."""
        return self._rows(
            "SELECT source, time, text FROM {faults} JOIN runs ON runs.id = run ORDER BY time"
        )

    def band(self) -> tuple[float, float] | None:
        """Of the last run; as of `Course`."""
        last = "SELECT band_low, band_high FROM {runs} ORDER BY id DESC LIMIT 1"
        low, high = next(self._rows(last), (None, None))
        return None if low is None else (low, high)

    def course(self) -> Course:
        """As a chart draws it; where nothing was watched there is nothing."""
        course, minutes = Course(self.band(), is_dated=True), list(self.minutes())
        if not minutes:
            return course
        course.began = _round(minutes[0].start_s, minutes[-1].start_s - minutes[0].start_s)
        course.seconds = minutes[-1].start_s + 60 - course.began
        course.bin_s = 60.0 * -(-course.seconds // (60 * MAX_BINS))
        course.bins = [Bin() for _ in range(int(-(-course.seconds // course.bin_s)))]
        for minute in minutes:
            course.bins[int((minute.start_s - course.began) // course.bin_s)].merge(minute.held)
            course.changes += minute.changes
        (course.losses,) = self._first("SELECT count(*) FROM {answers} WHERE reason = 'no_camera'")
        course.changes -= course.losses
        if course.changes + course.losses <= MAX_MARKS:
            course.marks = [(max(0.0, answer[1] - course.began), answer[9] or answer[3])
                            for answer in self.answers()]  # fmt: skip
        return course

    def _first(self, query: str) -> tuple[Any, ...]:
        return next(self._rows(query))

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, of whose tables only what is asked for is there."""
        runs = "(SELECT * FROM runs WHERE :source IS NULL OR source = :source)"
        tables = {"runs": runs}
        for name, time in (("minutes", "minute * 60"), ("answers", "time"), ("faults", "time")):
            within = f"{time} >= :since AND {time} < :until AND run IN (SELECT id FROM {runs})"
            tables[name] = f"(SELECT * FROM {name} WHERE {within})"
        asked = {"since": self.since, "until": self.until, "source": self._source}
        try:
            yield from self._connection.execute(query.format(**tables), asked)
        except sqlite3.Error as error:
            raise HistoryError(f"{one_line(self._path)} cannot be read: {said(error)}") from error


def _round(begin_s: float, seconds: float) -> float:
    """Where a chart begins: a little before the first minute, so that its times are round."""
    begin = datetime.fromtimestamp(begin_s)
    if seconds > DAY_S:
        begin = begin.replace(hour=0, minute=0)
    elif seconds > 10 * HOUR_S:
        begin = begin.replace(minute=0)
    elif seconds > 2 * HOUR_S:
        begin = begin.replace(minute=begin.minute // 10 * 10)
    return begin.timestamp()


@contextmanager
def reading(
    path: Path, since: float | None = None, until: float | None = None, source: str | None = None
) -> Iterator[History]:
    """Opens a history that is there; as of `History`.

    Raises:
        HistoryError: It cannot be read.
    """
    with closing(open_to_read(path)) as connection:
        yield History(path, connection, since, until, source)
