"""What the training of a network of any kind has: its images, its fit, its figures."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from data import Dataset
from edge.images.preprocess import InputSpec
from train.checkpoint import Checkpoint
from train.evaluation import evaluate
from train.hosts.joined import Joined
from train.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a training ends with.

    Attributes:
        model: The model to keep, from pixels to P(sad).
        stopped_by: Why the training ended, in words.
        details: What else `metrics.json` is to hold.
    """

    model: keras.Model
    stopped_by: str
    details: dict[str, Any] = field(default_factory=dict)


class Training(ABC):
    """How one kind of network is trained; `train.run` does what they have in common.

    Attributes:
        settings: Of the run.
        spec: The network's input.
        labels: The folders of images that are read.
        keeps_last: Whether the last epoch's weights are kept, as averages are; else the best's.
        joined: The hosts that train together, if there are several.
    """

    spec: InputSpec
    labels: Sequence[str]
    keeps_last: bool
    joined: Joined | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def complete_settings(self, dataset: Dataset) -> Settings:
        """The settings, with a choice where the user left open what depends on the images."""
        return self.settings

    @abstractmethod
    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains until the schedule or a rule ends it.

        Args:
            run: The run's folder.
            dataset: The images.
            checkpoint: Where the state is kept.
            resume: Whether to go on with that state.

        Raises:
            DatasetError: The images cannot be trained on in this way.
            KeyboardInterrupt: There is nothing to keep yet, or the state is on disk.
        """

    def recipes(self, dataset: Dataset) -> list[Any]:
        """Networks and schedules that the settings do not tell, dataclasses for `config.json`."""
        return []

    def evaluate(self, model: keras.Model, dataset: Dataset) -> dict[str, Any]:
        """The model's figures for `metrics.json`, and those of the one it started from, if any."""
        return {**evaluate(model, dataset), "before": None}

    def notes(self, dataset: Dataset, checkpoint: Checkpoint) -> list[str]:
        """What readers of the scores should know; it travels in the exported file."""
        return dataset.notes
