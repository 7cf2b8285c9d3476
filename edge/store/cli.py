"""The commands `model ...`: installs models on a device and says which one is in use."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.errors import ModelError, one_line
from edge.model_choice import OWN_MODEL, SHIPPED, SHIPPED_MODEL, candidates, model_path
from edge.options import ModelArgument
from edge.store.store import stores

app = typer.Typer(
    help="Installs models on this device, and says which one is in use.", no_args_is_help=True
)
NameArgument = Annotated[str, typer.Argument(help="As 'model list' shows it.")]


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="A .tflite made by 'make export'.")],
) -> None:
    """Verifies a model on this device, keeps a copy, and takes it into use; the old one stays.

    As root, or with sudo, it is for the whole machine and its service, else for this user.
    """
    from edge.classifier import Classifier

    contract = Classifier(file).contract  # contract and golden answers
    store = stores()[0]
    name = store.install(file.read_bytes(), contract.name)
    print(name)
    before = store.previous.stem if store.previous else SHIPPED
    print(
        f"verified, installed in {one_line(store.folder)}, in use from the next start on; back: "
        f"'happysad model use {before}'",
        file=sys.stderr,
    )


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="As a list of objects.")] = False,
) -> None:
    """Lists the models of this device; a star marks the one that answers where none is named."""
    rows = _rows()
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        star = "*" if row["in_use"] else " "
        about = row["problem"] or f"{row['megabytes']:5.2f} MB  crop: {row['crop']}"
        print(one_line(f"{star} {row['name']:{width}}  {about}  {row['path']}"))


@app.command()
def use(name: NameArgument) -> None:
    """Takes an installed model into use from the next start on; 'faces' is the shipped one."""
    from edge.classifier import Classifier

    store = stores()[0]
    if name != SHIPPED:
        Classifier(store.find(name) or model_path(Path(name)))
    store.use(None if name == SHIPPED else name)
    print(one_line(f"{name} is in use from the next start on"), file=sys.stderr)


@app.command()
def remove(name: NameArgument) -> None:
    """Deletes an installed model that is not in use."""
    stores()[0].remove(name)


@app.command()
def check(model: ModelArgument = None) -> None:
    """Lets a model answer its golden inputs on this machine; exit code 1 if it does so wrongly."""
    from edge.classifier import Classifier

    path = model_path(model)
    classifier = Classifier(path)
    count = len(classifier.contract.golden_inputs)
    print(f"ok: {one_line(path)} answers {count} inputs rightly with {classifier.network.runtime}")


def _rows() -> list[dict[str, Any]]:
    """What `model list` says of each model."""
    from edge.contract import read_model

    installed = [path for store in stores() for name in store.names() if (path := store.find(name))]
    in_use = candidates(None)[0]
    shown = [*installed, *(path for path in (OWN_MODEL, SHIPPED_MODEL) if path.exists())]
    rows: list[dict[str, Any]] = []
    for path in [*(() if in_use in shown else (in_use,)), *shown]:
        row = {
            "name": path.stem, "in_use": path == in_use, "path": str(path),
            "megabytes": None, "crop": None, "run": None, "problem": None,
        }  # fmt: skip
        try:
            content, contract = read_model(path)
            row |= {
                "megabytes": round(len(content) / 1e6, 2), "crop": contract.crop,
                "run": contract.name,
            }  # fmt: skip
        except ModelError as error:
            row["problem"] = str(error)
        rows.append(row)
    return rows
