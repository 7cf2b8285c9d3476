"""Silence for C and C++ libraries that print to stderr by themselves."""

import os
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

MOST_KEPT = 100_000  # bytes of words that nobody has asked for


class _QuietStderr:
    """While a thread is inside, what the process writes to file descriptor 2 is kept from it.

    libpng, libjpeg and the TFLite runtimes print there past sys.stderr and any log level, and of
    good files too ("libpng warning: iCCP: known incorrect sRGB profile"). The descriptor belongs
    to the whole process, so threads are counted: the first in redirects, the last out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_empty = threading.Condition(self._lock)
        self._inside = 0
        self._entered = 0  # how often anybody has
        self._stderr: int | None = None  # a duplicate of the real one; None when it is closed
        self._kept = _scratch()

    def __enter__(self) -> None:
        with self._lock:
            self._enter()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._leave()

    def listen(
        self, function: Callable[[], T], is_telling: Callable[[str], bool]
    ) -> tuple[T, bool]:
        """Calls the function, and returns its result and whether what was written is telling.

        Others may write then too: if any was inside, the function is called again with none of
        them, so that it is known whose words they are.
        """
        with self:
            before, entered, is_alone = self._size(), self._entered, self._inside == 1
            result = function()
            if not is_telling(self._since(before)):
                return result, False
            if is_alone and self._entered == entered:
                return result, True
        with self._is_empty:
            self._is_empty.wait_for(lambda: self._inside == 0)
            before = self._size()
            self._enter()
            try:
                result = function()
                return result, is_telling(self._since(before))
            finally:
                self._leave()

    def _size(self) -> int:
        return os.fstat(self._kept).st_size

    def _since(self, at: int) -> str:
        length = self._size() - at
        return os.pread(self._kept, length, at).decode(errors="replace") if length > 0 else ""

    def _enter(self) -> None:
        self._inside += 1
        self._entered += 1
        if self._inside > 1:
            return
        try:
            self._stderr = os.dup(2)
        except OSError:  # closed, as a daemon may run: nobody reads it
            self._stderr = None
        os.dup2(self._kept, 2)

    def _leave(self) -> None:
        self._inside -= 1
        if self._inside:
            return
        if self._stderr is None:
            os.close(2)
        else:
            os.dup2(self._stderr, 2)
            os.close(self._stderr)
        if self._size() > MOST_KEPT:
            os.ftruncate(self._kept, 0)
            os.lseek(self._kept, 0, os.SEEK_SET)
        self._is_empty.notify_all()


def _scratch() -> int:
    """A file in memory, or on disk where the system has none such."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("stderr")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


quiet_stderr = _QuietStderr()


def claim_stderr() -> None:
    """From now on only Python writes to stderr: what C libraries print is dropped for good.

    libjpeg says "Corrupt JPEG data" of every damaged frame of a camera, in the middle of a log that
    programs read. `sys.stderr` goes on to where it went.
    """
    try:
        own = os.dup(2)
    except OSError:  # closed, as a daemon may run
        return
    sys.stderr = os.fdopen(own, "w", buffering=1, errors="backslashreplace")
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    os.close(devnull)
