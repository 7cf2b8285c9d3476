"""Temporary names beside a file or folder in the making, and the end of those that a kill has left.

Whoever makes one holds a lock on it (flock(2)), which the kernel opens when the process ends, in
whatever way: what nobody holds is a leftover. The names cannot be guessed, and what is there
already is never opened, so that no link can lead a writer elsewhere.
"""

import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = re.compile(r"\..*\.happysad-[0-9a-f]{8}(\.[^.]*)?", re.DOTALL)
MAX_STEM = 180  # bytes; a name has at most 255
LINK_S = 60.0  # a link cannot be locked; it is renamed at once
_swept: set[Path] = set()


@contextmanager
def temporary_beside(path: Path, *, is_folder: bool = False, mode: int = 0o666) -> Iterator[Path]:
    """A new, empty file or folder, in the folder of `path`; removed at the end if still there.

    Before that, what killed processes have left in the same folder is removed, once a process.

    Args:
        path: Whose place it is to take; its suffix is kept, as OpenCV, Keras and matplotlib choose
            the format by it.
        is_folder: Make a folder.
        mode: Who may do what with a file, as far as the umask allows.

    Yields:
        Its path.

    Raises:
        OSError: It cannot be made.
    """
    if path.parent not in _swept:
        sweep(path.parent)
        _swept.add(path.parent)
    while True:
        temporary = temporary_name(path)
        if is_folder:
            temporary.mkdir()
        else:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        file = os.open(temporary, os.O_RDONLY) if _locks() else -1
        if _holds(file, temporary, waits=True):
            break
        _close(file)  # somebody swept between making and locking
    try:
        yield temporary
    finally:
        _remove(temporary)
        _close(file)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for files that nobody keeps, where the system has its own; removed at the end.

    Raises:
        OSError: It cannot be made.
    """
    import tempfile  # with random, which loads all of OpenSSL

    with temporary_beside(Path(tempfile.gettempdir(), "scratch"), is_folder=True) as folder:
        folder.chmod(0o700)
        yield folder


@contextmanager
def holding(folder: Path) -> Iterator[bool]:
    """Whether no other process holds a folder; if so this one does while the block lasts.

    Raises:
        OSError: It cannot be opened.
    """
    file = os.open(folder, os.O_RDONLY) if _locks() else -1
    try:
        yield _holds(file, folder, waits=False)
    finally:
        _close(file)


def temporary_name(path: Path) -> Path:
    """A name beside `path` that nothing has, and that `sweep` knows again."""
    # Without bytes that are no UTF-8, which some writers cannot take.
    stem = os.fsencode(path.stem)[:MAX_STEM].decode(errors="ignore")
    return path.with_name(f".{stem}.happysad-{os.urandom(4).hex()}{path.suffix}")


def sweep(folder: Path) -> None:
    """Removes what this user's killed processes have left in a folder; errors are of no matter."""
    with suppress(OSError):
        names = [name for name in os.listdir(folder) if MARK.fullmatch(name)]  # noqa: PTH208
        for leftover in (folder / name for name in names):
            with suppress(OSError):
                _sweep(leftover)


def _sweep(leftover: Path) -> None:
    status = leftover.lstat()
    if not _locks() or status.st_uid != os.geteuid():
        return
    if stat.S_ISLNK(status.st_mode):
        if time.time() - status.st_mtime > LINK_S:
            leftover.unlink()
    elif stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
        file = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _holds(file, leftover, waits=False):
                _remove(leftover)
        finally:
            os.close(file)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
    if path.is_dir():
        import shutil

        shutil.rmtree(path, ignore_errors=True)


def _locks() -> bool:
    return sys.platform != "win32"


def _holds(file: int, path: Path, *, waits: bool) -> bool:
    """Whether this process has the lock of an open file, and that is what the path names still."""
    if not _locks():
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except OSError:
        return waits  # held by another; or a file system without locks, where nothing is swept
    with suppress(OSError):
        return os.path.samestat(os.fstat(file), path.lstat())
    return False


def _close(file: int) -> None:
    if file >= 0:
        os.close(file)
