"""Writes a run into a history, from a thread of its own: a slow or full disk holds up nobody."""

import logging
import sqlite3
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import HistoryError
from .course import STATES, Bin
from .database import open_to_write, said

COMMIT_EVERY_S = 10.0  # what a lost power supply may cost; more often would wear out cards
LAST_S = 5.0  # that the last commit may take
FORGET_EVERY_S = 3600.0
CHUNK = 10_000  # answers that one transaction forgets
# Of what waits while the disk is full; about 3 MB. The oldest are given up.
MAX_ANSWERS, MAX_FAULTS, MAX_MINUTES = 10_000, 100, 1440
ANSWER, FAULT = f"({', '.join('?' * 10)})", "(?, ?, ?)"
SUMS = (*STATES, "judged", "p_happy", "p_sad", "p_neutral", "changes")
MINUTE = (
    f"INSERT INTO minutes (minute, run, {', '.join(SUMS)}, p_min, p_max) "
    f"VALUES ({', '.join('?' * (len(SUMS) + 4))}) ON CONFLICT (minute, run) DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)
    + ", p_min = min(p_min, excluded.p_min), p_max = max(p_max, excluded.p_max)"
)

log = logging.getLogger("happysad")


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


@dataclass(slots=True)
class _Page:
    """What waits to be written.

    Attributes:
        answers: Rows of the table, without the run.
        faults: Time and text.
        minutes: Totals to add to those of a minute since 1970.
        changes: The same of the number of changes.
        lost: How many answers were given up.
    """

    answers: deque[tuple[Any, ...]] = field(default_factory=deque)
    faults: deque[tuple[float, str]] = field(default_factory=deque)
    minutes: defaultdict[int, Bin] = field(default_factory=lambda: defaultdict(Bin))
    changes: Counter[int] = field(default_factory=Counter)
    lost: int = 0

    def add(self, later: "_Page") -> None:
        """Takes in what came after, within its limits."""
        self.answers += later.answers
        self.faults += later.faults
        for minute, held in later.minutes.items():
            self.minutes[minute].merge(held)
        self.changes += later.changes
        self.lost += later.lost
        self.trim()

    def trim(self) -> None:
        """Gives up the oldest of what is too much to keep."""
        while len(self.answers) > MAX_ANSWERS:
            self.answers.popleft()
            self.lost += 1
        while len(self.faults) > MAX_FAULTS:
            self.faults.popleft()
        while len(self.minutes) > MAX_MINUTES:
            oldest = min(self.minutes)
            del self.minutes[oldest], self.changes[oldest]

    def __bool__(self) -> bool:
        return bool(self.answers or self.faults or self.minutes)


