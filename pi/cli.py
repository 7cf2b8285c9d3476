"""What a Raspberry Pi installs: `python -m pi wheel` and `python -m pi bundle`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command_list import commands
from edge.cli.exits import run
from edge.errors import one_line
from edge.model.choice import SHIPPED_MODEL, model_path, newest_export
from edge.model.file import read_model
from pi.bundle import build_bundle
from pi.release import RELEASES, ReleaseName
from pi.wheel import DIST, build_wheel

app = commands(help="Builds what a Raspberry Pi installs.")
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model", "-m", help="What answers where no model is named: a file or a run's name.",
        show_default="the one shipped",
    ),
]  # fmt: skip
OutOption = Annotated[Path, typer.Option(help="Folder for it.")]


@app.command()
def wheel(model: ModelOption = None, out: OutOption = DIST) -> None:
    """Builds the wheel: the device's code, the face detector and the model, for any machine."""
    print(_built(model, out))


@app.command()
def bundle(
    release: Annotated[ReleaseName, typer.Argument(help="Of 64-bit Raspberry Pi OS.")],
    model: ModelOption = None,
    out: OutOption = DIST,
) -> None:
    """Builds the archive that installs without network: the wheel and all that it needs."""
    built = _built(model, out)
    print(f"fetching the packages for {release}: about 60 MB", file=sys.stderr)
    print(build_bundle(RELEASES[release], built, out))


def _built(model: Path | None, out: Path) -> Path:
    """The wheel; stderr gets which model is in it, as it need not be the one that was meant."""
    path = model_path(model) if model else SHIPPED_MODEL
    print(f"building the wheel in {out}: some seconds", file=sys.stderr)
    built = build_wheel(path, out)
    name = read_model(path)[1].name
    whose = "the one shipped" if path == SHIPPED_MODEL else "yours; the one shipped is there too"
    if model is None and (own := newest_export()):
        whose += f"; MODEL={own.parent.name} takes what was exported last"
    print(one_line(f"with the model {name} of {path}: {whose}"), file=sys.stderr)
    return built


def main() -> None:
    """Runs the command line."""
    run(app)
