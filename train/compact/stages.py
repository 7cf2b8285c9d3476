"""Trainings one after the other, each made once: what is there is not trained again."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from edge.machine.output_file import replacing
from train.checkpoint import Checkpoint
from train.compact.fit import Recipe, build, compile_compact, fit_compact
from train.compact.views import said_of_views
from train.compact.voted_faces import VotedFaces
from train.progress import TrainingProgress

HEADS = ("logits", "voted")


@dataclass(frozen=True, slots=True)
class Stages:
    """Trainings on the same faces whose results lie in a folder: each is made once.

    Attributes:
        folder: Where they lie.
        faces: What they are trained on.
    """

    folder: Path
    faces: VotedFaces

    def trained(
        self,
        name: str,
        shares: np.ndarray,
        recipe: Recipe,
        begin: Callable[[keras.Model], None] | None = None,
    ) -> keras.Model:
        """The model of a stage, trained if it is not there yet.

        Args:
            name: Of the stage.
            shares: float32 (n, 8): what it is asked.
            recipe: Its network and schedule.
            begin: Gives a new network its weights.
        """
        # Row by row: the same faces in another order (other file names) are others to this file.
        content = self.faces.pixels.tobytes() + shares.tobytes() + repr(recipe).encode()
        kept = self.folder / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.keras"
        if kept.exists():
            return keras.models.load_model(kept, compile=False)
        print(name, file=sys.stderr)  # noqa: T201
        checkpoint = Checkpoint(kept.with_suffix(""), keep_last=True)
        model = checkpoint.load() if checkpoint.exists() else new_network(recipe, self.faces)
        if begin and not checkpoint.epochs_done:
            begin(model)
        model = fit_compact(
            self.faces.pixels,
            shares,
            recipe,
            heads=HEADS,
            model=model,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
        )
        with replacing(kept) as temporary:
            model.save(temporary)
        checkpoint.remove()
        return model

    def said(self, teacher: keras.Model, views: int) -> np.ndarray:
        """What a teacher says of views of the faces, as `said_of_views` gives it."""
        content = [each.tobytes() for each in (self.faces.pixels, *teacher.get_weights())]
        digest = hashlib.sha256(b"".join(content)).hexdigest()[:12]
        kept = self.folder / f"said-{views}-{digest}.npy"
        if not kept.exists():
            print("what the teacher says", file=sys.stderr)  # noqa: T201
            said = said_of_views(teacher, self.faces.pixels, self.faces.shares, views)
            with replacing(kept) as temporary:
                np.save(temporary, said)
        return np.load(kept)


def new_network(
    recipe: Recipe, faces: VotedFaces, weights: list[np.ndarray] | None = None
) -> keras.Model:
    """A compiled network, new or with these weights."""
    keras.utils.set_random_seed(recipe.seed)
    model = build(recipe, HEADS)
    compile_compact(model, recipe, max(len(faces.pixels) // recipe.batch_size, 1))
    if weights:
        model.set_weights(weights)
    return model
