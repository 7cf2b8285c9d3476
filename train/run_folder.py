"""What a run leaves behind: `runs/<name>/` with the model and what is known of it."""

import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from data import ANSWERS, Dataset, write_listing
from data.errors import DatasetError
from data.new_folder import new_folder
from edge import __version__
from edge.machine.opencv import cv2
from edge.machine.output_file import replacing, write_bytes
from edge.model.contract import decision_of
from train.checkpoint import Checkpoint
from train.compact.fit import Recipe
from train.evaluation import shares
from train.photographs import are_crops
from train.plots import plot_answers, plot_history, plot_samples
from train.report.faces import answered
from train.report.page import write_report
from train.settings import Settings

STALE = (  # of an earlier run; all that the new one does not write itself
    "model*.tflite", "export*.json", "answers.png", "confusion.png", "mistakes.png",
)  # fmt: skip
StrPath = str | os.PathLike[str]


def describe_run(
    settings: Settings,
    dataset: Dataset,
    recipes: Sequence[Recipe] = (),
    crops: str | None = None,
    *,
    stretched: bool = False,
) -> dict[str, Any]:
    """What `config.json` holds: settings, data fingerprint, versions, machine.

    Of a compact network, the schedule that it has instead of the exercise's settings, too; of
    photographs, the name of the folder in the run's with the faces that were cropped out of them.
    And whether the network's input is stretched, as of `InputSpec`.
    """
    return {
        "settings": asdict(settings),
        "recipes": [asdict(recipe) for recipe in recipes],
        "data_fingerprint": dataset.fingerprint,
        "crops": crops,
        "stretched": stretched,
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


def check_same_images(checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Refuses to go on with a training on other images than it was started with.

    Raises:
        DatasetError: They have changed.
    """
    config = json.loads(checkpoint.config_path.read_text())
    if config["data_fingerprint"] != dataset.fingerprint:
        raise DatasetError(
            f"the images in {config['settings']['data']}, or the votes on them, have changed since "
            "the training was started: put them back, or train anew without --resume"
        )


def write_run(
    run: Path,
    model: keras.Model,
    dataset: Dataset,
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> None:
    """Writes `model.keras`, `metrics.json`, `config.json`, `images.csv`, pictures and the report.

    Raises:
        OutputError: The folder cannot be written.
    """
    # A run of the same name is replaced only now, and in one step: by all of it, or not at all.
    with new_folder(run) as folder:
        write_json(folder / "config.json", config)
        plot_samples(folder / "samples.png", dataset.train)
        with replacing(folder / "model.keras") as temporary:
            model.save(temporary)
        write_listing(folder / "images.csv", dataset)
        plot_history(folder / "curves.png", metrics["history"], metrics["kept_epoch"])
        held = [dataset.test, dataset.validation]
        if model.output_shape[-1] > 1:  # as they are counted: by the label that voters agree on
            held = [part.clear() for part in held]
        test, validation = (part.of(*ANSWERS) for part in held)
        shown = test if len(test.pixels) else validation
        images = answered(shown, shares(model, shown.pixels), decision_of(metrics))
        plot_answers(folder, shown.name, images, metrics["answered"][shown.name])
        write_report(folder / "report.html", run.name, config, metrics, images)
        write_json(folder / "metrics.json", metrics)
        _take_along(run, folder, config.get("crops"))


def _take_along(run: Path, folder: Path, crops: str | None) -> None:
    """What else is in the folder: the state to go on from, and files that the user put there."""
    for path in run.iterdir() if run.exists() else ():
        is_stale = any(fnmatch(path.name, name) for name in STALE)
        is_stale = is_stale or (are_crops(path.name) and path.name != crops)
        if is_stale or (folder / path.name).exists():
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, folder / path.name, symlinks=True, copy_function=_link)
        else:
            _link(path, folder / path.name)


def _link(source: StrPath, target: StrPath) -> None:
    """The same file under another name, or a copy where the file system has no such links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON that a person can read.

    Raises:
        OutputError: The file cannot be written.
    """
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode())
