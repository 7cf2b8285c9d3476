"""The options of `python -m train`: which go together, and what is meant where one is not named."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from data import default_directory, list_files
from train.hosts.given import Hosts, HostsError, given_hosts
from train.settings import EXERCISE_ONLY, FACES, ModelName

KEPT = ("resume", "name", "runs", "hosts", "index")  # what may be named beside --resume


def given(context: typer.Context) -> list[str]:
    """The parameters that the command line names."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]


def checked_model(
    context: typer.Context, model: ModelName | None, init: str | None, *, resume: bool
) -> ModelName | None:
    """The network that is meant; None where none is named.

    Raises:
        typer.BadParameter: An option could have no effect.
    """
    if resume:
        _refuse(context, "--resume, which keeps its settings", lambda name: name not in KEPT)
    if init:
        if model not in (None, "compact"):
            raise typer.BadParameter("--init fine-tunes a compact network: leave out --model")
        model = "compact"
    elif "keep_anyway" in given(context):
        raise typer.BadParameter("--keep-anyway goes with --init alone")
    if model not in (None, "exercise"):
        _refuse(context, "the compact network's schedule", lambda name: name in EXERCISE_ONLY)
    return model


def checked_hosts(named: str | None, index: int | None) -> Hosts | None:
    """The hosts that train together, if there are several.

    Raises:
        typer.BadParameter: They cannot be meant so.
    """
    try:
        return given_hosts(named, index)
    except HostsError as error:
        raise typer.BadParameter(str(error)) from error


def check_shared(hosts: Hosts | None, model: ModelName | None, init: str | None) -> None:
    """Finds out whether what is to be trained can be divided among hosts.

    Args:
        hosts: None for this one alone.
        model: The network, of the command line or of the run that goes on.
        init: What its weights start from; None for new ones.

    Raises:
        typer.BadParameter: It cannot.
    """
    if hosts and (model in FACES or init):
        raise typer.BadParameter(
            "several hosts train the exercise's or the compact network, from new weights"
        )


def default_data() -> Path:
    """The folder of images where none is named."""
    directory = default_directory()
    if directory.name == "drawn":
        _tell(f"data/happy and data/sad are empty: training on drawn faces in {directory}")
    return directory


def network_for(data: Path, named: Sequence[str]) -> ModelName:
    """The one that has an answer for each kind of image, and knows the options that are named."""
    if set(named) & set(EXERCISE_ONLY) or all(x.label != "neutral" for x in list_files(data)):
        return "exercise"
    _tell(
        f"neutral images in {data}: training the compact network, which has three answers "
        "(--model exercise trains the exercise's two)"
    )
    return "compact"


def _refuse(context: typer.Context, why: str, refused: Callable[[str], bool]) -> None:
    """Naming an option that could have no effect is wrong usage."""
    for name in filter(refused, given(context)):
        raise typer.BadParameter(f"--{name.replace('_', '-')} does not go with {why}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201
