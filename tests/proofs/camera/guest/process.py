"""A program that runs while things happen to its camera, and all that it says."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO, Any

PATIENCE_S = 120.0  # ten times what the longest wait takes on two idle cores
LOOK_S = 0.1
_slowness = 10.0  # until it is known


def be_patient(slowness: float) -> None:
    """Waits longer from now on.

    Args:
        slowness: How many times longer than two idle cores this machine takes.
    """
    global _slowness
    _slowness = max(1.0, slowness)


def patience_s() -> float:
    """How long to wait for something before it counts as never happening, in seconds."""
    return PATIENCE_S * _slowness


class Process:
    """A running program; a context manager that ends it.

    Attributes:
        out: The lines of its standard output so far.
        err: Those of its standard error.
        pid: Its number.
    """

    def __init__(self, *command: object) -> None:
        """Starts it.

        Args:
            command: The program and its arguments.
        """
        self._popen = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip
        self.out: list[str] = []
        self.err: list[str] = []
        self.pid = self._popen.pid
        self._readers = [
            threading.Thread(target=_read, args=(stream, lines), daemon=True)
            for stream, lines in ((self._popen.stdout, self.out), (self._popen.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> "Process":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Sends a signal."""
        os.kill(self.pid, number)

    def end(self) -> int:
        """Asks it to end, and returns its exit code; negative for a signal."""
        if self.is_running:
            self._popen.terminate()
        return self.wait()

    def wait(self) -> int:
        """Its exit code; one that does not end is killed."""
        try:
            self._popen.wait(patience_s())
        except subprocess.TimeoutExpired:
            self._popen.kill()
        code = self._popen.wait()
        for reader in self._readers:
            reader.join()
        return code

    def answers(self, label: str, since: int = 0) -> list[dict[str, Any]]:
        """Its JSON answers with a label.

        Args:
            label: Such as "happy", or "no_camera" for the answers with that reason.
            since: How many lines of its output not to look at.
        """
        answers = [json.loads(line) for line in self.out[since:]]
        return [answer for answer in answers if (answer["reason"] or answer["label"]) == label]

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Waits until something is so or the program has ended; whether it is so."""
        return until(lambda: condition() or not self.is_running) and condition()

    def wait_for_answer(self, label: str, since: int = 0) -> bool:
        """Waits for such an answer; whether it came."""
        return self.wait_for(lambda: bool(self.answers(label, since)))

    def wait_for_news(self, text: str, since: int = 0) -> bool:
        """Waits for a line with this text on standard error; whether it came."""
        return self.wait_for(lambda: any(text in line for line in self.err[since:]))

    def facts(self) -> dict[str, Any]:
        """What it said, and how it ended, for the record."""
        return {"out": self.out, "err": self.err, "code": self._popen.poll()}


def until(condition: Callable[[], bool], least_s: float = 0.0) -> bool:
    """Waits until something is so.

    Args:
        condition: Looked at ten times a second; less often if a look takes long, because there is
            other work to do.
        least_s: How long it takes at least, on any machine.

    Returns:
        Whether it became so.
    """
    end_s = time.monotonic() + least_s + patience_s()
    while time.monotonic() < end_s:
        look_s = time.monotonic()
        if condition():
            return True
        time.sleep(max(LOOK_S, 3 * (time.monotonic() - look_s)))
    return condition()


def run(*command: object) -> dict[str, Any]:
    """Runs a program to its end: `out`, `err` (lines) and `code`."""
    with Process(*command) as process:
        process.wait()
        return process.facts()


def run_at_once(commands: Mapping[str, Sequence[object]]) -> dict[str, dict[str, Any]]:
    """Runs commands at the same time, and returns what each is as by `run`."""
    processes = {name: Process(*command) for name, command in commands.items()}
    for process in processes.values():
        process.wait()
    return {name: process.facts() for name, process in processes.items()}


def _read(stream: IO[str] | None, lines: list[str]) -> None:
    assert stream
    lines.extend(line.rstrip("\n") for line in iter(stream.readline, ""))
