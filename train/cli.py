"""The command line of training: `python -m train`."""

import signal
import sys
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from data import default_directory
from data.errors import DatasetError
from edge.command import run as run_command
from edge.quiet import quiet_stderr
from train.settings import BATCH_SIZE, EPOCHS, SIZE, STOP_AT, Settings, read_settings

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

RUNS = Path(__file__).resolve().parent.parent / "runs"


class Watch(str, Enum):
    """Which accuracy can stop a training."""

    training = "accuracy"
    validation = "val_accuracy"


@app.command()
def train(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(help="Folder with happy/ and sad/.", show_default="data")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the run.", show_default="date and time")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run (the newest).")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="The last epoch at the latest.")] = EPOCHS,
    stop_at: Annotated[
        float, typer.Option(min=0.5, max=1, help="Accuracy that ends the training.")
    ] = STOP_AT,
    watch: Annotated[Watch, typer.Option(help="Which accuracy that is.")] = Watch.training,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a batch.")] = BATCH_SIZE,
    size: Annotated[int, typer.Option(min=32, max=512, help="Input width and height.")] = SIZE,
    augment: Annotated[
        bool, typer.Option("--augment", help="Mirror, turn, move and light images at random.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order and variation.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run of the same name.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="Folder of all runs.", show_default="runs")] = RUNS,
) -> None:
    """Trains the network on images in happy/ and sad/ and writes runs/NAME.

    Without --data it takes the images in data/happy and data/sad, and draws a set of cartoon
    faces if there are none.
    """
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # ends as Ctrl-C does
    if resume:
        _refuse_settings(context)
    run = _run_folder(runs, name, resume=resume, overwrite=overwrite)
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        from train.run import train_run

    if resume:
        settings = read_settings(run / "checkpoint" / "config.json")
    else:
        settings = Settings(
            data=str(data or _default_data()),
            size=size,
            epochs=epochs,
            batch_size=batch_size,
            stop_at=stop_at,
            watch=watch.value,
            augment=augment,
            seed=seed,
        )
    try:
        metrics = train_run(run, settings, resume=resume)
    except KeyboardInterrupt:
        print("interrupted before the first epoch had ended: nothing to keep", file=sys.stderr)
        raise
    print(_summary(metrics))
    print(f"run: {run}")
    if metrics["stopped_by"].startswith("interrupted"):
        again = f'make train ARGS="--resume --name {run.name}"'
        print(f"go on with: {again}", file=sys.stderr)
        raise typer.Exit(130)


def _refuse_settings(context: typer.Context) -> None:
    """A resumed training keeps its settings; naming others beside --resume is wrong usage."""
    for parameter in context.params:
        source = context.get_parameter_source(parameter)
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter not in ("resume", "name", "runs"):
            raise typer.BadParameter(
                f"--{parameter.replace('_', '-')} does not go with --resume, which keeps its "
                "settings"
            )


def _run_folder(runs: Path, name: str | None, *, resume: bool, overwrite: bool) -> Path:
    """Where to write; for --resume the named run or the newest that was interrupted."""
    if resume and name is None:
        states = runs.glob("*/checkpoint/state.json")
        newest = max(states, key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            raise DatasetError(f"no interrupted training in {runs}")
        return newest.parent.parent
    if name is not None and Path(name).name != name:
        raise DatasetError(f"{name} is no name for a run: leave out / and ..")
    run = runs / (name or datetime.now().strftime("%Y-%m-%d-%H%M%S"))
    if run.exists() and not (resume or overwrite):
        raise DatasetError(f"{run} exists: take another --name, or --resume or --overwrite it")
    return run


def _default_data() -> Path:
    directory = default_directory()
    if directory.name == "drawn":
        print(
            f"data/happy and data/sad are empty: training on drawn faces in {directory}",
            file=sys.stderr,
        )
    return directory


def _summary(metrics: dict[str, Any]) -> str:
    lines = [
        f"stopped by: {metrics['stopped_by']}",
        f"kept: epoch {metrics['kept_epoch']} of {metrics['epochs']}",
    ]
    for part in ("validation", "test"):
        scores = metrics[part]
        if scores is None:
            lines.append(f"{part}: no images of both classes were held out, accuracy unknown")
            continue
        groups = sum(metrics["data"]["groups"][part].values())
        lines.append(
            f"{part}: accuracy {scores['accuracy']:.1%} (95 % interval "
            f"{scores['accuracy_low']:.1%} to {scores['accuracy_high']:.1%}), recall happy "
            f"{scores['recall_happy']:.1%}, sad {scores['recall_sad']:.1%}, on "
            f"{scores['images']} images not trained on, in {groups} groups of look-alikes"
        )
    return "\n".join([*lines, *metrics["data"]["notes"]])


def main() -> None:
    """Runs the command line."""
    run_command(app)
