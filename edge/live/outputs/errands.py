"""Work that takes time, done one after the other on a thread of its own."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from ...errors import HappySadError, one_line

log = logging.getLogger("happysad")


class Errands:
    """Does what it is given, and says once what cannot be done.

    Attributes:
        failed: How many of what it was given could not be done.
    """

    def __init__(
        self,
        what: str,
        max_waiting: int,
        tidy: Callable[[], None],
        last_s: float = 10.0,
        tidy_every_s: float = 3600.0,
        first: Callable[[], None] = lambda: None,
    ) -> None:
        """Begins to wait for work.

        Args:
            what: What is made, for messages.
            max_waiting: How much may wait; more is left out.
            tidy: Is done at the start and from time to time; as a job of `give`.
            last_s: How long the last of it may take at the end, in seconds.
            tidy_every_s: Seconds between two times.
            first: Is done before anything else; what does not fit into the queue meanwhile is left
                out in silence.
        """
        self.failed = self._given = self._done = 0
        self._what, self._last_s = what, last_s
        self._tidy, self._tidy_every_s = tidy, tidy_every_s
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._max_waiting = max_waiting
        self._first, self._has_begun = first, False
        self._is_failing = self._is_behind = self._ends = self._is_closed = False
        self._thread = threading.Thread(target=self._work, name=what, daemon=True)
        self._thread.start()

    def give(self, job: Callable[[], None]) -> bool:
        """Takes work, unless too much waits; returns at once.

        Args:
            job: Raises a HappySadError or an OSError where it cannot be done.

        Returns:
            Whether it was taken.
        """
        if self._jobs.qsize() < self._max_waiting:
            self._given += 1
            self._jobs.put(job)
            return True
        if self._has_begun and not self._is_behind:
            self._is_behind = True
            log.warning("%s take longer than they come: some are left out", self._what)
        return False

    def finish(self) -> None:
        """Takes no more; returns at once."""
        if not self._ends:
            self._ends = True
            self._jobs.put(None)

    def close(self) -> None:
        """Waits until all is done, for as long as the last of it may take; once."""
        if self._is_closed:
            return
        self._is_closed = True
        self.finish()
        self._thread.join(self._last_s)
        if self._thread.is_alive():
            self.failed += self._given - self._done
            log.warning("%s: the last ones took too long and are missing", self._what)

    def shortfall(self) -> str:
        """What could not be done, at the end, for which it waits; empty where all was."""
        self.close()
        return f"{self._what}: {self.failed} not written" if self.failed else ""

    def _work(self) -> None:
        """Does job after job, until the queue gives None."""
        self._do(self._first)
        self._has_begun = True
        self._do(self._tidy)
        tidied_s = time.monotonic()
        while True:
            left_s = tidied_s + self._tidy_every_s - time.monotonic()
            try:
                job = self._jobs.get(timeout=max(left_s, 0.0))
            except queue.Empty:
                job = self._tidy
                tidied_s = time.monotonic()
            if job is None:
                return
            self._do(job)
            self._done += job is not self._tidy

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except (HappySadError, OSError) as error:
            self.failed += job not in (self._first, self._tidy)
            if not self._is_failing:
                log.warning("%s; the rest goes on", self._said(error))
            self._is_failing = True
        else:
            if self._is_failing and job is not self._tidy:
                log.warning("%s are written again", self._what)
            self._is_failing = self._is_failing and job is self._tidy

    def _said(self, error: Exception) -> str:
        """An error in one line, with the file that it is of."""
        if isinstance(error, OSError):
            place = f"{one_line(error.filename)}: " if error.filename else ""
            return f"{self._what}: {place}{error.strerror or error}"
        return str(error)
