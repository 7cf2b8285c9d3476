"""Silence for C and C++ libraries that print to stderr by themselves."""

import os
import sys
import threading


class _QuietStderr:
    """While a thread is inside, what the process writes to file descriptor 2 is dropped.

    libpng, libjpeg and the TFLite runtimes print there past sys.stderr and any log level, and of
    good files too ("libpng warning: iCCP: known incorrect sRGB profile"). The descriptor belongs
    to the whole process, so threads are counted: the first in redirects, the last out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._stderr: int | None = None  # a duplicate of the real one; None when it is closed
        self._devnull = os.open(os.devnull, os.O_WRONLY)

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            try:
                self._stderr = os.dup(2)
            except OSError:  # closed, as a daemon may run: nobody reads it
                return
            os.dup2(self._devnull, 2)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._stderr is not None:
                os.dup2(self._stderr, 2)
                os.close(self._stderr)
                self._stderr = None


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
