"""What a run depends on besides its images."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.errors import RunError

ModelName = Literal["exercise", "compact", "faces-small", "faces", "faces-large"]
FACES: tuple[ModelName, ...] = ("faces-small", "faces", "faces-large")
Crop = Literal["frame", "face"]
Watched = Literal["accuracy", "val_accuracy"]

SIZE = 150
EPOCHS = 40
COMPACT_EPOCHS = 50
FINE_TUNING_EPOCHS = 20
BATCH_SIZE = 10  # as in the exercise
# FER2013's 12,045 happy and sad training images at 48x48, twelve epochs, three seeds: the best
# validation accuracy is 86.0 % with 64 images a batch, 85.9 with 10, 85.2 with 128.
LARGE, LARGE_BATCH_SIZE = 2000, 64
STOP_AT = 0.999
# What belongs to the exercise's network; the compact one's schedule is a whole.
EXERCISE_ONLY = ("stop_at", "watch", "batch_size", "size", "augment")


def usual_batch_size(images: int) -> int:
    """Images a batch where the user names no number, for so many images to train on."""
    return BATCH_SIZE if images < LARGE else LARGE_BATCH_SIZE


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run depends on besides its images.

    Attributes:
        data: The folder of images.
        model: "exercise", the network as the course specifies it; "compact"; or one
            of FACES, the compact one trained as the shipped model was, in its size or another.
        init: For the compact network: the Keras model to start from; None for new weights.
        crop: What of a picture the device shows the model: "frame", all of it, or "face".
        size: Width and height of the model's input, in pixels.
        epochs: The last epoch, if the accuracy is not reached before.
        batch_size: Images a batch of the exercise's network; None for the usual number.
        stop_at: The accuracy that ends the training, from 0 to 1; the compact network's
            schedule is not cut short.
        watch: "accuracy" on training images or "val_accuracy" on validation images.
        augment: Whether training images are varied; those of the compact network always are.
        seed: Seed of weights, order and variation.
        keep_anyway: Keep the fine-tuned weights even if they are no better on validation images.
        keeps_parts: Leave a part that the folders lack (a test, say) empty, instead of taking
            it out of the training images.
    """

    data: str
    model: ModelName = "exercise"
    init: str | None = None
    crop: Crop = "frame"
    size: int = SIZE
    epochs: int = EPOCHS
    batch_size: int | None = None
    stop_at: float = STOP_AT
    watch: Watched = "accuracy"
    augment: bool = False
    seed: int = 0
    keep_anyway: bool = False
    keeps_parts: bool = False


def default_epochs(model: ModelName, init: str | None) -> int:
    """The last epoch where the user names none."""
    if init:
        return FINE_TUNING_EPOCHS
    return EPOCHS if model == "exercise" else COMPACT_EPOCHS


def default_crop(model: ModelName, init: str | None) -> Crop:
    """What the device shows the model: a face for the shipped one, else as the start was shown."""
    if model in FACES or init == "faces":
        return "face"
    config_path = Path(init or "") / "config.json"
    return read_settings(config_path).crop if init and config_path.is_file() else "frame"


def read_settings(config_path: Path) -> Settings:
    """The settings in a `config.json`.

    Raises:
        RunError: There is none, or it is not one of ours.
    """
    try:
        settings = json.loads(config_path.read_text())["settings"]
        if settings["model"] == "specified":  # as the exercise's network was called before
            settings["model"] = "exercise"
        return Settings(**settings)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"no settings at {config_path}: train anew without --resume") from error
