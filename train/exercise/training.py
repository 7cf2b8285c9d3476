"""The training of the exercise's network."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from data import ANSWERS, CLASSES, Dataset, DatasetError, Part
from data.progress import erase_line
from edge.images.preprocess import InputSpec
from edge.wording import counted
from train.checkpoint import Checkpoint
from train.exercise.callback import myCallback
from train.exercise.fit import train_happy_sad_model
from train.exercise.generator import ImageBatches
from train.progress import TrainingProgress
from train.settings import Settings, usual_batch_size
from train.training import Trained, Training


class ExerciseTraining(Training):
    """Trains on happy and sad images until an accuracy is reached; keeps the best epoch."""

    labels = ANSWERS  # neutral images show whether the answers to them are unsure
    keeps_last = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.spec = InputSpec(settings.size, settings.size, 3)

    def complete_settings(self, dataset: Dataset) -> Settings:
        """The settings, with a batch size."""
        usual = usual_batch_size(len(dataset.train.of(*CLASSES).paths))
        return replace(self.settings, batch_size=self.settings.batch_size or usual)

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains until `myCallback` or the limit of epochs ends it; see `Training.fit`."""
        settings = self.settings
        validation = dataset.validation.of(*CLASSES)
        if settings.watch == "val_accuracy" and not validation.paths:
            raise DatasetError(
                f"{settings.data} has no validation images to watch: see 'data check'"
            )
        stop = myCallback(settings.stop_at, settings.watch)
        try:
            history = train_happy_sad_model(
                self._batches(dataset.train, augment=settings.augment),
                self._batches(validation, shuffle=False) if validation.paths else None,
                model=checkpoint.load() if resume else None,
                epochs=settings.epochs,
                first_epoch=checkpoint.epochs_done,
                callbacks=[stop, checkpoint, TrainingProgress()],
                seed=settings.seed,
                joined=self.joined,
            )
        except KeyboardInterrupt:
            if not checkpoint.best_epoch:
                checkpoint.remove()
                raise
            erase_line()
            print("interrupted: keeping the best weights so far", file=sys.stderr)  # noqa: T201
            checkpoint.save()
            return self._best(
                checkpoint.model, checkpoint, f"interrupted after epoch {checkpoint.epochs_done}"
            )
        ended = f"the limit of {counted(settings.epochs, 'epoch')}"
        if stop.reached_at:
            images = "training" if settings.watch == "accuracy" else "validation"
            ended = f"{images} accuracy reached {settings.stop_at:g} in epoch {stop.reached_at}"
        return self._best(history.model, checkpoint, ended)

    def _batches(self, part: Part, **options: Any) -> ImageBatches:
        size = self.settings.batch_size
        assert size  # chosen by `complete_settings`
        return ImageBatches(part, batch_size=size, seed=self.settings.seed, **options)

    @staticmethod
    def _best(model: keras.Model, checkpoint: Checkpoint, stopped_by: str) -> Trained:
        checkpoint.restore_best(model)
        return Trained(model, stopped_by)
