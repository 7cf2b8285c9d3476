"""The command `info`."""

import json
from typing import Annotated

import typer

from ..errors import one_line
from ..model.choice import model_path
from .options import ModelArgument


def info(
    model: ModelArgument = None,
    as_json: Annotated[bool, typer.Option("--json", help="The contract as JSON.")] = False,
) -> None:
    """Shows what a model file says about itself: contract, metrics, operators."""
    from ..model.contract_text import contract_text
    from ..model.file import read_model

    path = model_path(model)
    content, contract = read_model(path)
    if as_json:
        print(json.dumps(dict(contract.details), indent=2))
    else:
        print(one_line(f"{path}  {len(content) / 1e6:.2f} MB"))
        print(contract_text(contract))
