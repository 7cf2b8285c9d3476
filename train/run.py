"""One run: from a folder of images to `runs/<name>/` with the model and what is known of it."""

import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from data import CLASSES, Dataset, Part, load_dataset, write_listing
from data.errors import DatasetError
from data.scores import choose_band, score
from edge import __version__
from edge.errors import one_line
from edge.opencv import cv2
from edge.output_file import replacing, write_bytes
from edge.preprocess import InputSpec
from train.callback import myCallback
from train.checkpoint import Checkpoint
from train.fit import train_happy_sad_model
from train.generator import ImageBatches
from train.plots import plot_answers, plot_history, plot_samples
from train.progress import Progress
from train.settings import Settings

MIN_IMAGES = 10  # of a class; `data check` calls fewer a problem


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
        KeyboardInterrupt: Before the first epoch had ended.
    """
    dataset = load_dataset(Path(settings.data), InputSpec(settings.size, settings.size, 3))
    for path, reason in dataset.unreadable:
        print(f"skipped: {one_line(path)}: {one_line(reason)}", file=sys.stderr)  # noqa: T201
    print(_overview(dataset), file=sys.stderr)  # noqa: T201
    checkpoint = Checkpoint(run / "checkpoint")
    config = _config(settings, dataset)
    model = None
    if resume:
        _check_same_images(checkpoint, dataset)
        model = checkpoint.load()
    else:
        checkpoint.remove()
        _write_json(checkpoint.config_path, config)
    model, stopped_by = _fit(model, dataset, settings, checkpoint)
    checkpoint.restore_best(model)
    metrics = {
        "stopped_by": stopped_by,
        "epochs": checkpoint.epochs_done,
        "kept_epoch": checkpoint.best_epoch,
        **_evaluate(model, dataset),
        "data": dataset.summary(),
        "history": checkpoint.history,
    }
    # A run of the same name is replaced only now. Its metrics go first and the new ones come last:
    # without them the folder is not taken for a run, whatever ends this half-way.
    for stale in ("metrics.json", "model.tflite", "export.json", "answers.png"):
        (run / stale).unlink(missing_ok=True)
    _write_json(run / "config.json", config)
    plot_samples(run / "samples.png", dataset.train)
    with replacing(run / "model.keras") as temporary:
        model.save(temporary)
    write_listing(run / "images.csv", dataset)
    plot_history(run / "curves.png", checkpoint.history, checkpoint.best_epoch)
    shown = dataset.test if len(dataset.test.pixels) else dataset.validation
    plot_answers(run, shown, _p_happy(model, shown.pixels))
    _write_json(run / "metrics.json", metrics)
    if not stopped_by.startswith("interrupted"):
        checkpoint.remove()
    return metrics


def _overview(dataset: Dataset) -> str:
    """How many images are in each part, and a warning where they are few."""
    parts = [
        f"{part.name} {np.sum(~part.is_sad)} happy and {np.sum(part.is_sad)} sad"
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
    """Trains until a rule stops it; returns the model and the rule in words."""

    def batches(part: Part, **options: Any) -> ImageBatches:
        return ImageBatches(part, batch_size=settings.batch_size, seed=settings.seed, **options)

    has_validation = len(dataset.validation.pixels) > 0
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


def _evaluate(model: keras.Model, dataset: Dataset) -> dict[str, Any]:
    """The decision band, from validation images, and scores on images not trained on."""
    validation = dataset.validation
    band = choose_band(
        _p_happy(model, validation.pixels),
        validation.is_sad,
        _p_happy(model, validation.neutral),
    )
    figures: dict[str, Any] = {"decision_band": band}
    for part in (validation, dataset.test):
        scores = score(_p_happy(model, part.pixels), part.is_sad, band)
        figures[part.name] = asdict(scores) if scores else None
    return figures


def _p_happy(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    if len(pixels) == 0:
        return np.zeros(0)
    return 1.0 - model.predict(pixels, batch_size=32, verbose=0)[:, 0].astype(np.float64)


def _config(settings: Settings, dataset: Dataset) -> dict[str, Any]:
    return {
        "settings": asdict(settings),
        "data_fingerprint": dataset.fingerprint,
        "versions": {
            "happysad": __version__,
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
    }


def _check_same_images(checkpoint: Checkpoint, dataset: Dataset) -> None:
    config = json.loads(checkpoint.config_path.read_text())
    if config["data_fingerprint"] != dataset.fingerprint:
        raise DatasetError(
            f"the images in {config['settings']['data']} have changed since the training was "
            "started: put them back, or train anew without --resume"
        )


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode())
