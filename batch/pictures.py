"""The pictures of a shard, decoded one after the other; from a network the next ones meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from batch import archive
from batch.address import filesystem, is_local, reason_of
from batch.entry import Entry
from batch.job import Job
from edge.errors import HappySadError, ImageError, one_line
from edge.images.image_file import decode_image, read_image
from edge.images.read_ahead import kept_ahead

AHEAD = 16  # pictures on their way from a network: each takes 20 to 100 ms, and an answer some 10
Read = Callable[[], "np.ndarray"]


class SourceError(HappySadError):
    """What holds the pictures does not answer: no fault of a picture, and worth another try."""


def decoded(entries: Iterable[Entry], job: Job) -> Iterator[tuple[Entry, "np.ndarray | str"]]:
    """Each picture as uint8 (height, width, 3), BGR, or why there is none, without its path.

    Raises:
        SourceError: The source cannot be reached.
    """
    opened = _Opened(job)
    with ThreadPoolExecutor(AHEAD, "fetch") as pool:
        begun = ((entry, opened.begin(entry, pool)) for entry in entries)
        for entry, read in kept_ahead(begun, AHEAD if opened.is_far else 0):
            try:
                yield entry, read()
            except ImageError as error:
                place = one_line(job.place(entry.name))
                yield entry, str(error).removeprefix(f"{place}: ")


class _Opened:
    """The file system of a job's pictures.

    Attributes:
        is_far: Whether reading waits for a network; fsspec's file systems of that kind can be used
            by several threads.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._files: Any = None
        if job.root is not None and (job.is_archive or not is_local(job.root)):
            self._files, self._path = filesystem(job.place(job.root))
        self.is_far = job.root is None or bool(self._files and self._files.async_impl)

    def begin(self, entry: Entry, pool: ThreadPoolExecutor) -> Read:
        """Begins to fetch a picture where that takes waiting; returned is what gives it."""
        if self._files is None and is_local(entry.name):
            return partial(read_image, Path(self._job.place(entry.name)))
        files, path = self._files, ""
        if files is None:
            files, path = filesystem(entry.name)
        elif not self._job.is_archive:
            path = files._strip_protocol(entry.name)
        fetch: Callable[[], bytes] = partial(self._fetch, entry, files, path)
        if files.async_impl:
            fetch = pool.submit(fetch).result
        return partial(_decode, fetch)

    def _fetch(self, entry: Entry, files: Any, path: str) -> bytes:
        try:
            if entry.begin is not None:
                return archive.content(entry, partial(self._range, files))
            return bytes(files.cat_file(path))
        except ImageError:
            raise
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
            if entry.begin is not None:
                raise SourceError(reason_of(error)) from error
            raise ImageError(reason_of(error)) from error
        except Exception as error:  # each file system has errors of its own
            raise SourceError(reason_of(error)) from error

    def _range(self, files: Any, begin: int, end: int) -> bytes:
        return bytes(files.cat_file(self._path, start=begin, end=end))


def _decode(fetch: Callable[[], bytes]) -> "np.ndarray":
    content = fetch()
    if not content:
        raise ImageError("empty file")  # as of a file here
    return decode_image(content)
