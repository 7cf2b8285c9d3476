"""One run: from a folder of images to `runs/<name>/`."""

import math
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from data import ANSWERS, CLASSES, Dataset, load_dataset
from data.progress import progress_bar
from edge.errors import one_line
from train.checkpoint import Checkpoint
from train.compact.distillation import FacesTraining
from train.compact.fine_tuning import FineTuning
from train.compact.training import CompactTraining
from train.exercise.training import ExerciseTraining
from train.hosts.joined import HostError, Joined
from train.hosts.start import check_alike, receive_start, send_start
from train.interruption import between_batches
from train.photographs import crops_of, training_pictures
from train.run_folder import check_same_images, describe_run, write_json, write_run
from train.runs import claimed
from train.settings import FACES, ModelName, Settings
from train.summary import MIN_IMAGES, few_images
from train.training import Training

TRAININGS: dict[ModelName, type[Training]] = {
    "exercise": ExerciseTraining,
    "compact": CompactTraining,
    **dict.fromkeys(FACES, FacesTraining),
}


def train_run(
    run: Path, settings: Settings, *, resume: bool = False, joined: Joined | None = None
) -> dict[str, Any]:
    """Trains and writes the run folder.

    Written are `model.keras`, `metrics.json`, `config.json`, `images.csv`, the page `report.html`
    and the pictures `curves.png`, `confusion.png`, `samples.png` and, if there are mistakes,
    `mistakes.png`.

    Args:
        run: The folder.
        settings: What to train on and how.
        resume: Go on with the interrupted training in the folder.
        joined: The hosts that train together, of which this one is the chief.

    Returns:
        What `metrics.json` holds; "stopped_by" says why the training ended.

    Raises:
        DatasetError: The images cannot be trained on, or are not those of the run to resume.
        RunError: There is nothing to resume, no model to start from, or another process trains it.
        OutputError: The folder cannot be written.
        HostError: Another host is gone.
        KeyboardInterrupt: Before the first epoch had ended; for a compact network at any time,
            and what it had reached within the last half minute is on disk to go on from.
    """
    with claimed(run), crops_of(run):
        metrics = _train(run, settings, resume=resume, joined=joined)
    if joined and not metrics["stopped_by"].startswith("interrupted"):  # else they are gone
        joined.part()  # the run is written, also where somebody is gone since
        joined.part()
    return metrics


def _train(run: Path, settings: Settings, *, resume: bool, joined: Joined | None) -> dict[str, Any]:
    training = (FineTuning if settings.init else TRAININGS[settings.model])(settings)
    training.joined = joined
    if joined:
        send_start(joined, settings, run / "checkpoint" if resume else None)
    directory, notes = training_pictures(run, settings, training.labels, resume=resume)
    dataset = _read_images(training, directory, notes)
    training.settings = training.complete_settings(dataset)
    checkpoint = Checkpoint(run / "checkpoint", keep_last=training.keeps_last)
    crops = directory.name if directory.parent == run else None
    config = describe_run(
        training.settings,
        dataset,
        training.recipes(dataset),
        crops,
        stretched=training.spec.stretched,
    )
    if resume:
        check_same_images(checkpoint, dataset)
    else:
        checkpoint.remove()
        write_json(checkpoint.config_path, config)
    try:
        if joined:
            check_alike(joined, dataset.fingerprint)
        with between_batches():
            trained = training.fit(run, dataset, checkpoint, resume=resume)
    except BaseException as error:
        if isinstance(error, HostError) and checkpoint.model:
            checkpoint.save()  # the last whole step has left it as it was
        if not checkpoint.exists():  # nothing to go on from: do not leave the name taken
            checkpoint.remove()
        raise
    metrics = {
        "stopped_by": trained.stopped_by,
        "epochs": checkpoint.epochs_done,
        "kept_epoch": checkpoint.best_epoch,
        **training.evaluate(trained.model, dataset),
        **trained.details,
        "data": {**dataset.summary(), "notes": training.notes(dataset, checkpoint)},
        "history": checkpoint.history,
    }
    write_run(run, trained.model, dataset, config, metrics)
    if not trained.stopped_by.startswith("interrupted"):
        checkpoint.remove()
    return metrics


def help_run(joined: Joined, data: Path | None) -> keras.Model:
    """Computes this host's share of a training whose run the chief writes; writes nothing itself.

    Args:
        joined: The hosts, of which this one is not the chief.
        data: Where the images are here; None for the same folder as on the chief.

    Returns:
        What has been trained, the same as on the chief.

    Raises:
        DatasetError: The images cannot be read, or are not the chief's.
        HostError: Another host is gone.
        KeyboardInterrupt: The training was interrupted here.
    """
    with tempfile.TemporaryDirectory(prefix="happysad-") as folder:
        run = Path(folder) / "run"
        settings, resume = receive_start(joined, run / "checkpoint")
        training = TRAININGS[settings.model](replace(settings, data=str(data or settings.data)))
        training.joined = joined
        pictures = training_pictures(run, training.settings, training.labels, resume=False)
        dataset = _read_images(training, *pictures)
        training.settings = training.complete_settings(dataset)
        check_alike(joined, dataset.fingerprint)
        checkpoint = Checkpoint(
            run / "checkpoint", keep_last=training.keeps_last, save_every_s=math.inf
        )
        with between_batches():
            trained = training.fit(run, dataset, checkpoint, resume=resume)
    if trained.stopped_by.startswith("interrupted"):
        raise KeyboardInterrupt
    joined.from_chief()
    joined.part()
    return trained.model


def _read_images(training: Training, directory: Path, notes: list[str]) -> Dataset:
    """The images; stderr gets what was skipped, how many there are, and whether they are few."""
    dataset = load_dataset(
        directory,
        training.spec,
        progress_bar=progress_bar,
        labels=training.labels,
        fill_parts=not training.settings.keeps_parts,
    )
    dataset = replace(dataset, notes=[*notes, *dataset.notes])
    for path, reason in dataset.unreadable:
        print(f"skipped: {one_line(path)}: {one_line(reason)}", file=sys.stderr)  # noqa: T201
    counts = dataset.images
    shown = [label for label in ANSWERS if counts["train"][label]]
    parts = (f"{part} {' and '.join(f'{n[x]} {x}' for x in shown)}" for part, n in counts.items())
    print(f"images: {', '.join(parts)}", file=sys.stderr)  # noqa: T201
    few, label = min((counts["train"][label], label) for label in CLASSES)
    if few < MIN_IMAGES:
        print(f"warning: {few_images(few, label)}", file=sys.stderr)  # noqa: T201
    return dataset
