"""The user's own commands, run when an answer changes: --on-happy and the like."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from queue import SimpleQueue

from ...machine.opencv import children_environment
from ..moment import Change, Moment
from .output import Output

LAST_S = 0.5  # that a command still gets when the runner ends
# Between SIGTERM and SIGKILL; the second when the runner ends, which has to take below 0.8 s.
GRACE_S, LAST_GRACE_S = 1.0, 0.15
FOREVER = float("inf")

log = logging.getLogger("happysad")


@dataclass(frozen=True, slots=True)
class _Job:
    """One run of a command: which, and what it is told."""

    event: str
    change: Change
    time_s: float

    def variables(self) -> dict[str, str]:
        """The environment variables that describe the change."""
        answer = self.change.answer
        return {
            "HAPPYSAD_LABEL": answer.label,
            "HAPPYSAD_PREVIOUS": self.change.previous or "",
            **{
                f"HAPPYSAD_{name.upper()}": "" if p is None else f"{p:.4f}"
                for name, p in answer.probabilities.items()
            },
            "HAPPYSAD_TRACK_ID": "" if answer.track_id is None else str(answer.track_id),
            "HAPPYSAD_FACES": str(self.change.faces),
            "HAPPYSAD_TIME_S": f"{self.time_s:.3f}",
            "HAPPYSAD_REASON": answer.reason or "",
        }


class Hooks(Output):
    """Runs commands one after another, and never holds up the frames.

    While a command runs, only the commands of the newest change wait. A thread of its own starts
    and watches them, because the loop may be busy or wait for a slow camera for longer than a
    command is allowed, and because starting a process takes milliseconds on a small Pi.

    Each command leads a session and process group of its own: Ctrl-C at the terminal does not
    reach it, and it is ended together with what it has started. Its stdout goes to our stderr.

    Attributes:
        skipped: Number of commands that were dropped for those of a newer change.
    """

    def __init__(self, commands: Mapping[str, list[str]], timeout_s: float = 10.0) -> None:
        """Starts nothing yet.

        Args:
            commands: Program and arguments for "happy", "sad", "neutral" and "change"; each may
                be missing.
            timeout_s: How long a command may run, in seconds.
        """
        self.skipped = 0
        self._commands = dict(commands)
        self._timeout_s = timeout_s
        self._environment = children_environment()
        self._failed: set[str] = set()  # the events whose command was reported to fail
        self._lock = threading.Lock()  # for the two below
        self._busy = False
        self._waiting: deque[_Job] = deque()
        self._inbox: SimpleQueue[_Job | None] = SimpleQueue()
        self._close_by = FOREVER  # on the clock of time.monotonic
        self._thread = threading.Thread(target=self._work, name="hooks", daemon=True)
        self._output = subprocess.DEVNULL

    def __enter__(self) -> "Hooks":
        """Begins to wait for changes."""
        # A copy: machine.quiet sends descriptor 2 itself to /dev/null, for moments or for good.
        with contextlib.suppress(OSError):  # closed, as a daemon may run
            self._output = os.dup(sys.stderr.fileno())
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Drops what waits, and ends what runs: within 0.5 s by itself, else by signals."""
        self.finish()
        try:
            left_s = self._close_by - time.monotonic()
            self._thread.join(max(0.0, left_s + LAST_GRACE_S + 0.1))
        finally:
            if self._output >= 0:
                os.close(self._output)

    def finish(self) -> None:
        """Drops what waits, and lets what runs come to its end; returns at once."""
        with self._lock:
            if self._close_by != FOREVER:
                return
            self._waiting.clear()
            self._close_by = time.monotonic() + LAST_S
        self._inbox.put(None)

    def take(self, moment: Moment) -> None:
        """Runs the commands for the changes of a moment, or lets them wait; returns at once."""
        for change in moment.changes:
            jobs = deque(
                _Job(event, change, moment.time_s)
                for event in ("change", change.answer.label)
                if event in self._commands
            )
            if jobs:
                self._add(jobs)

    def _add(self, jobs: deque[_Job]) -> None:
        """Hands over the first job if nothing runs; the others take the place of what waits."""
        with self._lock:
            dropped = len(self._waiting)
            if not self._busy:
                self._busy = True
                self._inbox.put(jobs.popleft())
            self._waiting = jobs
            self.skipped += dropped
        if dropped and self.skipped == dropped:
            log.warning(
                "changes come faster than the commands for them end: only the newest counts"
            )

    def _work(self) -> None:
        """Runs job after job, until the inbox gives None."""
        while job := self._inbox.get():
            following: _Job | None = job
            while following:
                self._run(following)
                with self._lock:
                    following = self._waiting.popleft() if self._waiting else None
                    self._busy = following is not None

    def _run(self, job: _Job) -> None:
        """Runs one command to its end, and says what went wrong."""
        command, name = self._commands[job.event], f"the command for {job.event}"
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                env=self._environment | job.variables(),
                start_new_session=True,
            )
        except OSError as error:  # gone since it was checked, no memory, a script without "#!"
            self._log_once(job.event, f"{name} does not start ({error.strerror})")
            return
        if not self._ends(process, self._timeout_s, 0):
            late = f"longer than {self._timeout_s:g} s"
            ran = late if self._close_by == FOREVER else "until the runner's own end"
            log.warning("%s ran %s and was stopped", name, ran)
            self._end(process)
        elif process.returncode:
            code = process.returncode
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._log_once(job.event, f"{name} failed with {how}; this is said once")

    def _log_once(self, event: str, text: str) -> None:
        if event not in self._failed:
            self._failed.add(event)
            log.warning(text)

    def _ends(self, process: subprocess.Popen[bytes], seconds: float, last_s: float) -> bool:
        """Waits for the end, at most so long, and at most until `last_s` past our own end."""
        until = time.monotonic() + seconds
        while (left := min(until, self._close_by + last_s) - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(min(left, 0.1))  # in slices, because `_close_by` may come nearer
                return True
        return process.poll() is not None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a process and all that it has started."""
        # Another user's process (sudo) may not be signalled; it is waited for.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
            self._ends(process, GRACE_S, LAST_GRACE_S)
            os.killpg(process.pid, signal.SIGKILL)
        self._ends(process, FOREVER, LAST_GRACE_S + 0.1)
