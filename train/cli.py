"""The command line of training: `python -m train`."""

import signal
import sys
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from data import CLASSES, default_directory
from data.errors import DatasetError
from edge.cli.exits import run as run_command
from edge.machine.quiet import quiet_stderr
from train.quick_keras import import_keras
from train.settings import (
    BATCH_SIZE,
    COMPACT_EPOCHS,
    EPOCHS,
    FINE_TUNING_EPOCHS,
    LARGE,
    LARGE_BATCH_SIZE,
    SIZE,
    STOP_AT,
    Settings,
    read_settings,
)

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

RUNS = Path(__file__).resolve().parent.parent / "runs"


# What belongs to the specified network's training; the compact one's schedule is a whole.
SPECIFIED_ONLY = ("stop_at", "watch", "batch_size", "size", "augment")
KEPT = ("resume", "name", "runs")  # what may be named beside --resume


class Network(str, Enum):
    """What can be trained."""

    specified = "specified"
    compact = "compact"
    faces = "faces"


class Crop(str, Enum):
    """What of a picture the device shows the model."""

    frame = "frame"
    face = "face"


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
    model: Annotated[
        Network,
        typer.Option(
            help="The exercise's network, or a compact one for 48x48 gray faces; faces is the "
            "compact one with teachers, as the shipped model was made (hours)."
        ),
    ] = Network.specified,
    init: Annotated[
        str | None,
        typer.Option(help="Fine-tune: 'faces', the shipped model, or a run of a compact one."),
    ] = None,
    crop: Annotated[
        Crop | None,
        typer.Option(
            help="What the device shows the model: the frame, or each face found in it; training "
            "takes every picture whole, so for face they must be cropped to the face already.",
            show_default="face for the shipped model, else frame",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The last epoch at the latest.",
            show_default=f"{EPOCHS}; compact {COMPACT_EPOCHS}; fine-tuning {FINE_TUNING_EPOCHS}",
        ),
    ] = None,
    stop_at: Annotated[
        float, typer.Option(min=0.5, max=1, help="Accuracy that ends the training.")
    ] = STOP_AT,
    watch: Annotated[Watch, typer.Option(help="Which accuracy that is.")] = Watch.training,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Images a batch.",
            show_default=f"{BATCH_SIZE}; from {LARGE} images on {LARGE_BATCH_SIZE}",
        ),
    ] = None,
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    if resume:
        _refuse(context, "--resume, which keeps its settings", lambda name: name not in KEPT)
    if init:
        if "model" in _given(context) and model is not Network.compact:
            raise typer.BadParameter("--init fine-tunes a compact network: leave out --model")
        model = Network.compact
    if model is not Network.specified:
        _refuse(context, "the compact network's schedule", lambda name: name in SPECIFIED_ONLY)
    run = _run_folder(runs, name, resume=resume, overwrite=overwrite)
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        import_keras()
        from train.run import train_run

    if resume:
        settings = read_settings(run / "checkpoint" / "config.json")
    else:
        from_faces = model is Network.faces or init == "faces"
        settings = Settings(
            data=str(data or _default_data()),
            model=model.value,
            init=init,
            crop=crop.value if crop else "face" if from_faces else _crop(init),
            size=size,
            epochs=epochs or _epochs(model, init),
            batch_size=batch_size,
            stop_at=stop_at,
            watch=watch.value,
            augment=augment,
            seed=seed,
            # The shipped model has seen all training images: a test cannot be taken out of them.
            keeps_parts=from_faces,
        )
    try:
        metrics = train_run(run, settings, resume=resume)
    except KeyboardInterrupt:
        if (run / "checkpoint" / "state.json").exists() or (run / "teachers").exists():
            print(f"\ninterrupted; go on with: {_again(run)}", file=sys.stderr)
        else:
            print("interrupted before the first epoch had ended: nothing to keep", file=sys.stderr)
        raise
    print(_summary(metrics))
    print(f"run: {run}")
    if metrics["stopped_by"].startswith("interrupted"):
        print(f"go on with: {_again(run)}", file=sys.stderr)
        raise typer.Exit(130)


def _again(run: Path) -> str:
    return f'make train ARGS="--resume --name {run.name}"'


def _crop(init: str | None) -> str:
    """That of the run to start from, if there is one that says."""
    config_path = Path(init or "") / "config.json"
    return read_settings(config_path).crop if init and config_path.is_file() else "frame"


def _epochs(model: Network, init: str | None) -> int:
    if init:
        return FINE_TUNING_EPOCHS
    return EPOCHS if model is Network.specified else COMPACT_EPOCHS


def _given(context: typer.Context) -> list[str]:
    """The parameters that the command line names."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]


def _refuse(context: typer.Context, why: str, refused: Callable[[str], bool]) -> None:
    """Naming an option that could have no effect is wrong usage."""
    for name in filter(refused, _given(context)):
        raise typer.BadParameter(f"--{name.replace('_', '-')} does not go with {why}")


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
        f"kept: epoch {metrics['kept_epoch']} of {metrics['epochs']}"
        if metrics["kept_epoch"]
        else "kept: the original",
    ]
    # What the model that a fine-tuning started from was trained on, nobody knows here.
    unseen = "not used in this fine-tuning" if metrics.get("before") else "not trained on"
    for part in ("validation", "test"):
        scores = metrics[part]
        if scores is None:
            lines.append(f"{part}: no images of both classes were held out, accuracy unknown")
            continue
        groups = sum(metrics["data"]["groups"][part][label] for label in CLASSES)
        lines.append(
            f"{part}: accuracy {scores['accuracy']:.1%} (95 % interval "
            f"{scores['accuracy_low']:.1%} to {scores['accuracy_high']:.1%}), recall happy "
            f"{scores['recall_happy']:.1%}, sad {scores['recall_sad']:.1%}, on "
            f"{scores['images']} images {unseen}, in {groups} groups of look-alikes"
        )
    if metrics.get("before"):
        lines += _before_and_after(metrics)
    return "\n".join([*lines, *metrics["data"]["notes"]])


def _before_and_after(metrics: dict[str, Any]) -> list[str]:
    """What fine-tuning changed, on the images that were not trained on."""
    low, high = metrics["decision_band"]
    before_low, before_high = metrics["before"]["decision_band"]
    lines = [
        "fine-tuning, before -> after:",
        f"  band of unsure: {before_low:.2f} to {before_high:.2f} -> {low:.2f} to {high:.2f}"
        + (" (kept)" if (before_low, before_high) == (low, high) else ""),
    ]
    for part in ("validation", "test"):
        before, after = metrics["before"][part], metrics[part]
        if before and after:
            figures = (
                f"{name.replace('_', ' ')} {before[name]:.1%} -> {after[name]:.1%}"
                for name in ("balanced_accuracy", "recall_happy", "recall_sad", "unsure")
            )
            lines.append(f"  {part} ({after['images']} images): {', '.join(figures)}")
    return lines


def main() -> None:
    """Runs the command line."""
    run_command(app)
