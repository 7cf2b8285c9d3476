"""How far a command that goes through many images is, on one line of the terminal."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from edge.terminal.console import ERASE, REDRAW_S

ProgressBar = Callable[[int, str], AbstractContextManager[Callable[[], None]]]


@contextmanager
def progress_bar(length: int, label: str) -> Iterator[Callable[[], None]]:
    """Shows a line such as "reading  120 of 400", where stderr is a terminal; nothing stays of it.

    Args:
        length: How many steps there are.
        label: What is being done, such as "reading".

    Yields:
        What counts a step.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    done, drawn_s = 0, -REDRAW_S

    def step() -> None:
        nonlocal done, drawn_s
        done += 1
        if time.monotonic() - drawn_s >= REDRAW_S:
            print(f"{ERASE}{label}  {done} of {length}", end="", file=terminal, flush=True)
            drawn_s = time.monotonic()

    # Reading images silences file descriptor 2 for moments; the line has its own.
    with os.fdopen(os.dup(2), "w") as terminal:
        try:
            yield step
        finally:
            print(ERASE, end="", file=terminal, flush=True)


def erase_line() -> None:
    """Erases the line that an interrupted command has left on the terminal."""
    if sys.stderr.isatty():
        print(ERASE, end="", file=sys.stderr)  # noqa: T201


@contextmanager
def no_progress_bar(length: int, label: str) -> Iterator[Callable[[], None]]:
    """What `progress_bar` is where there is nothing to show."""
    yield lambda: None
