"""The command line of training: `python -m train`."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.cli.options import finite
from edge.machine.pip import check_extra
from edge.model.run import RUNS
from train.foreground import help_chief, train_in_foreground
from train.options import (
    check_shared,
    checked_hosts,
    checked_model,
    default_data,
    given,
    network_for,
)
from train.runs import interrupted_run, new_run, start_of
from train.settings import (
    BATCH_SIZE,
    COMPACT_EPOCHS,
    EPOCHS,
    FACES,
    FINE_TUNING_EPOCHS,
    LARGE,
    LARGE_BATCH_SIZE,
    SIZE,
    STOP_AT,
    Crop,
    ModelName,
    Settings,
    Watched,
    default_crop,
    default_epochs,
    read_settings,
)

app = one_command()


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
        ModelName | None,
        typer.Option(
            help="The exercise's network, or a compact one for 48x48 gray faces; faces is the "
            "compact one with teachers, as the shipped model was made (hours), faces-small and "
            "faces-large the same with a quarter of its work and four times as much.",
            show_default="compact if there are neutral images, else exercise",
        ),
    ] = None,
    init: Annotated[
        str | None,
        typer.Option(help="Fine-tune: 'faces', the shipped model, or a compact run by its name."),
    ] = None,
    crop: Annotated[
        Crop | None,
        typer.Option(
            help="What the device shows the model: the frame, or each face found in it. For face, "
            "photographs are cropped to the largest face in each before training.",
            show_default="face for the shipped model, else frame",
        ),
    ] = None,
    keep_anyway: Annotated[
        bool, typer.Option("--keep-anyway", help="Keep a fine-tuned model that is no better.")
    ] = False,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="The last epoch at the latest.",
            show_default=f"{EPOCHS}; compact {COMPACT_EPOCHS}; fine-tuning {FINE_TUNING_EPOCHS}",
        ),
    ] = None,
    stop_at: Annotated[
        float,
        typer.Option(min=0.5, max=1, callback=finite, help="Accuracy that ends the training."),
    ] = STOP_AT,
    watch: Annotated[Watched, typer.Option(help="Which accuracy that is.")] = "accuracy",
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100_000,
            help="Images a batch.",
            show_default=f"{BATCH_SIZE}; from {LARGE} images on {LARGE_BATCH_SIZE}",
        ),
    ] = None,
    size: Annotated[int, typer.Option(min=32, max=512, help="Input width and height.")] = SIZE,
    augment: Annotated[
        bool, typer.Option("--augment", help="Mirror, turn, move and light images at random.")
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Seed of weights, order and variation.")
    ] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run of the same name.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="Folder of all runs.", show_default="runs")] = RUNS,
    hosts: Annotated[
        str | None,
        typer.Option(
            help="Train on several hosts: 'a:port,b:port', the same on each; the first one writes "
            "the run, and its options count.",
            show_default="those of TF_CONFIG, if set",
        ),
    ] = None,
    index: Annotated[
        int | None, typer.Option(min=0, help="Which of the hosts this one is, from 0.")
    ] = None,
) -> None:
    """Trains the network on images in happy/ and sad/ and writes runs/NAME.

    Without --data it takes the images in data/happy and data/sad, and draws a set of cartoon
    faces if there are none.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    model = checked_model(context, model, init, resume=resume)
    together = checked_hosts(hosts, index)
    check_shared(together, model, init)
    check_extra("train")  # before anything is drawn or made
    if together:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # of a lost host TensorFlow would say a page
        if not together.is_chief:
            help_chief(together, data)
            return
    init = start_of(runs, init) if init else None
    run = interrupted_run(runs, name) if resume else new_run(runs, name, overwrite=overwrite)
    if resume:
        settings = read_settings(run / "checkpoint" / "config.json")
        check_shared(together, settings.model, settings.init)
    else:
        data = data or default_data()
        model = model or network_for(data, given(context))
        settings = Settings(
            data=str(data),
            model=model,
            init=init,
            crop=crop or default_crop(model, init),
            size=size,
            epochs=epochs or default_epochs(model, init),
            batch_size=batch_size,
            stop_at=stop_at,
            watch=watch,
            augment=augment,
            keep_anyway=keep_anyway,
            seed=seed,
            # The shipped model has seen all training images: a test cannot be taken out of them.
            keeps_parts=model in FACES or init == "faces",
        )
    train_in_foreground(run, settings, resume=resume, together=together)


def main() -> None:
    """Runs the command line."""
    try:
        run_command(app)
    except SystemExit as end:
        # Without Python's own end: TensorFlow's threads may outlive it, and crash what is done.
        if end.code and not isinstance(end.code, int):
            raise  # with a message
        sys.stderr.flush()
        os._exit(end.code or 0)
