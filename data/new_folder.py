"""Folders that are whole or not there, as `edge.machine.output_file.replacing` has it for files."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import OutputError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Gives a temporary folder to fill; it takes the place of `out` when the block ends well.

    If the block fails, the temporary folder is removed and what was at `out` stays.

    Raises:
        OutputError: It cannot be written; inside the block every OSError is taken for that.
    """
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        _move(temporary, out)
    except OSError as error:
        raise OutputError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move(temporary: Path, out: Path) -> None:
    if not out.exists():
        temporary.rename(out)
        return
    old = temporary.with_name(f"{temporary.name}.old")
    out.rename(old)
    try:
        temporary.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
