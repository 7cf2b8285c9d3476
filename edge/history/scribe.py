"""Writes a run into a history, from a thread of its own: a slow or full disk holds up nobody."""

import logging
import sqlite3
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from ..errors import HistoryError
from ..prediction import Prediction
from .database import open_to_write, said
from .entries import Entries
from .rows import Run, forget, is_there, write

COMMIT_EVERY_S = 10.0  # what a lost power supply may cost; more often would wear out cards
LAST_S = 5.0  # that the last commit may take
FORGET_EVERY_S = 3600.0

log = logging.getLogger("happysad")


class Scribe:
    """Writes answers, minutes and faults of one run; a context manager.

    What cannot be written is said once, kept in bounded memory and tried again. Where the file is
    moved away or deleted, a new one is begun.
    """

    def __init__(self, path: Path, run: Run, days: float, every_s: float = COMMIT_EVERY_S) -> None:
        """Opens nothing yet."""
        self._every_s = every_s
        self._path, self._days = path.absolute(), days
        self._lock = threading.Lock()  # for the two below
        self._runs = deque([(run, Entries())])  # the last goes on; others are yet to be written
        self._ends = False
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
        self._open(self._runs[0][0])
        self._thread.start()
        return self

    def begin(self, run: Run) -> None:
        """Begins another run, of which is what comes from now on."""
        with self._lock:
            self._runs.append((run, Entries()))

    def answer(self, time_s: float, *facts: Any) -> None:
        """Notes an answer that is new.

        Args:
            time_s: In seconds since 1970.
            facts: face, label, previous, p_happy, p_sad, p_neutral, faces, reason.
        """
        with self._lock:
            _, entries = self._runs[-1]
            entries.answers.append((time_s, *facts))
            minute = int(time_s // 60)
            entries.changes[minute] += 1
            entries.minutes[minute]  # there is one for each that has changes
            entries.trim()

    def fault(self, time_s: float, text: str) -> None:
        """Notes a line about a fault, as it may be shown."""
        with self._lock:
            self._runs[-1][1].faults.append((time_s, text))

    def hold(self, time_s: float, answer: Prediction, seconds: float) -> None:
        """Notes for how long an answer held, within a minute, from a time in seconds since 1970."""
        with self._lock:
            self._runs[-1][1].minutes[int(time_s // 60)].add(answer, seconds)

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
                ends = self._ends
            while self._write_run():
                self._number = None
        if self._connection:
            self._connection.close()
        if self._is_failing:
            with self._lock:
                missing = sum(len(left.answers) + left.lost for _, left in self._runs)
            log.warning(
                "%s could not be written until the end: the last %s missing", self._path,
                "answer is" if missing == 1 else f"{missing} answers are",
            )  # fmt: skip

    def _write_run(self) -> bool:
        """Writes what there is of the first run; whether it is complete, and another follows."""
        with self._lock:
            is_over = len(self._runs) > 1
            run, entries = self._runs[0]
            self._runs[0] = run, Entries()
        if entries:
            try:
                self._write(run, entries)
            except (OSError, sqlite3.Error, HistoryError) as error:
                self._fail(entries, said(error))
                return False
            self._recover(entries.lost)
        if is_over:
            with self._lock:
                self._runs.popleft()
        return is_over

    def _fail(self, entries: Entries, reason: str) -> None:
        """Keeps what could not be written, and says so once."""
        with self._lock:
            run, later = self._runs[0]
            entries.add(later)
            self._runs[0] = run, entries
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

    def _open(self, run: Run) -> sqlite3.Connection:
        """The open file; it is opened again where it is not what the name stands for any more."""
        if self._connection and self._file == _place(self._path):
            return self._connection
        if self._connection:
            self._connection.close()
        self._connection = open_to_write(self._path)
        self._file = _place(self._path)
        if self._number is not None and not is_there(self._connection, run, self._number):
            self._number = None
        return self._connection

    def _write(self, run: Run, entries: Entries) -> None:
        connection = self._open(run)
        if time.monotonic() - self._forgot_s >= FORGET_EVERY_S:
            forget(connection, time.time() - self._days * 86400)
            self._forgot_s = time.monotonic()
        self._number = write(connection, run, self._number, entries)


def _place(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that got its name later."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
