"""The device's command line: `python -m edge`, installed as `happysad`.

What takes long to load, or may be missing, is imported by the command that needs it: `--help` and
`doctor` work without OpenCV.
"""

from typing import Annotated

import typer

from .. import __version__
from . import model, mqtt, service
from .benchmark import benchmark
from .cameras import cameras
from .classify import classify
from .command_list import commands
from .detector import fetch
from .doctor import doctor
from .exits import run
from .history import history
from .info import info
from .teach import teach
from .webcam import webcam

app = commands()


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"happysad {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Tells happy faces from sad ones."""


app.command()(classify)
app.command("webcam")(webcam)
app.command()(benchmark)
app.command("fetch-detector")(fetch)
app.command()(cameras)
app.command()(doctor)
app.command()(history)
app.command()(info)
app.command()(teach)
app.add_typer(model.app, name="model")
app.add_typer(mqtt.app, name="mqtt")
app.add_typer(service.app, name="service")


def main() -> None:
    """Runs the command line; the `happysad` script."""
    run(app)
