"""Options that several commands of the device share."""

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
ThreadsOption = Annotated[int, typer.Option(min=1, help="CPU threads for inference.")]
RuntimeOption = Annotated[Runtime, typer.Option(help="TFLite runtime.")]
