"""A progress bar on stderr for the commands that go through many images."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import typer

ProgressBar = Callable[[int, str], AbstractContextManager[Callable[[], None]]]


@contextmanager
def progress_bar(length: int, label: str) -> Iterator[Callable[[], None]]:
    """Shows a bar where stderr is a terminal, and nothing where not.

    Args:
        length: How many steps there are.
        label: What is being done, such as "reading".

    Yields:
        What moves the bar on by a step.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    # Reading images silences file descriptor 2 for moments; the bar has its own.
    with (
        os.fdopen(os.dup(2), "w") as terminal,
        typer.progressbar(length=length, label=label, file=terminal) as bar,
    ):
        yield lambda: bar.update(1)


@contextmanager
def no_progress_bar(length: int, label: str) -> Iterator[Callable[[], None]]:
    """What `progress_bar` is where there is nothing to show."""
    yield lambda: None
