"""The models of this device, installed or packaged, and which one is in use."""

from pathlib import Path
from typing import Any

from ..errors import ModelError
from .choice import candidates, chosen, in_checkout, newest_export, packaged
from .file import read_model
from .store import ModelStore, stores


def inventory() -> list[dict[str, Any]]:
    """Every model, the installed ones first, as `model list --json` shows it.

    Returns:
        Objects with the keys name (as `--model` takes it), in_use, path, megabytes, crop, run (the
        training run that it comes from), and problem: why it cannot be used, or None.
    """
    installed = [path for store in stores() for name in store.names() if (path := store.find(name))]
    in_use = candidates(None)[0]
    shown = [*installed, *packaged().values()]
    return [
        _entry(path, path == in_use) for path in [*(() if in_use in shown else (in_use,)), *shown]
    ]


def name_in_use() -> str:
    """The installed or packaged model in use; in a checkout an export may answer in its place."""
    return chosen()[0].stem


def from_when_on(name: str) -> str:
    """When a model answers that was taken into use: a checkout's newest export goes before it."""
    text = "in use from the next start on"
    if newest := newest_export():
        text += f", but in this checkout {in_checkout(newest)} answers unless you say -m {name}"
    return text


def store_to_change(name: str) -> ModelStore:
    """The store in which this user may change a model: the user's own.

    Raises:
        ModelError: The model is the machine's, which only root may change.
    """
    own, *others = stores()
    if name not in own.names() and any(name in store.names() for store in others):
        raise ModelError(f"model {name} is the whole machine's: sudo happysad model ...")
    return own


def _name(path: Path) -> str:
    """What names a model: an export is its run's, unless another model has that name."""
    if path != newest_export():
        return path.stem
    run = path.parent.name
    return run if candidates(Path(run)) == [path] else str(in_checkout(path))


def _entry(path: Path, in_use: bool) -> dict[str, Any]:
    entry = {
        "name": _name(path), "in_use": in_use, "path": str(path),
        "megabytes": None, "crop": None, "run": None, "problem": None,
    }  # fmt: skip
    try:
        content, contract = read_model(path)
    except ModelError as error:
        return entry | {"problem": str(error)}
    megabytes = round(len(content) / 1e6, 2)
    return entry | {"megabytes": megabytes, "crop": contract.crop, "run": contract.name}
