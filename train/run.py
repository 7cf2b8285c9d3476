"""One run: from a folder of images to `runs/<name>/`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import ANSWERS, CLASSES, LABELS, Dataset, Part, load_dataset
from data.errors import DatasetError
from data.progress import progress_bar
from edge.errors import one_line
from edge.images.preprocess import InputSpec
from train.checkpoint import Checkpoint
from train.compact.distillation import TEACHER, fit_faces_run, student_recipe
from train.compact.fine_tuning import fit_compact_run, init_band, open_init, recipe_for
from train.compact.fit import Recipe
from train.compact.network import INPUT
from train.evaluation import evaluate
from train.exercise.callback import myCallback
from train.exercise.fit import train_happy_sad_model
from train.exercise.generator import ImageBatches
from train.progress import Progress
from train.run_folder import check_same_images, describe_run, write_json, write_run
from train.settings import Settings, usual_batch_size

MIN_IMAGES = 10  # of a class; `data check` calls fewer a problem
# Validation images of a class to choose a fine-tuned model's band anew on: 5 % of fewer than these
# are less than three images. With nine, the band of the shipped model shrank to a tenth.
MIN_FOR_BAND = 60


def train_run(run: Path, settings: Settings, *, resume: bool = False) -> dict[str, Any]:
    """Trains and writes the run folder.

    Written are `model.keras`, `metrics.json`, `config.json`, `images.csv` and the pictures
    `curves.png`, `confusion.png`, `mistakes.png` and `samples.png`.

    Args:
        run: The folder.
        settings: What to train on and how.
        resume: Go on with the interrupted training in the folder.

    Returns:
        What `metrics.json` holds; "stopped_by" says why the training ended.

    Raises:
        DatasetError: The images cannot be trained on, or are not those of the run to resume.
        OutputError: The folder cannot be written.
        KeyboardInterrupt: Before the first epoch had ended; for a compact network at any time,
            and what it had reached within the last half minute is on disk to go on from.
    """
    if settings.init:
        open_init(settings.init)  # a wrong one shows before the images are read
    dataset = open_dataset(settings)
    if settings.model == "specified" and settings.batch_size is None:
        count = len(dataset.train.of(*CLASSES).pixels)
        settings = replace(settings, batch_size=usual_batch_size(count))
    checkpoint = Checkpoint(run / "checkpoint", keep_last=settings.keeps_last)
    config = describe_run(settings, dataset, _recipes(settings, dataset))
    if resume:
        check_same_images(checkpoint, dataset)
    else:
        checkpoint.remove()
        write_json(checkpoint.config_path, config)
    try:
        model, stopped_by, details = _train(run, settings, dataset, checkpoint, resume=resume)
    except BaseException:
        if not checkpoint.exists():  # nothing to go on from: do not leave the name taken
            checkpoint.remove()
        raise
    metrics = {
        "stopped_by": stopped_by,
        "epochs": checkpoint.epochs_done,
        "kept_epoch": checkpoint.best_epoch,
        **evaluate(model, dataset, _band(settings, dataset)),
        "before": _before(settings, dataset),
        **details,
        "data": {**dataset.summary(), "notes": _notes(settings, dataset, checkpoint)},
        "history": checkpoint.history,
    }
    write_run(run, model, dataset, config, metrics)
    if not stopped_by.startswith("interrupted"):
        checkpoint.remove()
    return metrics


def _train(
    run: Path, settings: Settings, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool
) -> tuple[keras.Model, str, dict[str, Any]]:
    """The model to keep, why its training ended, and what else `metrics.json` is to hold."""
    if settings.model == "faces":
        return fit_faces_run(run, dataset, settings, checkpoint)
    if settings.model == "compact":
        return *fit_compact_run(dataset, settings, checkpoint, resume=resume), {}
    model, stopped_by = _fit(checkpoint.load() if resume else None, dataset, settings, checkpoint)
    checkpoint.restore_best(model)
    return model, stopped_by, {}


def _notes(settings: Settings, dataset: Dataset, checkpoint: Checkpoint) -> list[str]:
    """What somebody who reads the scores should know; they travel in the exported file."""
    if not settings.init:
        return dataset.notes
    what = "fine-tuned from" if checkpoint.best_epoch else "unchanged, as fine-tuning did not help:"
    note = (
        f"{what} {settings.init}, whose own training images are not among those counted here; the "
        "held-out ones were not used in the fine-tuning"
    )
    return [note, *dataset.notes]


def _band(settings: Settings, dataset: Dataset) -> tuple[float, float] | None:
    """The decision band to keep: that of a fine-tuned model where too few images could choose."""
    few = min(dataset.images["validation"][label] for label in CLASSES) < MIN_FOR_BAND
    return init_band(settings.init) if settings.init and few else None


def _before(settings: Settings, dataset: Dataset) -> dict[str, Any] | None:
    """The figures of the model that fine-tuning started from."""
    if not settings.init:
        return None
    return evaluate(open_init(settings.init), dataset, init_band(settings.init))


def _recipes(settings: Settings, dataset: Dataset) -> list[Recipe]:
    """Network and schedule of a compact training; of the shipped model's, the teachers' too."""
    if settings.model == "specified":
        return []
    if settings.model == "faces":
        return [TEACHER, student_recipe(settings)]
    return [recipe_for(settings, len(dataset.train.pixels))]


def open_dataset(settings: Settings) -> Dataset:
    """Reads the images of a run; says on stderr what was skipped, and how many there are.

    Raises:
        DatasetError: The images cannot be trained on.
    """
    compact = settings.model != "specified"
    dataset = load_dataset(
        Path(settings.data),
        INPUT if compact else InputSpec(settings.size, settings.size, 3),
        progress_bar=progress_bar,
        labels=LABELS if compact else ANSWERS,
        fill_parts=not settings.keeps_parts,
    )
    for path, reason in dataset.unreadable:
        print(f"skipped: {one_line(path)}: {one_line(reason)}", file=sys.stderr)  # noqa: T201
    print(_overview(dataset), file=sys.stderr)  # noqa: T201
    return dataset


def _overview(dataset: Dataset) -> str:
    """How many images are in each part, and a warning where they are few."""
    parts = [
        f"{part.name} {np.sum(part.labels == 'happy')} happy and {np.sum(part.is_sad)} sad"
        for part in dataset.parts
    ]
    text = f"images: {', '.join(parts)}"
    few = min(dataset.images["train"][label] for label in CLASSES)
    if few < MIN_IMAGES:
        text += (
            f"\nwarning: {few} training images of one class are too few to learn from: add more, "
            "and see 'make check'"
        )
    return text


def _fit(
    model: keras.Model | None, dataset: Dataset, settings: Settings, checkpoint: Checkpoint
) -> tuple[keras.Model, str]:
    """Trains the specified network until a rule stops it; returns the model and the rule."""
    size = settings.batch_size
    assert size  # chosen by `train_run`

    def batches(part: Part, **options: Any) -> ImageBatches:
        return ImageBatches(part, batch_size=size, seed=settings.seed, **options)

    has_validation = len(dataset.validation.of(*CLASSES).pixels) > 0
    if settings.watch == "val_accuracy" and not has_validation:
        raise DatasetError(f"{settings.data} has no validation images to watch: see 'data check'")
    stop = myCallback(settings.stop_at, settings.watch)
    try:
        history = train_happy_sad_model(
            batches(dataset.train, augment=settings.augment),
            batches(dataset.validation, shuffle=False) if has_validation else None,
            model=model,
            epochs=settings.epochs,
            first_epoch=checkpoint.epochs_done,
            callbacks=[stop, checkpoint, Progress()],
            seed=settings.seed,
        )
    except KeyboardInterrupt:
        if not checkpoint.best_epoch:
            checkpoint.remove()
            raise
        print("\ninterrupted: keeping the best weights so far", file=sys.stderr)  # noqa: T201
        checkpoint.save()
        return checkpoint.model, f"interrupted after epoch {checkpoint.epochs_done}"
    if not stop.reached_at:
        return history.model, f"the limit of {settings.epochs} epochs"
    images = "training" if settings.watch == "accuracy" else "validation"
    reason = f"{images} accuracy reached {settings.stop_at:g} in epoch {stop.reached_at}"
    return history.model, reason
