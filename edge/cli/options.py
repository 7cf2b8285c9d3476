"""Options that several commands of the device share."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..faces.files import Crop, Range
from ..model.runtime import Runtime

DEFAULT_MODEL = "the newest, the one in use, or the one shipped"
NAMES = "A .tflite file, a run's name, a name that 'model list' shows, or 'faces', the shipped one."


ModelOption = Annotated[
    Path | None,
    typer.Option("--model", "-m", help=NAMES, show_default=DEFAULT_MODEL),
]
ModelArgument = Annotated[Path | None, typer.Argument(help=NAMES, show_default=DEFAULT_MODEL)]
MAX_THREADS = 256  # more than boards and most computers have cores; TFLite takes any number


def finite(value: float | None) -> float | None:
    """The value of an option; "nan" is no number less than its limit, nor more.

    Raises:
        typer.BadParameter: It is not finite.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number to work with")
    return value


def check_suffix(path: Path | None, suffixes: Sequence[str], option: str) -> None:
    """A usage error where the name of an output does not say a format that can be written."""
    if path and path.suffix.lower() not in suffixes:
        raise typer.BadParameter(f"{option} {path}: its name must end in {' or '.join(suffixes)}")


def _limit(text: str) -> float:
    """One of the two values of `--band`.

    Raises:
        typer.BadParameter: It is none, as where the name of a picture follows the first.
    """
    try:
        return float(text)
    except ValueError:
        message = f"it takes two numbers, as in --band 0.3 0.7, and {text!r} is none"
        raise typer.BadParameter(message) from None


def _is_band(value: tuple[float, float] | None) -> tuple[float, float] | None:
    """The value of `--band`.

    Raises:
        typer.BadParameter: It is none.
    """
    if value is not None and not 0 <= value[0] <= value[1] <= 1:
        raise typer.BadParameter("expected two numbers from 0 to 1, the lower one first")
    return value


BandOption = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        parser=_limit,
        callback=_is_band,
        help="In place of the model's limits: happy from p_happy HIGH on, sad from p_sad 1 - LOW "
        "on, neutral from the mean of the two on, else unsure; 'info' shows what that costs.",
        show_default="the model's",
    ),
]
CropOption = Annotated[
    Crop | None,
    typer.Option(help="The whole picture, or each face in it.", show_default="the model's"),
]
RangeOption = Annotated[
    Range, typer.Option(help="Faces within 2 m (short) or 5 m (full, slower), or as needed.")
]
ThreadsOption = Annotated[
    int, typer.Option(min=1, max=MAX_THREADS, help="CPU threads for inference.")
]
RuntimeOption = Annotated[Runtime, typer.Option(help="TFLite runtime.")]
