"""What a training on photographs reads: the faces in them, cropped as the device will crop them."""

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

CROPS = "crops"  # the folder in the run's


@contextmanager
def crops_of(run: Path) -> Iterator[None]:
    """Deletes the crops of a training that ended with nothing: its name is free again."""
    try:
        yield
    except BaseException:
        if not any((run / name).exists() for name in ("checkpoint/state.json", "model.keras")):
            shutil.rmtree(run / CROPS, ignore_errors=True)
            with suppress(OSError):
                run.rmdir()
        raise


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
    directory, crops = Path(settings.data), run / CROPS
    if settings.crop == "frame":
        return directory, []
    if not resume:
        files = list_files(directory, labels)
        shutil.rmtree(crops, ignore_errors=True)
        if not are_photographs(files):
            return directory, []
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
    return (crops, []) if crops.is_dir() else (directory, [])
