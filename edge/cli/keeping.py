"""The options of `webcam` that keep something: what is off unless it is asked for."""

from pathlib import Path
from typing import Annotated

import typer

from .options import finite

HistoryOption = Annotated[
    Path | None,
    typer.Option(
        "--history",
        metavar="FILE.db",
        help="Keeps answers, minutes and faults there, in SQLite; 'history FILE.db' shows them.",
    ),
]
HistoryDaysOption = Annotated[
    float, typer.Option(min=0.01, callback=finite, help="What is older is forgotten.")
]
