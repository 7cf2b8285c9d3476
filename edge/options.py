"""Options that several commands of the device share, and the model file that they mean."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import ModelError

EDGE = Path(__file__).resolve().parent
DEMO = "demo"  # the run of `make demo`: a model of cartoons, which is no user's own
DEFAULT_MODEL = "the newest, or the one shipped"
SHIPPED_MODEL = EDGE / "models" / "faces.tflite"


class Runtime(str, Enum):
    """The TFLite runtimes that a user can ask for."""

    auto = "auto"
    litert = "ai-edge-litert"
    tflite = "tflite-runtime"


ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help="A .tflite of 'make export', or 'faces', the shipped one.",
        show_default=DEFAULT_MODEL,
    ),
]
ModelArgument = Annotated[
    Path | None,
    typer.Argument(
        help="A .tflite of 'make export', or 'faces', the shipped one.", show_default=DEFAULT_MODEL
    ),
]
ThreadsOption = Annotated[int, typer.Option(min=1, help="CPU threads for inference.")]
RuntimeOption = Annotated[Runtime, typer.Option(help="TFLite runtime.")]


def model_path(named: Path | None) -> Path:
    """The model file to use; "faces" names the shipped one.

    Raises:
        ModelError: None is named, and there is none.
    """
    if named is None:
        return _default_model()
    return SHIPPED_MODEL if str(named) == "faces" else named


def _default_model() -> Path:
    """The user's model exported last in the checkout around this package, else the one shipped."""
    runs = EDGE.parent / "runs"
    models = [path for path in runs.glob("*/model.tflite") if path.parent.name != DEMO]
    newest = max(models, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None and SHIPPED_MODEL.exists():
        return SHIPPED_MODEL
    if newest is None:
        raise ModelError("no model yet: run 'make train' and 'make export', or name one (--model)")
    return newest
