"""The folder of all runs: a new run's place in it, and the interrupted run to go on with."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from data.errors import RunError
from edge.errors import OutputError, one_line
from edge.machine.temporary import sweep

TEACHERS = "teachers"  # a folder beside the runs: networks that several of them learn from
MAX_NAME = 150  # bytes; exports and temporary files have longer ones


def new_run(runs: Path, name: str | None, *, overwrite: bool = False) -> Path:
    """The folder for a new run; without a name it is called after the time.

    Raises:
        RunError: The name is none, or is taken and must not be overwritten.
    """
    run = named_run(runs, name or datetime.now().strftime("%Y-%m-%d-%H%M%S"))
    if run.exists() and not overwrite:
        raise RunError(f"{run} exists: take another --name, or --resume or --overwrite it")
    return run


def interrupted_run(runs: Path, name: str | None) -> Path:
    """The folder of the named run, else of the newest that was interrupted.

    Raises:
        RunError: None was interrupted.
    """
    if name is not None:
        return named_run(runs, name)
    states = runs.glob("*/checkpoint/state.json")
    newest = max(states, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        raise RunError(f"no interrupted training in {runs}")
    return newest.parent.parent


def start_of(runs: Path, name: str) -> str:
    """What a fine-tuning starts from: a run is meant by its name too.

    Args:
        runs: The folder of all runs.
        name: As the user gives it: "faces", a run, its folder, or a file.
    """
    is_run = name != "faces" and not Path(name).exists() and (runs / name).is_dir()
    return str(runs / name) if is_run else name


def named_run(runs: Path, name: str) -> Path:
    """The folder of a run, there or not.

    Raises:
        RunError: The name is a path.
    """
    if Path(name).name != name or one_line(name) != name or name.startswith("."):
        raise RunError(f"{name} is no name for a run: leave out /, control characters, a dot first")
    if len(os.fsencode(name)) > MAX_NAME:
        raise RunError(f"a run's name has at most {MAX_NAME} bytes, {name[:20]}... has more")
    return runs / name


@contextmanager
def claimed(run: Path) -> Iterator[None]:
    """Makes sure that nobody else trains a run at the same time, and sweeps what was left by kills.

    Args:
        run: The folder, there or not.

    Raises:
        RunError: Another process trains it.
        OutputError: The folder of all runs cannot be written.
    """
    path = run.with_name(f".{run.name}.lock")
    try:
        run.parent.mkdir(parents=True, exist_ok=True)
        sweep(run.parent)
        file = _locked(path)
    except BlockingIOError:
        raise RunError(
            f"{run} is being trained by another process: wait for it, or take another --name"
        ) from None
    except OSError as error:
        raise OutputError(f"cannot write {run}: {error.strerror}") from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _locked(path: Path) -> int:
    """A file that this process alone has; raises BlockingIOError where another one has it."""
    while True:
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        except FileNotFoundError:  # who had it removed it, between opening and locking
            pass
        except OSError:
            os.close(file)
            raise
        os.close(file)
