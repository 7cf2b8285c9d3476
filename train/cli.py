"""The command line of training: `python -m train`."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from data import default_directory, list_files
from data.progress import erase_line
from edge.cli.command_list import one_command
from edge.cli.exits import run as run_command
from edge.cli.options import finite
from edge.machine.pip import check_extra
from edge.machine.quiet import quiet_stderr
from edge.model.choice import RUNS
from train.hosts.given import Hosts, HostsError, given_hosts
from train.quick_keras import import_keras
from train.runs import TEACHERS, interrupted_run, new_run, start_of
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
from train.summary import summarize

app = one_command()

# What belongs to the exercise's network; the compact one's schedule is a whole.
EXERCISE_ONLY = ("stop_at", "watch", "batch_size", "size", "augment")
KEPT = ("resume", "name", "runs", "hosts", "index")  # what may be named beside --resume


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
    model = _checked_model(context, model, init, resume=resume)
    together = _checked_hosts(hosts, index, model, init)
    check_extra("train")  # before anything is drawn or made
    if together:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # of a lost host TensorFlow would say a page
        if not together.is_chief:
            _help(together, data)
            return
    init = start_of(runs, init) if init else None
    run = interrupted_run(runs, name) if resume else new_run(runs, name, overwrite=overwrite)
    if resume:
        settings = read_settings(run / "checkpoint" / "config.json")
    else:
        data = data or _default_data()
        model = model or network_for(data, _given(context))
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
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        import_keras()
        from train.hosts.joined import HostError, join
        from train.run import train_run

    try:
        joined = join(together) if together else None
        metrics = train_run(run, settings, resume=resume, joined=joined)
    except HostError as error:
        kept = (run / "checkpoint" / "state.json").exists()
        again = f", this one with --resume --name {run.name}" if kept else ""
        raise HostError(f"{error}: start all hosts again{again}") from error
    except KeyboardInterrupt:
        erase_line()
        if (run / "checkpoint" / "state.json").exists():
            print(f"interrupted; go on with: {_again(run)}", file=sys.stderr)
        elif settings.model in FACES and (run.parent / TEACHERS).exists():
            print(
                "interrupted; the same command goes on from what has been trained", file=sys.stderr
            )
        else:
            print("interrupted before the first epoch had ended: nothing to keep", file=sys.stderr)
        raise
    print(f"{summarize(metrics)}\nrun: {run}\nreport: {run / 'report.html'}")
    if metrics["stopped_by"].startswith("interrupted"):
        print(f"go on with: {_again(run)}", file=sys.stderr)
        raise typer.Exit(130)


def _checked_model(
    context: typer.Context, model: ModelName | None, init: str | None, *, resume: bool
) -> ModelName | None:
    """The network that is meant; options that could have no effect are wrong usage."""
    if resume:
        _refuse(context, "--resume, which keeps its settings", lambda name: name not in KEPT)
    if init:
        if model not in (None, "compact"):
            raise typer.BadParameter("--init fine-tunes a compact network: leave out --model")
        model = "compact"
    elif "keep_anyway" in _given(context):
        raise typer.BadParameter("--keep-anyway goes with --init alone")
    if model not in (None, "exercise"):
        _refuse(context, "the compact network's schedule", lambda name: name in EXERCISE_ONLY)
    return model


def _checked_hosts(
    named: str | None, index: int | None, model: ModelName | None, init: str | None
) -> Hosts | None:
    """The hosts that train together, if there are several."""
    try:
        hosts = given_hosts(named, index)
    except HostsError as error:
        raise typer.BadParameter(str(error)) from error
    if hosts and (model in FACES or init):
        raise typer.BadParameter(
            "several hosts train the exercise's or the compact network, from new weights"
        )
    return hosts


def _help(hosts: Hosts, data: Path | None) -> None:
    """The part of a host that writes nothing."""
    with quiet_stderr:
        import_keras()
        from train.hosts.joined import HostError, join
        from train.run import help_run

    try:
        help_run(join(hosts), data)
    except HostError as error:
        raise HostError(
            f"{error}: start all hosts again, {hosts.named(0)} with --resume"
        ) from error
    print(f"done: {hosts.named(0)} has written the run")


def network_for(data: Path, given: Sequence[str]) -> ModelName:
    """The one that has an answer for each kind of image, and knows the options that are given."""
    if set(given) & set(EXERCISE_ONLY) or all(x.label != "neutral" for x in list_files(data)):
        return "exercise"
    print(
        f"neutral images in {data}: training the compact network, which has three answers "
        "(--model exercise trains the exercise's two)",
        file=sys.stderr,
    )
    return "compact"


def _again(run: Path) -> str:
    return f'make train ARGS="--resume --name {run.name}"'


def _given(context: typer.Context) -> list[str]:
    """The parameters that the command line names."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]


def _refuse(context: typer.Context, why: str, refused: Callable[[str], bool]) -> None:
    """Naming an option that could have no effect is wrong usage."""
    for name in filter(refused, _given(context)):
        raise typer.BadParameter(f"--{name.replace('_', '-')} does not go with {why}")


def _default_data() -> Path:
    directory = default_directory()
    if directory.name == "drawn":
        print(
            f"data/happy and data/sad are empty: training on drawn faces in {directory}",
            file=sys.stderr,
        )
    return directory


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
