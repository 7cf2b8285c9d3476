"""What a Raspberry Pi installs: `python -m pi wheel` and `python -m pi bundle`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command_list import commands
from edge.cli.exits import run
from pi.bundle import build_bundle
from pi.release import RELEASES, ReleaseName
from pi.wheel import DIST, build_wheel

app = commands(help="Builds what a Raspberry Pi installs.")
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model", "-m", help="What answers where no model is named: a file or a run's name.",
        show_default="the newest export, or the one shipped",
    ),
]  # fmt: skip
OutOption = Annotated[Path, typer.Option(help="Folder for it.")]


@app.command()
def wheel(model: ModelOption = None, out: OutOption = DIST) -> None:
    """Builds the wheel: the device's code, the face detector and the model, for any machine."""
    print(build_wheel(model, out))


@app.command()
def bundle(
    release: Annotated[ReleaseName, typer.Argument(help="Of 64-bit Raspberry Pi OS.")],
    model: ModelOption = None,
    out: OutOption = DIST,
) -> None:
    """Builds the archive that installs without network: the wheel and all that it needs."""
    built = build_wheel(model, out)
    print(f"fetching the packages for {release}: about 60 MB", file=sys.stderr)
    print(build_bundle(RELEASES[release], built, out))


def main() -> None:
    """Runs the command line."""
    run(app)
