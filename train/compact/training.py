"""The training of the compact network from new weights, on a dataset's labels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import ANSWERS, CLASSES, LABELS, Dataset, Part
from edge.wording import counted
from train.checkpoint import Checkpoint
from train.compact.fit import BATCH_SIZE, Recipe, build, fit_compact
from train.compact.network import INPUT
from train.compact.shares import shares_of, voted
from train.compact.targets import one_hot
from train.evaluation import evaluate
from train.progress import TrainingProgress
from train.training import Trained, Training

LARGE = 5000  # images; a smaller set gets smaller batches, to take enough steps an epoch


class CompactTraining(Training):
    """Trains on all labels that the dataset has, for a fixed schedule."""

    spec = INPUT
    labels = LABELS
    keeps_last = True

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains on what the images show; see `Training.fit`.

        With neutral images among them the network learns three answers, else two.
        """
        recipe, train = self.recipe(dataset), dataset.train
        three = "neutral" in train.labels
        shown = shares_of(train.votes, train.labels) if three else one_hot(train.labels)
        told = shown.any(axis=1)  # voters could not tell the others
        head = "logits" if three else "p_sad"
        trained = fit_compact(
            train.pixels[told],
            shown[told],
            recipe,
            heads=(head, "voted" if three else "expression"),
            validation=held_out(dataset.validation, head),
            model=checkpoint.load() if resume else None,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
            joined=self.joined,
        )
        return Trained(deployable(trained, recipe, head), self.ended)

    def evaluate(self, model: keras.Model, dataset: Dataset) -> dict[str, Any]:
        """The figures; those of three answers on faces that voters agree on, if there are votes."""
        if model.output_shape[-1] > 1:
            held = dataset.validation.clear(), dataset.test.clear()
            dataset = replace(dataset, validation=held[0], test=held[1])
        return {**evaluate(model, dataset), "before": None}

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
    """Validation images of the answers of a head, with what it should say.

    None where there are no happy or no sad ones among them.
    """
    faces = validation.of(*(ANSWERS if head == "logits" else CLASSES))
    if not set(CLASSES) <= set(faces.labels.tolist()):
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
