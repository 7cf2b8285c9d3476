"""The pictures that somebody shows: a folder below the models, forgotten unless a person keeps it.

It has the layout that training reads: folders `happy`, `sad` and `neutral`. A picture's name begins
with its moment: pictures of one moment are hardly more than one, and must stay together where
something is judged by pictures that it has not seen.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from ..errors import OutputError
from ..labels import ANSWERS
from ..machine.opencv import cv2
from ..machine.output_file import write_bytes
from ..machine.temporary import holding, sweep, temporary_beside, temporary_name
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
        is_kept: Whether they outlive the program.
        cap: How many bytes they may have.
    """

    is_kept: bool
    cap: int

    def __init__(self, home: Path, cap: int) -> None:
        """Takes up what was kept; makes nothing yet.

        Args:
            home: The folder of models, below which it lies.
            cap: As of the attribute.
        """
        self.cap, self.is_kept = cap, False
        self._kept = home / FOLDER
        self._folder: Path | None = None
        self._entries: dict[int, Entry] = {}
        self._thumbnails: dict[int, np.ndarray] = {}
        self._numbers = count(1)
        self._guard = threading.RLock()
        self._open = ExitStack()
        sweep(home)  # what a program that was killed has left
        self._away = temporary_name(self._kept)  # where they are while they are not kept
        with suppress(OSError):
            if self._open.enter_context(holding(self._kept)):
                self._take_up()

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
            write_bytes(self._begun() / entry.place, content, mode=0o600)
            self._entries[number], self._thumbnails[number] = entry, small
        return True

    def move(self, number: int, label: str) -> None:
        """Gives a picture another label; one that is gone, or no label, is no matter.

        Raises:
            OutputError: It cannot be moved.
        """
        with self._guard, _said(self._kept):
            entry = self._entries.get(number)
            if entry is None or self._folder is None or label not in ANSWERS:
                return
            moved = Entry(number, label, entry.name, entry.size)
            (self._folder / label).mkdir(exist_ok=True)
            (self._folder / entry.place).rename(self._folder / moved.place)
            self._entries[number] = moved

    def delete(self, number: int) -> None:
        """Deletes a picture; one that is gone is no matter.

        Raises:
            OutputError: It cannot be deleted.
        """
        with self._guard, _said(self._kept):
            entry = self._entries.get(number)
            if entry is not None and self._folder is not None:
                (self._folder / entry.place).unlink(missing_ok=True)
                del self._entries[number]
                self._thumbnails.pop(number, None)

    def content(self, number: int) -> bytes | None:
        """The file of a picture; None where it is gone."""
        with self._guard:
            entry = self._entries.get(number)
            if entry is None or self._folder is None:
                return None
            try:
                return (self._folder / entry.place).read_bytes()
            except OSError:
                return None

    def keep(self, is_kept: bool) -> None:
        """Says whether the pictures outlive the program.

        Raises:
            OutputError: It cannot be; as where another program keeps some.
        """
        with self._guard, _said(self._kept):
            if is_kept and not self.is_kept and self._kept.exists():
                raise OutputError(f"another program keeps pictures in {self._kept}")
            if is_kept != self.is_kept:
                folder = self._begun()
                self._folder = folder.rename(self._kept if is_kept else self._away)
                self.is_kept = is_kept

    def forget(self) -> None:
        """Deletes all pictures; later ones are not kept unless it is said again.

        Raises:
            OutputError: Some cannot be deleted.
        """
        with self._guard, _said(self._kept):
            if self._folder is not None:
                shutil.rmtree(self._folder)
            self._open.close()
            self._folder, self.is_kept = None, False
            self._entries.clear()
            self._thumbnails.clear()

    def close(self) -> None:
        """Deletes all pictures that are not kept."""
        with self._guard:
            if self._folder is not None and not self.is_kept:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._open.close()
            self._folder = None
            self._entries.clear()

    @property
    def folder(self) -> Path | None:
        """Where they are now; None while there is none."""
        return self._folder

    def _begun(self) -> Path:
        """The folder, made if need be, which nobody else may look into."""
        if self._folder is None:
            with _said(self._kept):
                self._kept.parent.mkdir(parents=True, exist_ok=True)
                made = self._open.enter_context(temporary_beside(self._kept, is_folder=True))
                made.chmod(0o700)
            self._folder = self._away = made
        return self._folder

    def _take_up(self) -> None:
        """Takes the pictures that were kept for its own."""
        self._folder, self.is_kept = self._kept, True
        for label in ANSWERS:
            for path in sorted((self._kept / label).glob(f"*{SUFFIX}")):
                if moment_of(path) and path.is_file() and not path.is_symlink():
                    number = next(self._numbers)
                    entry = Entry(number, label, path.name, path.stat().st_size)
                    self._entries[number] = entry


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Lets what the system refuses be said in a line."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot change {path}: {error.strerror or error}") from error
