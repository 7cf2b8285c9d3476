"""The page that answers in the visitor's own browser: `python -m browser`."""

from pathlib import Path
from typing import Annotated

import typer

from browser.build import OUT, build_page
from edge.cli.command_list import commands
from edge.cli.exits import run
from edge.model.choice import SHIPPED_MODEL, model_path

app = commands(help="Builds the page that answers in the visitor's own browser.")


@app.command()
def build(
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "-m", help="What answers: a file or a run's name.",
            show_default="the one shipped",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for it; it is replaced.")] = OUT,
) -> None:  # fmt: skip
    """Builds a folder of static files, to be copied to any web host."""
    build_page(model_path(model) if model else SHIPPED_MODEL, out)
    print(out / "index.html")


def main() -> None:
    """Runs the command line."""
    run(app)
