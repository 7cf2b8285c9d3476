"""The training of the compact network from new weights, on a dataset's labels."""

from pathlib import Path

import keras
import numpy as np

from data import CLASSES, LABELS, Dataset, Part
from edge.wording import counted
from train.checkpoint import Checkpoint
from train.compact.fit import BATCH_SIZE, Recipe, build, fit_compact
from train.compact.network import INPUT
from train.compact.shares import voted
from train.compact.targets import one_hot
from train.progress import TrainingProgress
from train.training import Trained, Training

LARGE = 5000  # images; a smaller set gets smaller batches, to take enough steps an epoch


class CompactTraining(Training):
    """Trains on all labels that the dataset has, for a fixed schedule."""

    spec = INPUT
    labels = LABELS
    keeps_last = True

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains on the labels of the images; see `Training.fit`."""
        recipe = self.recipe(dataset)
        trained = fit_compact(
            dataset.train.pixels,
            one_hot(dataset.train.labels),
            recipe,
            validation=held_out(dataset.validation),
            model=checkpoint.load() if resume else None,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
        )
        return Trained(deployable(trained, recipe), self.ended)

    @property
    def ended(self) -> str:
        """Why a training ends."""
        return f"the end of the schedule, {counted(self.settings.epochs, 'epoch')}"

    def recipe(self, dataset: Dataset) -> Recipe:
        """Network and schedule: the fewer the training faces, the smaller the batches."""
        batch_size = BATCH_SIZE if len(dataset.train.paths) >= LARGE else 32
        return Recipe(epochs=self.settings.epochs, batch_size=batch_size, seed=self.settings.seed)

    def recipes(self, dataset: Dataset) -> list[Recipe]:
        """Those of all networks that are trained."""
        return [self.recipe(dataset)]


def held_out(validation: Part, head: str = "p_sad") -> tuple[np.ndarray, np.ndarray] | None:
    """Happy and sad validation images with what a head should say; None where a class has none."""
    faces = validation.of(*CLASSES)
    if faces.is_sad.all() or not faces.is_sad.any():
        return None
    return faces.pixels, voted(faces.labels) if head == "logits" else one_hot(faces.labels)


def deployable(trained: keras.Model, recipe: Recipe, head: str = "p_sad") -> keras.Model:
    """The same weights in a model with one output alone, P(sad) or the logits."""
    bare = build(recipe, (head,))
    others = set(trained.output) - {head}
    weighty = [layer for layer in trained.layers if layer.weights and layer.name not in others]
    for layer, source in zip((x for x in bare.layers if x.weights), weighty, strict=True):
        layer.set_weights(source.get_weights())
    return keras.Model(bare.input, bare.output[head], name="compact")
