"""The end of a run: Ctrl-C, a signal, a key, the end of the video."""

import os
import signal
import sys
import threading
from types import FrameType


class Stop:
    """Asks for the end when a signal comes; a second one ends the process at once.

    A context manager: the handlers before it are back after it. A signal that was ignored at the
    start, as under nohup, stays ignored.

    Attributes:
        event: Set when the run is to end.
        signal: The signal that asked for it; None where none did.
    """

    def __init__(self) -> None:
        """Nothing is caught before the `with` block."""
        self.event = threading.Event()
        self.signal: int | None = None
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Stop":
        """Catches SIGINT, SIGTERM and SIGHUP."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if sys.platform != "win32":
            numbers.append(signal.SIGHUP)  # the terminal was closed
        for number in numbers:
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *error: object) -> None:
        """Catches them no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.event.is_set():
            os._exit(128 + number)
        self.signal = number
        self.event.set()

    @property
    def exit_code(self) -> int:
        """130 after Ctrl-C, as everywhere; 0 after SIGTERM, which is how a service is ended."""
        return 130 if self.signal == signal.SIGINT else 0
