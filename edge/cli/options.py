"""Options that several commands of the device share."""

import math
from pathlib import Path
from typing import Annotated

import typer

from ..model.runtime import Runtime

DEFAULT_MODEL = "the newest, the one in use, or the one shipped"
NAMES = "A .tflite file, a run's name, a name that 'model list' shows, or 'faces', the shipped one."


ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        "-m",
        help=NAMES,
        show_default=DEFAULT_MODEL,
    ),
]
ModelArgument = Annotated[
    Path | None,
    typer.Argument(help=NAMES, show_default=DEFAULT_MODEL),
]
MAX_THREADS = 256  # more than boards and most computers have cores; TFLite takes any number


def finite(value: float | None) -> float | None:
    """The value of an option; "nan" is no number less than its limit, nor more.

    Raises:
        typer.BadParameter: It is not finite.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number to work with")
    return value


ThreadsOption = Annotated[
    int, typer.Option(min=1, max=MAX_THREADS, help="CPU threads for inference.")
]
RuntimeOption = Annotated[Runtime, typer.Option(help="TFLite runtime.")]
