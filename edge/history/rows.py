"""Rows of a history: what is written in one transaction, and what is forgotten."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from .course import STATES, Bin
from .entries import Entries

CHUNK = 10_000  # answers that one transaction forgets
ANSWER, FAULT = f"({', '.join('?' * 10)})", "(?, ?, ?)"
SUMS = (*STATES, "judged", "p_happy", "p_sad", "p_neutral", "changes")
MINUTE = (
    f"INSERT INTO minutes (minute, run, {', '.join(SUMS)}, p_min, p_max) "
    f"VALUES ({', '.join('?' * (len(SUMS) + 4))}) ON CONFLICT (minute, run) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)
    + ", p_min = min(p_min, excluded.p_min), p_max = max(p_max, excluded.p_max)"
)


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run from its start.

    Attributes:
        began: In seconds since 1970.
        source: What is watched, as it may be shown.
        model: Its name.
        band: As of `Course`.
    """

    began: float
    source: str
    model: str
    band: tuple[float, float] | None


def is_there(connection: sqlite3.Connection, run: Run, number: int) -> bool:
    """Whether a run is in a file under this number.

    Raises:
        sqlite3.Error: Nobody knows.
    """
    query = "SELECT 1 FROM runs WHERE (id, began, source) = (?, ?, ?)"
    return bool(connection.execute(query, (number, run.began, run.source)).fetchall())


def write(
    connection: sqlite3.Connection, run: Run, number: int | None, entries: Entries
) -> int | None:
    """Writes entries of a run, and first the run if it has no number yet; all or none.

    Returns:
        The number of the run.

    Raises:
        sqlite3.Error: Nothing was written.
    """
    connection.execute("BEGIN IMMEDIATE")
    if number is None:
        number = connection.execute(
            "INSERT INTO runs (began, source, model, band_low, band_high) VALUES (?,?,?,?,?)",
            (run.began, run.source, run.model, *(run.band or (None, None))),
        ).lastrowid
    answers = ((row[0], number, *row[1:]) for row in entries.answers)
    connection.executemany(f"INSERT INTO answers VALUES {ANSWER}", answers)
    faults = ((at, number, text) for at, text in entries.faults)
    connection.executemany(f"INSERT INTO faults VALUES {FAULT}", faults)
    minutes = (
        _minute(minute, number, held, entries.changes[minute])
        for minute, held in entries.minutes.items()
    )
    connection.executemany(MINUTE, minutes)
    connection.execute("COMMIT")
    return number


def forget(connection: sqlite3.Connection, before: float) -> None:
    """Deletes what is older (in seconds since 1970), and runs of which nothing is left.

    Raises:
        sqlite3.Error: Not all was deleted.
    """
    for table in ("answers", "faults"):
        too_old = f"SELECT rowid FROM {table} WHERE time < ? LIMIT {CHUNK}"
        delete = f"DELETE FROM {table} WHERE rowid IN ({too_old})"
        while connection.execute(delete, (before,)).rowcount:
            pass
    connection.execute("DELETE FROM minutes WHERE minute < ?", (before // 60,))
    connection.execute(
        "DELETE FROM runs WHERE began < ? AND id NOT IN (SELECT run FROM minutes) "
        "AND id NOT IN (SELECT run FROM answers) AND id NOT IN (SELECT run FROM faults)", (before,)
    )  # fmt: skip


def _minute(minute: int, run: int | None, held: Bin, changes: int) -> tuple[Any, ...]:
    lasted = (held.lasted_s[state] for state in STATES)
    sums = (held.p_s, held.p_sum, held.sad_sum, held.neutral_sum, changes)
    return minute, run, *lasted, *sums, held.p_min, held.p_max
