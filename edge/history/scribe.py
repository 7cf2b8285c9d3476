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
        """Opens nothing yet.

        Args:
            path: The history.
            run: What is known of the run.
            days: What is older is forgotten.
            every_s: Seconds between two commits.
        """
        self._every_s = every_s
        self._path, self._run, self._days = path.absolute(), run, days
        self._lock = threading.Lock()  # for the three below
        self._entries, self._ends = Entries(), False
        self._over: deque[tuple[Entries, Run]] = deque()  # what was before, and the run that began
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

    def begin(self, run: Run) -> None:
        """Begins another run, of which is what comes from now on."""
        with self._lock:
            self._over.append((self._entries, run))
            self._entries = Entries()

    def answer(self, time_s: float, *facts: Any) -> None:
        """Notes an answer that is new.

        Args:
            time_s: In seconds since 1970.
            facts: face, label, previous, p_happy, p_sad, p_neutral, faces, reason.
        """
        with self._lock:
            self._entries.answers.append((time_s, *facts))
            minute = int(time_s // 60)
            self._entries.changes[minute] += 1
            self._entries.minutes[minute]  # there is one for each that has changes
            self._entries.trim()

    def fault(self, time_s: float, text: str) -> None:
        """Notes a line about a fault, as it may be shown."""
        with self._lock:
            self._entries.faults.append((time_s, text))

    def hold(self, time_s: float, state: str, seconds: float, answer: Prediction) -> None:
        """Notes for how long an answer held, within a minute.

        Args:
            time_s: When that began, in seconds since 1970.
            state: One of STATES.
            seconds: How long.
            answer: With its probabilities.
        """
        with self._lock:
            self._entries.minutes[int(time_s // 60)].add(state, seconds, answer)

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
            is_over = True
            while is_over:
                with self._lock:
                    is_over = bool(self._over)
                if not self._write_run():
                    break
                if is_over:
                    with self._lock:
                        _, self._run = self._over.popleft()
                    self._number = None
        if self._connection:
            self._connection.close()
        if self._is_failing:
            with self._lock:
                left = [self._entries, *(entries for entries, _ in self._over)]
            missing = sum(len(entries.answers) + entries.lost for entries in left)
            log.warning(
                "%s could not be written until the end: the last %s missing", self._path,
                "answer is" if missing == 1 else f"{missing} answers are",
            )  # fmt: skip

    def _write_run(self) -> bool:
        """Writes what there is of the first run that is not complete; whether that went well."""
        with self._lock:
            if self._over:
                entries = self._over[0][0]
                self._over[0] = Entries(), self._over[0][1]
            else:
                entries, self._entries = self._entries, Entries()
        if not entries:
            return True
        try:
            self._write(entries)
        except (OSError, sqlite3.Error, HistoryError) as error:
            self._fail(entries, said(error))
            return False
        self._recover(entries.lost)
        return True

    def _fail(self, entries: Entries, reason: str) -> None:
        """Keeps what could not be written, and says so once."""
        with self._lock:
            if self._over:
                later, run = self._over[0]
                entries.add(later)
                self._over[0] = entries, run
            else:
                entries.add(self._entries)
                self._entries = entries
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
        self._file = _place(self._path)
        if self._number is not None and not is_there(self._connection, self._run, self._number):
            self._number = None
        return self._connection

    def _write(self, entries: Entries) -> None:
        connection = self._open()
        if time.monotonic() - self._forgot_s >= FORGET_EVERY_S:
            forget(connection, time.time() - self._days * 86400)
            self._forgot_s = time.monotonic()
        self._number = write(connection, self._run, self._number, entries)


def _place(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that got its name later."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
