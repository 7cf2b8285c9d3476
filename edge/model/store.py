"""A folder of installed models; one is in use, and the one before it is kept to fall back to."""

import contextlib
import os
import re
from pathlib import Path

from ..errors import ModelError, OutputError
from ..machine.checksum import sha256_hex
from ..machine.output_file import write_bytes
from ..machine.temporary import temporary_name

HOME_VARIABLE = "HAPPYSAD_HOME"  # a folder in place of both below
SYSTEM_HOME = Path("/var/lib/happysad")  # root's, and the service's
SUFFIX = ".tflite"
SIGNERS = "signers"  # a file beside the folder of models
CURRENT, PREVIOUS = "current", "previous"  # links to the models
OWN, SHIPPED = "own", "faces"  # what a wheel was made with, and what it always has
PACKAGED = (OWN, SHIPPED)  # not installed, but with the package


class ModelStore:
    """The models of one folder; what it holds is looked up at each question.

    The two links name a model of the folder, or one of PACKAGED. A folder that may not be read
    counts as an empty one: a device is to answer all the same.

    Attributes:
        folder: Made by the first installation.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def signers(self) -> Path:
        """Whose signatures a model to be installed needs; where it is not there, none."""
        return self.folder.parent / SIGNERS

    @property
    def current(self) -> str | None:
        """The name of the model in use; None where nothing was ever chosen."""
        return self._linked(CURRENT)

    @property
    def previous(self) -> str | None:
        """The name of the model that was in use before it."""
        return self._linked(PREVIOUS)

    def names(self) -> list[str]:
        """The installed models, sorted."""
        try:
            entries = list(self.folder.iterdir())
        except OSError:
            return []
        return sorted(
            path.stem for path in entries if path.suffix == SUFFIX and not path.name.startswith(".")
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
        path = self.folder / f"{full_name}{SUFFIX}"
        write_bytes(path, content)
        try:  # whatever the umask: what root installs is for the service's user too
            path.chmod(0o644)
            self.folder.chmod(0o755)
        except OSError as error:
            raise OutputError(f"cannot open {path} to others: {error.strerror}") from error
        self.use(full_name)
        return full_name

    def use(self, name: str) -> None:
        """Takes a model of the folder, or one of PACKAGED, into use from the next start on.

        Raises:
            ModelError: There is no model of this name.
            OutputError: It cannot be written.
        """
        if name not in self.names() and name not in PACKAGED:
            known = ", ".join(self.names()) or "none"
            raise ModelError(f"no model {name!r} is installed in {self.folder}: {known}")
        if self.current == name:
            return
        # In this order the old one is never lost sight of.
        if self.current:
            self._link(PREVIOUS, self.current)
        self._link(CURRENT, name)

    def remove(self, name: str) -> None:
        """Deletes an installed model that is not in use.

        Raises:
            ModelError: There is none of this name, or it is in use.
            OutputError: It cannot be deleted.
        """
        path = self.find(name)
        if path is None or name == self.current:
            reason = "is not installed" if path is None else "is in use: use another one first"
            raise ModelError(f"model {name!r} {reason}")
        try:
            if self.previous == name:
                (self.folder / PREVIOUS).unlink()
            path.unlink()
        except OSError as error:
            raise OutputError(f"cannot delete {path}: {error.strerror}") from error

    def _linked(self, link: str) -> str | None:
        try:
            return (self.folder / link).readlink().stem
        except OSError:  # no link, or no permission
            return None

    def _link(self, link: str, name: str) -> None:
        """Lets a link name a model."""
        path = self.folder / link
        temporary = temporary_name(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.symlink_to(f"{name}{SUFFIX}")
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
