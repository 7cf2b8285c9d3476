"""The command line of trainings on a cluster: `python -m train.side_by_side`."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.machine.pip import check_extra
from edge.model.run import RUNS
from edge.terminal.console import Console
from train.settings import FACES

app = one_command()


@app.command()
def side_by_side(
    sizes: Annotated[
        list[str], typer.Argument(help=f"What to train: of {', '.join(FACES)}, one or more.")
    ],
    cluster: Annotated[str, typer.Option(help="A Dask scheduler: tcp://host:8786, or tls://.")],
    data: Annotated[
        Path, typer.Option(help="FER2013's folder, seen by every worker under this name.")
    ],
    seeds: Annotated[str, typer.Option(help="Seeds, with commas between; each a training.")] = "0",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of the student.", show_default="the usual ones")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of all runs.", show_default="runs")] = RUNS,
) -> None:
    """Trains the faces model, in several sizes or with several seeds, on the workers of a cluster.

    A worker trains one network at a time, with as many threads as it has. The same command goes on
    where it was. Runs are called after the size, and after the seed if that is not 0.
    """
    check_extra("batch")
    from batch.cluster import connected
    from train.side_by_side.crew import Trainings, tasks_of

    if wrong := set(sizes) - set(FACES):
        raise typer.BadParameter(f"{min(wrong)} is none of {', '.join(FACES)}")
    numbers = [each.strip() for each in seeds.split(",")]
    if not all(number.isdecimal() and int(number) < 2**32 for number in numbers):
        raise typer.BadParameter(f"--seeds: {seeds!r} are no numbers with commas between")
    models = [model for model in FACES if model in sizes]
    tasks = tasks_of(models, map(int, numbers), data, epochs)
    with Console(live=False) as console, connected(cluster, 1) as client:
        Trainings(client, runs, console).train(tasks)
    print("\n".join(str(runs / task.name) for task in tasks))


def main() -> None:
    """Runs the command line."""
    run_command(app)
