"""A folder of pictures and clips that stays within its caps: the oldest go first."""

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import OutputError
from ..machine.disk import is_nearly_full

# What we have made is known by its name: happysad-20261124-101503-123-happy.jpg
NAME = re.compile(r"happysad-\d{8}-\d{6}-\d{3}-[a-z_]+(-\d+)?\.(jpg|mp4)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Caps:
    """What a folder may hold.

    Attributes:
        megabytes: Of files.
        days: How old a file may become.
    """

    megabytes: float = 500.0
    days: float = 30.0


class Gallery:
    """Adds files to a folder and deletes the oldest ones of those that it has made, no others.

    Attributes:
        folder: Where they are.
        added: How many it has added.
    """

    def __init__(self, folder: Path, caps: Caps) -> None:
        """Makes nothing yet: the folder comes with the first file, for this user alone."""
        self.folder, self._caps = folder, caps
        self.added = 0

    def add(self, time_s: float, label: str, suffix: str, write: Callable[[Path], None]) -> None:
        """Adds a file, and deletes what is too much or too old, before it and then.

        Args:
            time_s: When it was, in seconds since 1970; part of the name.
            label: What was answered; part of the name too.
            suffix: ".jpg" or ".mp4".
            write: Makes the file, whole or not at all; for its owner alone.

        Raises:
            OutputError: It cannot be written, or the disk is nearly full.
        """
        self.trim()  # first: it may be what the disk is full of
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if is_nearly_full(self.folder):
                raise OutputError(f"the disk is nearly full: nothing is added to {self.folder}")
        except OSError as error:
            raise OutputError(f"cannot write to {self.folder}: {error.strerror}") from error
        write(self._free_name(time_s, label, suffix))
        self.added += 1
        self.trim()

    def trim(self) -> None:
        """Deletes what is too much or too old.

        Raises:
            OutputError: It cannot be deleted.
        """
        made = sorted(self._made(), reverse=True)
        too_old_s, room = time.time() - self._caps.days * 86400, self._caps.megabytes * 1e6
        for modified_s, name, size in made:
            room -= size
            if room < 0 or modified_s < too_old_s:
                try:
                    (self.folder / name).unlink(missing_ok=True)
                except OSError as error:
                    raise OutputError(
                        f"cannot delete {self.folder / name}: {error.strerror}"
                    ) from error

    def _made(self) -> Iterator[tuple[float, str, int]]:
        """Time, name and size of the files that are ours by their names."""
        try:
            entries = list(os.scandir(self.folder))
        except OSError:
            return
        for entry in entries:
            if NAME.fullmatch(entry.name):
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # somebody has moved it away meanwhile
                    continue
                if stat.S_ISREG(status.st_mode):
                    yield status.st_mtime, entry.name, status.st_size

    def _free_name(self, time_s: float, label: str, suffix: str) -> Path:
        when = datetime.fromtimestamp(time_s)
        stem = f"happysad-{when:%Y%m%d-%H%M%S}-{when.microsecond // 1000:03}-{label}"
        path, number = self.folder / f"{stem}{suffix}", 2
        while os.path.lexists(path):
            path, number = self.folder / f"{stem}-{number}{suffix}", number + 1
        return path
