"""A training in the foreground: what it came to, or what to type to go on with it."""

import sys
from pathlib import Path

import typer

from data.progress import erase_line
from edge.machine.quiet import quiet_stderr
from edge.model.run import go_on
from train.hosts.given import Hosts
from train.quick_keras import import_keras
from train.runs import TEACHERS
from train.settings import FACES, Settings
from train.summary import summarize


def train_in_foreground(
    run: Path, settings: Settings, *, resume: bool, together: Hosts | None
) -> None:
    """Trains and prints the summary.

    Args:
        run: The run's folder.
        settings: What to train on and how.
        resume: Go on with the interrupted training in the folder.
        together: The hosts that train, of which this one is the chief; None for this one alone.

    Raises:
        typer.Exit: With code 130: it was interrupted, and what it had reached is the run.
        KeyboardInterrupt: It was interrupted, and there is no run yet.
        HappySadError: As of `train.run.train_run`.
    """
    with quiet_stderr:  # TensorFlow takes seconds, and prints about itself
        import_keras()
        from train.hosts.joined import HostError, join
        from train.run import train_run

    try:
        joined = join(together) if together else None
        metrics = train_run(run, settings, resume=resume, joined=joined)
    except HostError as error:
        again = f", this one with --resume --name {run.name}" if _is_kept(run) else ""
        raise HostError(f"{error}: start all hosts again{again}") from error
    except KeyboardInterrupt:
        erase_line()
        if _is_kept(run):
            _tell(f"interrupted; go on with: {go_on(run)}")
        elif settings.model in FACES and (run.parent / TEACHERS).exists():
            _tell("interrupted; the same command goes on from what has been trained")
        else:
            _tell("interrupted before the first epoch had ended: nothing to keep")
        raise
    print(f"{summarize(metrics)}\nrun: {run}\nreport: {run / 'report.html'}")  # noqa: T201
    if metrics["stopped_by"].startswith("interrupted"):
        _tell(f"go on with: {go_on(run)}")
        raise typer.Exit(130)


def help_chief(hosts: Hosts, data: Path | None) -> None:
    """Does the part of a host that writes nothing.

    Args:
        hosts: Those that train, of which this one is not the chief.
        data: Where the images are here; None for the same folder as on the chief.

    Raises:
        HappySadError: As of `train.run.help_run`.
    """
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
    print(f"done: {hosts.named(0)} has written the run")  # noqa: T201


def _is_kept(run: Path) -> bool:
    """Whether there is something to go on from."""
    return (run / "checkpoint" / "state.json").exists()


def _tell(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201
