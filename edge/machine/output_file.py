"""Files that are whole or not there: written under a temporary name beside, then renamed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from .temporary import temporary_beside

NAME_MAX = 255  # bytes of one part of a path, on Linux


@contextmanager
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """Gives a temporary path to write to; it takes the place of `path` when the block ends well.

    The temporary name keeps the suffix, because OpenCV, Keras and matplotlib choose the format
    by it. If the block fails, the temporary file is removed and what was at `path` stays.

    Args:
        path: The file to make or replace; its folder is made if need be.
        mode: Who may do what with it, as far as the umask allows, from its first byte on.

    Yields:
        The path to write to, in the same folder: an empty file.

    Raises:
        OutputError: The file cannot be written: full disk, no permission, not a folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_beside(path, mode=mode) as temporary:
            yield temporary
            temporary.replace(path)
    except BrokenPipeError:  # of stdout, not of this file
        raise
    except OSError as error:
        # h5py and zipfile raise OSError without an errno on a full disk; keep their words then.
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def write_bytes(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Makes or replaces a file with this content, whole or not at all, also if the power fails.

    Args:
        path: The file; its folder is made if need be.
        content: All of it.
        mode: Who may do what with it, as far as the umask allows.

    Raises:
        OutputError: The file cannot be written.
    """
    with replacing(path, mode=mode) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_secret(path: Path, text: str) -> None:
    """Makes or replaces a file of one line, which its owner alone can read.

    Raises:
        OutputError: The file cannot be written.
    """
    write_bytes(path, f"{text}\n".encode(), mode=0o600)


def check_folder(path: Path) -> None:
    """Finds out before long work whether files can be written to a folder; leaves nothing.

    A disk that is full is no reason: it may have room by then.

    Raises:
        OutputError: They cannot.
    """
    there = next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise OutputError(f"cannot write to {path}: {there} is not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        is_read_only = os.statvfs(there).f_flag & os.ST_RDONLY
        reason = "can only be read" if is_read_only else "may not be written to by this user"
        raise OutputError(f"cannot write to {path}: {there} {reason}")
    if max(len(os.fsencode(part)) for part in path.absolute().parts) > NAME_MAX:
        raise OutputError(f"cannot write to {path}: {os.strerror(errno.ENAMETOOLONG)}")
    try:  # as in /proc and /sys, where root may write and nothing can be made
        with temporary_beside(there / "any", is_folder=there != path):
            pass
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            reason = f"nothing can be made in {there} ({error.strerror})"
            raise OutputError(f"cannot write to {path}: {reason}") from error


def check_writable(path: Path) -> None:
    """Finds out before long work whether a file can be written at its end; leaves nothing.

    Raises:
        OutputError: It cannot.
    """
    try:
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_beside(path):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
