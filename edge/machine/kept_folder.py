"""A folder that is gone when the program ends, unless it is said that it is to be kept."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..errors import OutputError
from .temporary import holding, sweep, temporary_beside, temporary_name


class KeptFolder:
    """For its owner alone, and for one program at a time.

    While it is not kept it has a temporary name, so that it goes even if the program is killed: at
    the next start.

    Attributes:
        place: Where it is when it is kept.
        path: Where it is now; None while there is none.
        is_kept: Whether it outlives the program.
    """

    place: Path
    path: Path | None
    is_kept: bool

    def __init__(self, place: Path) -> None:
        """Takes up what was kept, unless another program has it; makes nothing yet.

        Args:
            place: As of the attribute.
        """
        self.place, self.path, self.is_kept = place, None, False
        self._away = temporary_name(place)  # where it is while it is not kept
        self._open = ExitStack()
        sweep(place.parent)  # what a program that was killed has left
        with suppress(OSError):
            if self._open.enter_context(holding(place)):
                self.path, self.is_kept = place, True

    def begun(self) -> Path:
        """The folder, made if need be.

        Raises:
            OutputError: It cannot be made.
        """
        if self.path is None:
            with self.saying():
                self.place.parent.mkdir(parents=True, exist_ok=True)
                made = self._open.enter_context(temporary_beside(self.place, is_folder=True))
                made.chmod(0o700)
            self.path = self._away = made
        return self.path

    def keep(self, is_kept: bool) -> None:
        """Says whether it outlives the program.

        Raises:
            OutputError: It cannot be; as where another program keeps one.
        """
        if is_kept == self.is_kept:
            return
        if is_kept and self.place.exists():
            raise OutputError(f"another program keeps {self.place}")
        with self.saying():
            self.path = self.begun().rename(self.place if is_kept else self._away)
        self.is_kept = is_kept

    def forget(self) -> None:
        """Deletes it with all that is in it; another one is not kept unless it is said again.

        Raises:
            OutputError: Something cannot be deleted.
        """
        with self.saying():
            if self.path is not None:
                shutil.rmtree(self.path)
        self._open.close()
        self.path, self.is_kept = None, False

    def close(self) -> None:
        """Deletes it unless it is kept."""
        if self.path is not None and not self.is_kept:
            shutil.rmtree(self.path, ignore_errors=True)
        self._open.close()
        self.path = None

    @contextmanager
    def saying(self) -> Iterator[None]:
        """Lets an OutputError say what the system refuses in the block."""
        try:
            yield
        except OSError as error:
            raise OutputError(f"cannot change {self.place}: {error.strerror or error}") from error
