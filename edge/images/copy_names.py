"""Names for copies of pictures in one folder, each given once."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import one_line
from ..machine.output_file import check_folder

LONGEST_STEM = 200  # bytes of a name; 255 is the most, and a temporary name is longer

log = logging.getLogger("happysad")


class CopyNames:
    """Gives each copy of a run a name of its own: photo-answer.png, photo-answer-2.png.

    Attributes:
        directory: The folder that they are in.
    """

    def __init__(self, directory: Path, ending: str) -> None:
        """Takes the folder, and what is added, so that no copy has the name of its original.

        Raises:
            OutputError: Nothing can be written there.
        """
        check_folder(directory)
        self.directory, self._ending = directory, ending
        self._names: set[str] = set()
        self._finished = 0

    def __len__(self) -> int:
        """How many copies are finished."""
        return self._finished

    @contextmanager
    def of(self, source: Path, suffix: str) -> Iterator[Path]:
        """The path for a copy of this file, which is finished when the block ends well."""
        stem = os.fsdecode(os.fsencode(source.stem)[:LONGEST_STEM]).encode(errors="ignore").decode()
        name, number = f"{stem}{self._ending}{suffix}", 2
        while name in self._names:
            name, number = f"{stem}{self._ending}-{number}{suffix}", number + 1
        if number > 2:
            log.info("%s: its copy is %s", one_line(source), name)
        self._names.add(name)
        yield self.directory / name
        self._finished += 1
