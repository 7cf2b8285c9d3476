"""The pictures that somebody shows: a folder below the models, forgotten unless a person keeps it.

It has the layout that training reads: folders `happy`, `sad` and `neutral`. A picture's name begins
with its moment: pictures of one moment are hardly more than one, and must stay together where
something is judged by pictures that it has not seen.
"""

import threading
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from ..errors import OutputError
from ..labels import ANSWERS
from ..machine.kept_folder import KeptFolder
from ..machine.opencv import cv2
from ..machine.output_file import write_bytes
from .alike import NEAR, thumbnail
from .moments import moment_of

FOLDER = "pictures"
LONGEST_SIDE = 300  # pixels; twice what the largest input of our networks is
SUFFIX = ".png"


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture.

    Attributes:
        number: By which it is asked for; never that of another.
        label: "happy", "sad" or "neutral".
        name: Of its file.
        size: Of its file, in bytes.
    """

    number: int
    label: str
    name: str
    size: int

    @property
    def place(self) -> str:
        """Of its file, in the album's folder."""
        return f"{self.label}/{self.name}"


class Album:
    """A folder of pictures that are not kept unless it is said; for use by several threads.

    Attributes:
        cap: How many bytes they may have.
    """

    def __init__(self, home: Path, cap: int) -> None:
        """Takes up what was kept; makes nothing yet."""
        self.cap = cap
        self._folder = KeptFolder(home / FOLDER)
        self._entries: dict[int, Entry] = {}
        self._thumbnails: dict[int, np.ndarray] = {}
        self._numbers = count(1)
        self._guard = threading.RLock()
        if self._folder.path is not None:
            self._take_up(self._folder.path)

    @property
    def folder(self) -> Path | None:
        """Where they are now; None while there are none."""
        return self._folder.path

    @property
    def is_kept(self) -> bool:
        """Whether they outlive the program."""
        return self._folder.is_kept

    @property
    def entries(self) -> list[Entry]:
        """All pictures, in the order in which they came."""
        with self._guard:
            return list(self._entries.values())

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(entry.size for entry in self.entries)

    def add(self, crop: np.ndarray, label: str, moment: str) -> bool:
        """Adds a picture, unless one of its label is nearly the same.

        Args:
            crop: uint8 (height, width, 3), BGR; made smaller if it is larger than LONGEST_SIDE.
            label: As of `Entry`.
            moment: Of which it is one.

        Returns:
            Whether it was added.

        Raises:
            OutputError: They are as many as they may be, or it cannot be written.
        """
        factor = LONGEST_SIDE / max(crop.shape[:2])
        if factor < 1:
            crop = cv2.resize(crop, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        small = thumbnail(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
        _, encoded = cv2.imencode(SUFFIX, crop)
        content = encoded.tobytes()
        with self._guard:
            if any(small @ self._thumbnails[entry.number] >= NEAR
                   for entry in self.entries
                   if entry.label == label and entry.number in self._thumbnails):  # fmt: skip
                return False
            if self.size + len(content) > self.cap:
                raise OutputError(f"the pictures fill their {self.cap // 1_000_000} MB")
            number = next(self._numbers)
            entry = Entry(number, label, f"{moment}-{number:04}{SUFFIX}", len(content))
            write_bytes(self._folder.begun() / entry.place, content, mode=0o600)
            self._entries[number], self._thumbnails[number] = entry, small
        return True

    def move(self, number: int, label: str) -> None:
        """Gives a picture another label; one that is gone, or no label, is no matter.

        Raises:
            OutputError: It cannot be moved.
        """
        with self._guard, self._folder.saying():
            entry, folder = self._entries.get(number), self.folder
            if entry is None or folder is None or label not in ANSWERS:
                return
            moved = Entry(number, label, entry.name, entry.size)
            (folder / label).mkdir(exist_ok=True)
            (folder / entry.place).rename(folder / moved.place)
            self._entries[number] = moved

    def delete(self, number: int) -> None:
        """Deletes a picture; one that is gone is no matter.

        Raises:
            OutputError: It cannot be deleted.
        """
        with self._guard, self._folder.saying():
            entry, folder = self._entries.get(number), self.folder
            if entry is not None and folder is not None:
                (folder / entry.place).unlink(missing_ok=True)
                del self._entries[number]
                self._thumbnails.pop(number, None)

    def content(self, number: int) -> bytes | None:
        """The file of a picture; None where it is gone."""
        with self._guard:
            entry, folder = self._entries.get(number), self.folder
            if entry is None or folder is None:
                return None
            try:
                return (folder / entry.place).read_bytes()
            except OSError:
                return None

    def keep(self, is_kept: bool) -> None:
        """Says whether the pictures outlive the program.

        Raises:
            OutputError: They cannot; as where another program keeps some.
        """
        with self._guard:
            self._folder.keep(is_kept, self._places)

    def forget(self) -> None:
        """Deletes all pictures; later ones are not kept unless it is said again.

        Raises:
            OutputError: Some cannot be deleted.
        """
        with self._guard:
            self._folder.forget(self._places)
            self._entries.clear()
            self._thumbnails.clear()

    def close(self) -> None:
        """Deletes all pictures that are not kept."""
        with self._guard:
            self._folder.close()
            self._entries.clear()

    @property
    def _places(self) -> set[Path]:
        return {Path(entry.place) for entry in self._entries.values()}

    def _take_up(self, folder: Path) -> None:
        """Takes the pictures that were kept for its own."""
        for label in ANSWERS:
            for path in sorted((folder / label).glob(f"*{SUFFIX}")):
                if moment_of(path) and path.is_file() and not path.is_symlink():
                    entry = Entry(next(self._numbers), label, path.name, path.stat().st_size)
                    self._entries[entry.number] = entry
