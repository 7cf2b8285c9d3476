"""Which model file is meant: the one that the user names, else the one that is in use here."""

import logging
from pathlib import Path

from ..errors import ModelError
from .run import RUNS, WEIGHTS, unfinished_since
from .store import OWN, SHIPPED, SUFFIX, ModelStore, stores

EDGE = Path(__file__).resolve().parent.parent
EXPORTS = f"model*{SUFFIX}"  # of a run: model.tflite is int8, the others say what they are
DEMO = "demo"  # the run of `make demo`: a model of cartoons, which is no user's own
MODELS = EDGE / "models"  # what comes with the package
SHIPPED_MODEL = MODELS / f"{SHIPPED}{SUFFIX}"
OWN_MODEL = MODELS / f"{OWN}{SUFFIX}"  # the user's, in a wheel that was made with it

log = logging.getLogger("happysad")


def model_path(named: Path | None) -> Path:
    """The model file to use: a path, or the name of an installed or packaged model, or of a run.

    Raises:
        ModelError: None is named, and there is none.
    """
    return candidates(named)[0]


def candidates(named: Path | None) -> list[Path]:
    """The model file to use, and those to fall back to if it does not answer as it should.

    In a checkout the user's newest export is meant; elsewhere the installed model in use, the one
    that was in use before it, and what came with this package. A named one has no fall-back.

    Raises:
        ModelError: None is named, and there is none.
    """
    if named is not None:
        return [_by_name(named) or _of_run(named) or named]
    newest = newest_export()
    return [newest] if newest else chosen()


def chosen() -> list[Path]:
    """The same of the installed and packaged models alone, whatever a checkout has exported.

    Raises:
        ModelError: There is none.
    """
    in_use = [
        path
        for store in stores()
        if store.current
        for name in (store.current, store.previous)
        if name and (path := find(store, name))
    ]
    found = list(dict.fromkeys([*in_use, *packaged().values()]))
    if not found:
        raise ModelError(
            "there is no model: name one (--model), or in a checkout run 'make train' and "
            "'make export'"
        )
    return found


def announced(named: Path | None) -> list[Path]:
    """The same as `candidates`, and a line in the log where that is an export nobody named."""
    if named is None and (newest := newest_export()):
        log.info(
            "%s answers, which was exported last; the shipped model: --model faces (in make: "
            "MODEL=faces)", in_checkout(newest),
        )  # fmt: skip
    return candidates(named)


def newest_export() -> Path | None:
    """What was exported last in this checkout, cartoons aside; None where nothing was."""
    models = [path for path in RUNS.glob(f"*/{EXPORTS}") if path.parent.name != DEMO]
    return max(models, key=lambda path: path.stat().st_mtime, default=None)


def in_checkout(export: Path) -> Path:
    """Where an export is, seen from its checkout: runs/NAME/model.tflite."""
    return export.relative_to(RUNS.parent)


def packaged() -> dict[str, Path]:
    """The models that came with this package, by name, the one to use first."""
    models = {OWN: OWN_MODEL, SHIPPED: SHIPPED_MODEL}
    return {name: path for name, path in models.items() if path.exists()}


def find(store: ModelStore, name: str) -> Path | None:
    """The file of an installed or a packaged model."""
    return store.find(name) or packaged().get(name)


def _by_name(named: Path) -> Path | None:
    """The model of this name, unless it is a file's path; a folder called faces is none."""
    if len(named.parts) != 1 or named.suffix == SUFFIX or named.is_file():
        return None
    return next((path for store in stores() if (path := find(store, named.name))), None)


def _of_run(named: Path) -> Path | None:
    """The newest export of a training run that is named, or whose folder is; there may be none."""
    runs = [
        folder
        for folder in (named, RUNS / named)
        if (folder / WEIGHTS).is_file() or unfinished_since(folder)
    ]
    if not runs:
        return None
    exports = runs[0].glob(EXPORTS)
    newest = max(exports, key=lambda path: path.stat().st_mtime, default=None)
    return newest or runs[0] / f"model{SUFFIX}"
