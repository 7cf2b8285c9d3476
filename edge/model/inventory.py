"""The models of this device, installed or packaged, and which one is in use."""

from pathlib import Path
from typing import Any

from ..errors import ModelError
from .choice import candidates, packaged
from .file import read_model
from .store import ModelStore, stores


def inventory() -> list[dict[str, Any]]:
    """Every model, the installed ones first, as `model list --json` shows it.

    Returns:
        Objects with the keys name, in_use, path, megabytes, crop, run (the training run that it
        comes from), and problem: why it cannot be used, or None.
    """
    installed = [path for store in stores() for name in store.names() if (path := store.find(name))]
    in_use = candidates(None)[0]
    shown = [*installed, *packaged().values()]
    return [
        _entry(path, path == in_use) for path in [*(() if in_use in shown else (in_use,)), *shown]
    ]


def name_in_use() -> str | None:
    """The name of the model that answers where none is named; None for one of a checkout's run."""
    path = candidates(None)[0]
    known = [*packaged().values(), *(store.folder / path.name for store in stores())]
    return path.stem if path in known else None


def store_to_change(name: str) -> ModelStore:
    """The store in which this user may change a model: the user's own.

    Raises:
        ModelError: The model is the machine's, which only root may change.
    """
    own, *others = stores()
    if name not in own.names() and any(name in store.names() for store in others):
        raise ModelError(f"model {name} is the whole machine's: sudo happysad model ...")
    return own


def _entry(path: Path, in_use: bool) -> dict[str, Any]:
    entry = {
        "name": path.stem, "in_use": in_use, "path": str(path),
        "megabytes": None, "crop": None, "run": None, "problem": None,
    }  # fmt: skip
    try:
        content, contract = read_model(path)
    except ModelError as error:
        return entry | {"problem": str(error)}
    megabytes = round(len(content) / 1e6, 2)
    return entry | {"megabytes": megabytes, "crop": contract.crop, "run": contract.name}
