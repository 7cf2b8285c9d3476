"""Which model file is meant: the one that the user names, else the one that is in use here."""

from pathlib import Path

from edge.errors import ModelError
from edge.store.store import stores

EDGE = Path(__file__).resolve().parent
DEMO = "demo"  # the run of `make demo`: a model of cartoons, which is no user's own
SHIPPED = "faces"
SHIPPED_MODEL = EDGE / "models" / "faces.tflite"
OWN_MODEL = SHIPPED_MODEL.with_name("own.tflite")  # the user's, in a wheel that was made with it


def model_path(named: Path | None) -> Path:
    """The model file to use; "faces" names the shipped one, another name an installed one.

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
        return [SHIPPED_MODEL if str(named) == SHIPPED else _installed(named) or named]
    runs = EDGE.parent / "runs"
    models = [path for path in runs.glob("*/model.tflite") if path.parent.name != DEMO]
    if models:
        return [max(models, key=lambda path: path.stat().st_mtime)]
    installed = [path for store in stores() for path in store.chosen]
    packaged = [path for path in (OWN_MODEL, SHIPPED_MODEL) if path.exists()]
    if not installed + packaged:
        raise ModelError("no model yet: run 'make train' and 'make export', or name one (--model)")
    return installed + packaged


def _installed(named: Path) -> Path | None:
    """The installed model of this name, unless it is a file's path."""
    if named.exists() or len(named.parts) != 1:
        return None
    return next((path for store in stores() if (path := store.find(named.name))), None)