class Scribe:
    """Writes answers, minutes and faults of one run; a context manager.

    What cannot be written is said once, kept in bounded memory and tried again. Where the file is
    moved away or deleted, a new one is begun.
    """

    def __init__(self, path: Path, run: Run, days: float, every_s: float = COMMIT_EVERY_S) -> None:
        """Opens nothing yet.

        Args:
            path: The history.
            run: What is known of the run.
            days: What is older is forgotten.
            every_s: Seconds between two commits.
        """
        self._every_s = every_s
        self._path, self._run, self._days = path.absolute(), run, days
        self._lock = threading.Lock()  # for the two below
        self._page, self._ends = _Page(), False
        self._wake = threading.Event()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._number: int | None = None  # of the run in the file
        self._forgot_s = float("-inf")
        self._is_failing = False
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)

    def __enter__(self) -> "Scribe":
        """Opens the history.

        Raises:
            HistoryError: It cannot be used.
        """
        self._open()
        self._thread.start()
        return self

    def answer(self, time_s: float, *facts: Any) -> None:
        """Notes an answer that is new.

        Args:
            time_s: In seconds since 1970.
            facts: face, label, previous, p_happy, p_sad, p_neutral, faces, reason.
        """
        with self._lock:
            self._page.answers.append((time_s, *facts))
            minute = int(time_s // 60)
            self._page.changes[minute] += 1
            self._page.minutes[minute]  # there is one for each that has changes
            self._page.trim()

    def fault(self, time_s: float, text: str) -> None:
        """Notes a line about a fault, as it may be shown."""
        with self._lock:
            self._page.faults.append((time_s, text))

    def hold(self, time_s: float, state: str, seconds: float, *p: float | None) -> None:
        """Notes for how long an answer held, within a minute.

        Args:
            time_s: When that began, in seconds since 1970.
            state: One of STATES.
            seconds: How long.
            p: p_happy, p_sad and p_neutral.
        """
        with self._lock:
            self._page.minutes[int(time_s // 60)].add(state, p[0], seconds, *p[1:])

    def finish(self) -> None:
        """Begins to write the last of it; returns at once."""
        with self._lock:
            self._ends = True
        self._wake.set()

    def __exit__(self, *error: object) -> None:
        """Waits until all is written, for LAST_S at most."""
        self.finish()
        self._thread.join(LAST_S)
        if self._thread.is_alive():
            log.warning("%s: the disk takes too long: the last seconds are missing", self._path)

    def _work(self) -> None:
        """Writes what there is, every few seconds and at the end."""
        ends = False
        while not ends:
            self._wake.wait(self._every_s)
            with self._lock:
                page, self._page = self._page, _Page()
                ends = self._ends
            if not page:
                continue
            try:
                self._write(page)
            except (OSError, sqlite3.Error, HistoryError) as error:
                self._fail(page, said(error))
            else:
                self._recover(page.lost)
        if self._connection:
            self._connection.close()

    def _fail(self, page: _Page, reason: str) -> None:
        """Keeps a page that could not be written, and says so once."""
        with self._lock:
            page.add(self._page)
            self._page = page
        if self._connection:  # of an error within, nobody knows what is open still
            self._connection.close()
            self._connection = None
        if not self._is_failing:
            log.warning(
                "cannot write %s (%s): it is tried again, and the rest goes on", self._path, reason
            )
        self._is_failing = True

    def _recover(self, lost: int) -> None:
        if self._is_failing:
            missing = f"{lost} answers are missing" if lost else "nothing is missing"
            log.warning("%s is written again: %s", self._path, missing)
        self._is_failing = False

    def _open(self) -> sqlite3.Connection:
        """The open file; it is opened again where it is not what the name stands for any more."""
        if self._connection and self._file == _place(self._path):
            return self._connection
        if self._connection:
            self._connection.close()
        self._connection = open_to_write(self._path)
        self._file, self._number = _place(self._path), None
        return self._connection

    def _write(self, page: _Page) -> None:
        connection = self._open()
        self._forget(connection)
        connection.execute("BEGIN IMMEDIATE")
        number = self._number
        if number is None:
            run = self._run
            number = connection.execute(
                "INSERT INTO runs (began, source, model, band_low, band_high) VALUES (?,?,?,?,?)",
                (run.began, run.source, run.model, *(run.band or (None, None))),
            ).lastrowid
        rows = ((row[0], number, *row[1:]) for row in page.answers)
        connection.executemany(f"INSERT INTO answers VALUES {ANSWER}", rows)
        connection.executemany(
            f"INSERT INTO faults VALUES {FAULT}", ((at, number, text) for at, text in page.faults)
        )
        minutes = page.minutes.items()
        connection.executemany(
            MINUTE, (_row(minute, number, held, page.changes[minute]) for minute, held in minutes)
        )
        connection.execute("COMMIT")
        self._number = number

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Deletes what is too old, now and then."""
        if time.monotonic() - self._forgot_s < FORGET_EVERY_S:
            return
        before = time.time() - self._days * 86400
        for table in ("answers", "faults"):
            too_old = f"SELECT rowid FROM {table} WHERE time < ? LIMIT {CHUNK}"
            delete = f"DELETE FROM {table} WHERE rowid IN ({too_old})"
            while connection.execute(delete, (before,)).rowcount:
                pass
        connection.execute("DELETE FROM minutes WHERE minute < ?", (before // 60,))
        if self._number is None:  # the runs that are going on have answers
            connection.execute(
                "DELETE FROM runs WHERE began < ? AND id NOT IN (SELECT run FROM minutes) "
                "AND id NOT IN (SELECT run FROM faults)", (before,)
            )  # fmt: skip
        self._forgot_s = time.monotonic()


def _row(minute: int, run: int | None, held: Bin, changes: int) -> tuple[Any, ...]:
    lasted = (held.lasted_s[state] for state in STATES)
    sums = (held.p_s, held.p_sum, held.sad_sum, held.neutral_sum, changes)
    return minute, run, *lasted, *sums, held.p_min, held.p_max


def _place(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that got its name later."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
