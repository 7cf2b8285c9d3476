"""A folder of installed models; one is in use, and the one before it is kept to fall back to."""

import contextlib
import os
import re
from pathlib import Path

from edge.checksum import sha256_hex
from edge.errors import ModelError, OutputError
from edge.output_file import write_bytes

HOME_VARIABLE = "HAPPYSAD_HOME"  # a folder in place of both below
SYSTEM_HOME = Path("/var/lib/happysad")  # root's, and the service's
SUFFIX = ".tflite"
CURRENT, PREVIOUS = "current", "previous"  # links to the models


class ModelStore:
    """The models of one folder; what it holds is looked up at each question.

    Attributes:
        folder: Made by the first installation.
    """

    folder: Path

    def __init__(self, folder: Path) -> None:
        """Touches nothing yet."""
        self.folder = folder

    @property
    def current(self) -> Path | None:
        """The model in use; None where none was installed, or the shipped one is in use again."""
        return self._target(CURRENT)

    @property
    def previous(self) -> Path | None:
        """The model that was in use before it."""
        return self._target(PREVIOUS)

    @property
    def chosen(self) -> list[Path]:
        """The model in use and the one before it; nothing where the shipped one is in use."""
        if not (self.folder / CURRENT).is_symlink():
            return []
        return [path for path in (self.current, self.previous) if path]

    def names(self) -> list[str]:
        """The installed models, sorted."""
        return sorted(
            path.stem
            for path in self.folder.glob(f"*{SUFFIX}")
            if path.is_file() and not path.name.startswith(".")
        )

    def find(self, name: str) -> Path | None:
        """The file of an installed model; None where there is none of this name."""
        return self.folder / f"{name}{SUFFIX}" if name in self.names() else None

    def install(self, content: bytes, name: str) -> str:
        """Keeps a model and takes it into use, whole or not at all.

        Args:
            content: Of a model file that was found to be sound.
            name: Of the training run that it comes from.

        Returns:
            The name it is installed under: the run's, and the beginning of the content's SHA-256,
            so that two models of one name both find room.

        Raises:
            OutputError: It cannot be written.
        """
        clean = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip(".-") or "model"
        full_name = f"{clean}-{sha256_hex(content)[:8]}"
        write_bytes(self.folder / f"{full_name}{SUFFIX}", content)
        self.use(full_name)
        return full_name

    def use(self, name: str | None) -> None:
        """Takes an installed model into use, from the next start of a program on.

        Args:
            name: As `names` has it; None for what came with the package.

        Raises:
            ModelError: There is no model of this name.
            OutputError: It cannot be written.
        """
        target = self.find(name) if name is not None else None
        if name is not None and target is None:
            known = ", ".join(self.names()) or "none"
            raise ModelError(f"no model {name} is installed in {self.folder}: {known}")
        if self.current == target:
            return
        # In this order the old one is never lost sight of.
        if self.current:
            self._link(PREVIOUS, self.current)
        self._link(CURRENT, target)

    def remove(self, name: str) -> None:
        """Deletes an installed model that is not in use.

        Raises:
            ModelError: There is none of this name, or it is in use.
            OutputError: It cannot be deleted.
        """
        path = self.find(name)
        if path is None or path == self.current:
            reason = "is not installed" if path is None else "is in use: use another one first"
            raise ModelError(f"model {name} {reason}")
        try:
            path.unlink()
            if self._target(PREVIOUS) is None:
                (self.folder / PREVIOUS).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot delete {path}: {error.strerror}") from error

    def _target(self, link: str) -> Path | None:
        path = self.folder / link
        try:
            target = path.parent / path.readlink()
        except OSError:  # no link, or no permission
            return None
        return target if target.exists() else None

    def _link(self, link: str, target: Path | None) -> None:
        """Lets a link point to a file of the folder, or takes it away."""
        path, temporary = self.folder / link, self.folder / f".{link}.{os.getpid()}"
        try:
            if target is None:
                path.unlink(missing_ok=True)
                return
            temporary.symlink_to(target.name)
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise OutputError(f"cannot write {path}: {error.strerror}") from error


def stores() -> list[ModelStore]:
    """The user's own store first, which new models go to; then that of the whole machine."""
    if home := os.environ.get(HOME_VARIABLE):
        homes = [Path(home)]
    elif hasattr(os, "geteuid") and os.geteuid() == 0:
        homes = [SYSTEM_HOME]
    else:
        data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        homes = [Path(data).expanduser() / "happysad", SYSTEM_HOME]
    return [ModelStore(home / "models") for home in homes]
