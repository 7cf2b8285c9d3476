"""The command `doctor`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from ..masking import masked_text
from ..model.choice import model_path
from .options import ModelArgument, RuntimeOption


def doctor(
    model: ModelArgument = None,
    runtime: RuntimeOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Examines this machine, a line for each thing: ok, note or problem, and how to fix it.

    The exit code is 1 if there is a problem.
    """
    from ..doctor import examine, text_line

    healthy = True
    for finding in examine(model_path(model), runtime):
        line = json.dumps(asdict(finding)) if as_json else text_line(finding)
        print(masked_text(line), flush=True)
        healthy &= finding.state != "problem"
    raise typer.Exit(0 if healthy else 1)
