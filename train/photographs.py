"""What a training on photographs reads: the faces in them, cropped as the device will crop them."""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from data.crops import are_photographs, crop_faces
from data.folder import list_files
from data.progress import progress_bar
from edge.errors import one_line
from edge.wording import counted
from train.settings import Settings

CROPS = "crops"  # the folder in the run's; "crops-2" while the run before it still has that


@contextmanager
def crops_of(run: Path) -> Iterator[None]:
    """Deletes the crops that nobody needs, at the beginning and where a training fails.

    The run before, and a training to go on with, keep theirs. A run's folder that is empty then is
    deleted too: its name is free again.
    """
    _delete_unused(run)
    try:
        yield
    except BaseException:
        _delete_unused(run)
        with suppress(OSError):
            run.rmdir()
        raise


def are_crops(name: str) -> bool:
    """Whether a folder in a run's is one that `training_pictures` makes."""
    return re.fullmatch(rf"{CROPS}(-\d+)?", name) is not None


def crops_in(config_path: Path) -> str | None:
    """The name of the folder with the crops that a training reads; None where it reads none."""
    try:
        return _crops_of(config_path)
    except (OSError, ValueError):
        return None


def _crops_of(config_path: Path) -> str | None:
    config = json.loads(config_path.read_text())
    if not isinstance(config, dict):
        raise ValueError(f"{config_path} has no settings")
    name = config.get("crops", CROPS)  # older ones do not say
    return name if isinstance(name, str) and are_crops(name) else None


def training_pictures(
    run: Path, settings: Settings, labels: Sequence[str], *, resume: bool
) -> tuple[Path, list[str]]:
    """The folder of pictures to train on, and notes on what was done to them.

    For a model that is shown faces, photographs are cropped into the run's folder; pictures of
    faces alone are read where they are. stderr gets what was done and what was left out.

    Args:
        run: The run's folder.
        settings: Of the run.
        labels: The folders of images that are read.
        resume: Whether to take what an interrupted run has cropped.

    Raises:
        DatasetError: The folder is not as expected.
        ModelError: The face detector is missing.
        OutputError: A crop cannot be written.
    """
    directory = Path(settings.data)
    if settings.crop == "frame":
        return directory, []
    if resume:
        name = crops_in(run / "checkpoint" / "config.json")
        return (run / name if name and (run / name).is_dir() else directory), []
    files = list_files(directory, labels)
    if not are_photographs(files):
        return directory, []
    crops, number = run / CROPS, 2
    while crops.exists():  # a run of the same name has it until the new one is whole
        crops, number = run / f"{CROPS}-{number}", number + 1
    with progress_bar(len(files), "cropping") as step:
        done = crop_faces(directory, crops, step, labels)
    for path, reason in done.skipped:
        print(f"skipped: {one_line(path)}: {one_line(reason)}", file=sys.stderr)  # noqa: T201
    note = (
        f"the pictures are photographs: {counted(len(done.written), 'face')} cropped out of "
        f"them, as the device does, {len(done.skipped)} left out without one to judge"
    )
    print(f"{note}; the crops are in {crops}", file=sys.stderr)  # noqa: T201
    return crops, [note]


def _delete_unused(run: Path) -> None:
    configs = [run / name for name in ("config.json", "checkpoint/config.json")]
    try:
        used = {_crops_of(path) for path in configs if path.exists()}
    except (OSError, ValueError):
        return  # which crops belong to it is not known
    for folder in run.iterdir() if run.is_dir() else ():
        if are_crops(folder.name) and folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)
