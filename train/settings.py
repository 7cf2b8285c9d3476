"""What a run depends on besides its images."""

import json
from dataclasses import dataclass
from pathlib import Path

from data.errors import DatasetError

SIZE = 150
EPOCHS = 40
BATCH_SIZE = 10  # as in the exercise
STOP_AT = 0.999


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run depends on besides its images.

    Attributes:
        data: The folder of images.
        size: Width and height of the model's input, in pixels.
        epochs: The last epoch, if the accuracy is not reached before.
        batch_size: Images a batch.
        stop_at: The accuracy that ends the training, from 0 to 1.
        watch: "accuracy" on training images or "val_accuracy" on validation images.
        augment: Whether training images are varied.
        seed: Of weights, order and variation.
    """

    data: str
    size: int = SIZE
    epochs: int = EPOCHS
    batch_size: int = BATCH_SIZE
    stop_at: float = STOP_AT
    watch: str = "accuracy"
    augment: bool = False
    seed: int = 0


def read_settings(config_path: Path) -> Settings:
    """The settings in a `config.json`.

    Raises:
        DatasetError: There is none, or it is not one of ours.
    """
    try:
        return Settings(**json.loads(config_path.read_text())["settings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"no settings at {config_path}: train anew without --resume") from error
