"""The commands `model ...`: installs models on a device and says which one is in use."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ModelError, one_line
from ..model.choice import candidates, find, model_path, packaged
from ..model.store import ModelStore, stores
from .options import ModelArgument

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
    from ..classifier import Classifier

    contract = Classifier(file).contract  # contract and golden answers
    store, before = stores()[0], _in_use()
    name = store.install(file.read_bytes(), contract.name)
    print(name)
    back = f"; back: 'happysad model use {before}'" if before not in (None, name) else ""
    _tell(f"verified, installed in {store.folder}, in use from the next start on{back}")


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
    """Takes a model into use from the next start on; 'faces' is the shipped one."""
    from ..classifier import Classifier

    store = _store_of(name)
    path = find(store, name)
    if path is None:
        raise ModelError(f"no model {name} is here: 'model list' shows those that are")
    Classifier(path)
    store.use(name)
    _tell(f"{name} is in use from the next start on")


@app.command()
def remove(name: NameArgument) -> None:
    """Deletes an installed model that is not in use."""
    _store_of(name).remove(name)


@app.command()
def check(
    model: ModelArgument = None,
    of_package: Annotated[
        bool, typer.Option("--packaged", help="Those that came with the program.")
    ] = False,
) -> None:
    """Lets a model answer its golden inputs on this machine; exit code 1 if it does so wrongly."""
    from ..classifier import Classifier

    for path in packaged().values() if of_package else [model_path(model)]:
        classifier = Classifier(path)
        count, runtime = len(classifier.contract.golden_inputs), classifier.network.runtime
        print(one_line(f"ok: {path} answers {count} inputs rightly with {runtime}"))


def _tell(line: str) -> None:
    print(one_line(line), file=sys.stderr)


def _store_of(name: str) -> ModelStore:
    """The store that a change of a model is for: the user's own.

    Raises:
        ModelError: The model is the machine's, which root alone changes.
    """
    own, *others = stores()
    if name not in own.names() and any(name in store.names() for store in others):
        raise ModelError(f"model {name} is the whole machine's: sudo happysad model ...")
    return own


def _in_use() -> str | None:
    """The name of the model that answers where none is named; None for one of a checkout's run."""
    path = candidates(None)[0]
    known = [*packaged().values(), *(store.folder / path.name for store in stores())]
    return path.stem if path in known else None


def _rows() -> list[dict[str, Any]]:
    """What `model list` says of each model."""
    from ..model.file import read_model

    installed = [path for store in stores() for name in store.names() if (path := store.find(name))]
    in_use = candidates(None)[0]
    shown = [*installed, *packaged().values()]
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
