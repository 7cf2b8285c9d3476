"""The commands `model ...`: install models on a device and say which one is in use."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ModelError, one_line
from ..model.choice import find, model_path, packaged
from ..model.store import SUFFIX
from ..self_test import self_test
from .command_list import commands
from .exits import tell
from .options import ModelArgument

app = commands(help="Installs models on this device, and says which one is in use.")
NameArgument = Annotated[str, typer.Argument(help="As 'model list' shows it.")]


@app.command()
def install(
    file: Annotated[Path, typer.Argument(help="A .tflite, exported, or its run.")],
) -> None:
    """Verifies a model on this device, keeps a copy, and takes it into use; the old one stays.

    As root, or with sudo, it is for the whole machine and its service, else for this user.
    """
    from ..model.file import read_model
    from ..model.inventory import from_when_on, name_in_use
    from ..model.signature import check_signature
    from ..model.store import stores

    file = model_path(file)
    store, before = stores()[0], name_in_use()
    content, contract = read_model(file)  # once: what is checked is what is installed
    check_signature(content, file, store.signers)
    self_test(content, file)
    name = store.install(content, contract.name)
    print(name)
    back = f"; back: 'happysad model use {before}'" if before != name else ""
    tell(f"verified, installed in {store.folder}, {from_when_on(name)}{back}")


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="As a list of objects.")] = False,
) -> None:
    """Lists the models of this device; a star marks the one that answers where none is named."""
    from ..model.inventory import inventory

    models = inventory()
    if as_json:
        print(json.dumps(models, indent=2))
        return
    width = max(len(model["name"]) for model in models)
    for model in models:
        star = "*" if model["in_use"] else " "
        about = model["problem"] or (
            f"{model['megabytes']:5.2f} MB  crop: {model['crop']}  run: {model['run']}"
        )
        print(one_line(f"{star} {model['name']:{width}}  {about}  {model['path']}"))


@app.command()
def use(name: NameArgument) -> None:
    """Takes a model into use from the next start on; 'faces' is the shipped one."""
    from ..model.file import read_model
    from ..model.inventory import from_when_on, store_to_change

    store = store_to_change(name)
    path = find(store, name)
    if path is None:
        what_to_do = "'model list' shows those that are"
        file = model_path(Path(name))  # of a run, its export
        if file.suffix == SUFFIX and file.is_file():
            what_to_do = f"'model install {name}' does it"
        raise ModelError(f"no model {name!r} is installed: {what_to_do}")
    self_test(read_model(path)[0], path)
    store.use(name)
    tell(f"{name} is {from_when_on(name)}")


@app.command()
def remove(name: NameArgument) -> None:
    """Deletes an installed model that is not in use."""
    from ..model.inventory import store_to_change

    store = store_to_change(name)
    store.remove(name)
    tell(f"{name} is deleted from {store.folder}")


@app.command()
def check(
    model: ModelArgument = None,
    of_package: Annotated[
        bool, typer.Option("--packaged", help="Those that came with the program.")
    ] = False,
) -> None:
    """Checks a model's golden answers on this machine; exit code 1 if one is wrong."""
    from ..model.file import read_model

    for path in packaged().values() if of_package else [model_path(model)]:
        content, contract = read_model(path)
        count, runtime = len(contract.golden_inputs), self_test(content, path)
        print(one_line(f"ok: {path} answers all {count} golden inputs correctly with {runtime}"))
