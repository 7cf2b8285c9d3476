"""Decodes image files before they are asked for, on the cores that would be idle."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..errors import ImageError
from ..machine.cores import cores
from ..machine.memory import picture_bytes
from .allowance import Allowance
from .image_file import read_image

T = TypeVar("T")

MAX_AHEAD = 3  # pictures that are being decoded or wait; on one core there is none to spare
SMALL_FILE = 50_000  # bytes; handing such a file over takes longer than decoding it
MAX_BYTES_AHEAD = 100_000_000  # a picture that takes more is decoded in its turn


class ReadAhead:
    """Threads that decode; a context manager that ends them.

    Attributes:
        depth: How many pictures to begin before the one that is asked for.
    """

    def __init__(self, is_wanted: bool = True) -> None:
        """Starts no thread yet.

        Args:
            is_wanted: Else every file is read when it is asked for.
        """
        self.depth = min(MAX_AHEAD, cores()) if is_wanted and cores() > 1 else 0
        self._pool = ThreadPoolExecutor(max(1, self.depth), "read-ahead")

    def __enter__(self) -> "ReadAhead":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, path: Path) -> Callable[[], np.ndarray]:
        """Begins to decode a file where that is worth it; what is returned is its `read_image`."""
        if not self.depth or not _is_worth_it(path):
            return partial(read_image, path)
        return partial(_picture, path, self._pool.submit(_try_to_read, path))


def kept_ahead(begun: Iterable[T], depth: int) -> Iterator[T]:
    """The same items; before one is given, so many after it have been taken."""
    waiting: deque[T] = deque()
    for item in begun:
        waiting.append(item)
        if len(waiting) > depth:
            yield waiting.popleft()
    while waiting:
        yield waiting.popleft()


def _is_worth_it(path: Path) -> bool:
    try:
        return path.stat().st_size > SMALL_FILE
    except (OSError, ValueError):  # reported in its turn
        return False


def _try_to_read(path: Path) -> np.ndarray | None:
    """The picture; None where it must be read in its turn, which is when an error is due."""
    try:
        return read_image(path, Allowance(min(MAX_BYTES_AHEAD, picture_bytes() // MAX_AHEAD)))
    except ImageError:
        return None


def _picture(path: Path, reading: "Future[np.ndarray | None]") -> np.ndarray:
    image = reading.result()
    return read_image(path) if image is None else image
