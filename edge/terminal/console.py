"""The terminal: results on stdout, news on stderr, and one live line below them."""

import contextlib
import json
import logging
import os
import select
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime

from ..errors import OutputError, one_line
from ..masking import masked_text
from ..prediction import SCHEMA_VERSION

ERASE = "\r\x1b[K"  # to the line's start, and clear to its end (ECMA-48, EL)
REDRAW_S = 0.25
WIDTH = 80  # of a terminal that does not say
LOG = logging.getLogger("happysad")


class Console(logging.Handler):
    """Keeps lines and the live line from running into each other.

    A context manager; within it what is logged is news, printed to stderr as by `tell`.
    """

    def __init__(self, live: bool, json_news: bool = False) -> None:
        """Begins with an empty line.

        Args:
            live: Whether a live line is wanted; there is none where stderr is no terminal.
            json_news: Whether news are JSON objects, for logs that programs read.
        """
        super().__init__()
        self._live = live and sys.stderr.isatty() and not json_news
        self._json_news = json_news
        self._shown = False
        self._printing = threading.Lock()  # commands are reported from a thread of their own
        self._drawn_s = -REDRAW_S
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll:
            try:
                self._poll.register(sys.stdout.fileno(), 0)  # errors alone
            except (OSError, ValueError):  # closed, as a daemon may run
                self._poll = None

    def __enter__(self) -> "Console":
        """Takes the place of whatever else prints what is logged."""
        self._others, LOG.handlers = LOG.handlers, [self]
        return self

    def __exit__(self, *error: object) -> None:
        """Erases the live line."""
        LOG.handlers = self._others
        self.clear()

    def emit(self, record: logging.LogRecord) -> None:
        """Prints what is logged."""
        self.tell(record.getMessage())

    def say(self, line: str) -> None:
        """Prints a result to stdout.

        Raises:
            BrokenPipeError: Nobody reads it any more.
            OutputError: It cannot be written, as where a file that it goes to fills the disk.
        """
        with self._printing:
            self._erase()
            try:
                print(line, flush=True)
            except BrokenPipeError:
                raise
            except OSError as error:
                # What is left in the buffer would fail once more when Python ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise OutputError(f"cannot write to stdout: {error.strerror}") from error

    def tell(self, news: str) -> None:
        """Prints news to stderr; that nobody reads them does not end a run."""
        with self._printing, contextlib.suppress(OSError):
            self._erase()
            line = news_line(news) if self._json_news else one_line(masked_text(news))
            print(line, file=sys.stderr, flush=True)

    def show(self, lines: Sequence[str]) -> None:
        """Prints lines to stderr as they are, secrets and all: for a person at a terminal."""
        with self._printing, contextlib.suppress(OSError):
            self._erase()
            print("\n".join(lines), file=sys.stderr, flush=True)

    def is_due(self) -> bool:
        """Whether the live line may be drawn again: not more often than people can read."""
        return self._live and time.monotonic() - self._drawn_s >= REDRAW_S

    def status(self, line: str) -> None:
        """Draws the live line."""
        try:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or WIDTH
            with self._printing:
                print(ERASE + one_line(line)[: width - 1], end="", file=sys.stderr, flush=True)
        except OSError:  # the terminal was closed
            self._live = False
        self._shown, self._drawn_s = True, time.monotonic()

    def clear(self) -> None:
        """Erases the live line."""
        with self._printing:
            self._erase()

    def reader_is_gone(self) -> bool:
        """Whether stdout is a pipe whose reader has closed it, seen without writing to it."""
        gone = select.POLLERR | select.POLLNVAL if self._poll else 0
        return bool(self._poll and any(event & gone for _, event in self._poll.poll(0)))

    def _erase(self) -> None:
        if self._shown:
            self._shown = False
            with contextlib.suppress(OSError):
                print(ERASE, end="", file=sys.stderr, flush=True)


def news_line(news: str) -> str:
    """News as JSON; the keys are also those of answers, which have no "news"."""
    wall_time = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return json.dumps(
        {"schema_version": SCHEMA_VERSION, "wall_time": wall_time, "news": masked_text(news)}
    )
