"""The command `cameras`."""

import json
from typing import Annotated

import typer


def cameras(
    as_json: Annotated[bool, typer.Option("--json", help="As a list of objects.")] = False,
) -> None:
    """Lists the cameras of this machine: what to call them, and which pictures they give."""
    from ..camera import listing

    if as_json:
        print(json.dumps(listing.cameras(), indent=2))
    else:
        print(listing.cameras_text() or "no camera found; 'doctor' looks closer")
