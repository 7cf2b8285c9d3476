"""Ctrl-C during a training: it ends between two batches, never in the middle of TensorFlow."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_is_asked = threading.Event()


@contextmanager
def between_batches() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM wait for `check`; a second one does not wait.

    Python raises KeyboardInterrupt wherever the main thread is at that moment. In the middle of a
    call TensorFlow is not made for it: once, on a busy machine, the process ended in a
    segmentation fault after its best weights had been kept.
    """
    if threading.current_thread() is not threading.main_thread():  # it gets no signals
        yield
        return
    _is_asked.clear()
    before = {kind: signal.signal(kind, _ask) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def check() -> None:
    """Raises the KeyboardInterrupt that waits; to be called at the end of a batch."""
    if _is_asked.is_set():
        _is_asked.clear()
        raise KeyboardInterrupt


def _ask(number: int, frame: FrameType | None) -> None:
    if _is_asked.is_set():
        raise KeyboardInterrupt
    _is_asked.set()
