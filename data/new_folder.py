"""Folders that are whole or not there, as `edge.machine.output_file.replacing` has it for files."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import OutputError
from edge.machine.temporary import temporary_beside

HERE, EXCHANGE = -100, 2  # AT_FDCWD in fcntl.h, RENAME_EXCHANGE in linux/fs.h


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Gives a temporary folder to fill; it takes the place of `out` when the block ends well.

    If the block fails, the temporary folder is removed and what was at `out` stays.

    Raises:
        OutputError: It cannot be written; inside the block every OSError is taken for that.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_beside(out, is_folder=True) as temporary:
            yield temporary
            _move(temporary, out)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from error
    except OutputError as error:  # in the words of whom it is written for
        raise OutputError(str(error).replace(str(temporary), str(out))) from error


def _move(temporary: Path, out: Path) -> None:
    """Lets the new folder take the place of the old one, which gets the temporary name."""
    if not out.exists():
        temporary.rename(out)
    elif not _exchange(temporary, out):
        # Not swept: if this is killed half-way, the old one is still here, under this name.
        old = out.with_name(f"{out.name}.old")
        out.rename(old)
        try:
            temporary.rename(out)
        except OSError:
            old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Whether two paths have changed places, in one step (renameat2(2))."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    return renameat2 is not None and not renameat2(HERE, names[0], HERE, names[1], EXCHANGE)
