"""The folder of all runs: a new run's place in it, and the interrupted run to go on with."""

from datetime import datetime
from pathlib import Path

from data.errors import RunError


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
    if Path(name).name != name:
        raise RunError(f"{name} is no name for a run: leave out / and ..")
    return runs / name
