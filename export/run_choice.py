"""Which run is exported, and which newer one is not because its training has not ended."""

from pathlib import Path

from data import RunError
from edge.model.run import STATE, WEIGHTS, go_on, unfinished_since


def run_folder(runs: Path, name: str | None) -> Path:
    """The folder of the run to export.

    Args:
        runs: The folder of all runs.
        name: Of a run, or a folder; None for the run that was trained last.

    Raises:
        RunError: There is none, or its training has not ended.
    """
    if name is None:
        models = runs.glob(f"*/{WEIGHTS}")
        newest = max(models, key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            raise RunError(f"no trained model in {runs}: {_instead_of(_waiting(runs))}")
        return newest.parent
    if not (runs / name).is_dir() and not Path(name).is_dir():
        names = ", ".join(sorted(path.parent.name for path in runs.glob(f"*/{WEIGHTS}")))
        raise RunError(f"no run {name} in {runs}: there are {names or 'none'}")
    folder = runs / name if (runs / name).is_dir() else Path(name)
    if not (folder / WEIGHTS).is_file():
        waiting = folder if unfinished_since(folder) else None
        raise RunError(f"{folder} holds no trained model: {_instead_of(waiting)}")
    return folder


def announcement(runs: Path, chosen: Path, *, is_named: bool) -> str:
    """What is exported, and whether a newer training than that of its model has not ended.

    Args:
        runs: The folder of all runs.
        chosen: The folder of the run to export, as `run_folder` gives it.
        is_named: The user has chosen it: other runs do not matter.
    """
    waiting = chosen if is_named else _waiting(runs)
    since = unfinished_since(waiting) if waiting else None
    model, said = str(chosen), ""
    if waiting and since and since > (chosen / WEIGHTS).stat().st_mtime:
        model = "the model that it had before" if waiting == chosen else model
        said = f"{waiting} is not finished (go on with: {go_on(waiting)}); "
    return f"{said}exporting {model}: half a minute or so"


def _waiting(runs: Path) -> Path | None:
    """The run whose training was saved last, of those that have not ended."""
    folders = [path.parent.parent for path in runs.glob(f"*/{STATE}")]
    return max(folders, key=lambda run: unfinished_since(run) or 0.0, default=None)


def _instead_of(waiting: Path | None) -> str:
    """What to do where there is no model, for lack of a run or because of one."""
    if waiting is None:
        return "run 'make train' first"
    return f"{waiting.name} is not finished, go on with: {go_on(waiting)}"
