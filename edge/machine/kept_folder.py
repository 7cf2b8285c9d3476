"""A folder that is gone when the program ends, unless it is said that it is to be kept."""

import shutil
from collections.abc import Collection, Iterator
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

    def __init__(self, place: Path) -> None:
        """Takes up what was kept, unless another program has it; makes nothing yet."""
        self.place, self.is_kept = place, False
        self.path: Path | None = None
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

    def keep(self, is_kept: bool, files: Collection[Path]) -> None:
        """Says whether it outlives the program.

        Args:
            is_kept: As of the attribute.
            files: All that are its own, by their places in it.

        Raises:
            OutputError: It cannot be; as where another program keeps one, or where somebody else's
                file would go with it.
        """
        if is_kept == self.is_kept:
            return
        if is_kept and self.place.exists():
            raise OutputError(
                f"{self.place} is there already: another program keeps it, or it has other files: "
                "move them away"
            )
        if self.path is not None and not is_kept:
            for path in self.path.rglob("*"):
                if not path.is_dir() and path.relative_to(self.path) not in files:
                    raise OutputError(f"{path} is no file of this program's: move it away first")
        with self.saying():
            self.path = self.begun().rename(self.place if is_kept else self._away)
        self.is_kept = is_kept

    def forget(self, files: Collection[Path]) -> None:
        """Deletes it, or what is its own of it; another one is not kept unless it is said again.

        Args:
            files: As of `keep`.

        Raises:
            OutputError: Something cannot be deleted.
        """
        with self.saying():
            if self.path is not None:
                for file in files:
                    (self.path / file).unlink(missing_ok=True)
                for folder in (*(path for path in self.path.iterdir() if path.is_dir()), self.path):
                    with suppress(OSError):  # it has somebody else's files
                        folder.rmdir()
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
