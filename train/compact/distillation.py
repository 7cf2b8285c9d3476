"""The shipped model's training: a student of voters, a teacher grown from it, the student again.

The student learns what ten people saw in each face. A teacher with every channel twice begins where
the student ends and goes on. Then the student goes on too, and learns from both: the voters, and
what the teacher says of the very pictures that it is shown, and of their mirror images
(distillation, Hinton et al. 2015; see `train.compact.views`). So do the networks of other sizes: a
larger one, which begins where the teacher ended, and a smaller one with new weights.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import Dataset
from data.answers import both_sides
from edge.labels import LOGITS
from train.checkpoint import Checkpoint
from train.compact.fit import Recipe, fit_compact
from train.compact.growth import grow
from train.compact.network import channels_of
from train.compact.scaling import build_in, calibration_error, fit_scaling
from train.compact.shares import answers_of
from train.compact.stages import HEADS, Stages, new_network
from train.compact.training import CompactTraining, deployable
from train.compact.voted_faces import VotedFaces, voted_faces
from train.evaluation import outputs
from train.progress import TrainingProgress
from train.runs import TEACHERS
from train.settings import ModelName
from train.training import Trained

TEACHER = Recipe(
    epochs=8, batch_size=128, learning_rate=1.2e-3, channels=(32, 48, 128, 192), dropout=0.3
)
# What the teacher teaches, by the names of the models: a quarter of the work, the student, four
# times the work.
TAUGHT: dict[ModelName, Recipe] = {
    "faces-small": Recipe(
        epochs=60, learning_rate=2e-3, weight_decay=0.02, channels=(8, 12, 32, 48), dropout=0.1
    ),
    "faces": Recipe(epochs=30, learning_rate=1e-3),
    "faces-large": replace(TEACHER, batch_size=64, learning_rate=1e-3, dropout=0.2),
}
VIEWS = 6  # of each face, which are shown in turn then
VOTES_SHARE = 0.3  # of what is asked then; the rest is what the teacher says
# How often a camera meets happy, sad, neutral and all other faces, as far as calibration goes.
FREQUENT = np.array([1, 1, 1, 0.3])


class FacesTraining(CompactTraining):
    """Trains the shipped model, or one of another size.

    Student and teacher are the same for all of them: what is there of these is gone on with.
    """

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains student, teacher, and whom it teaches, and calibrates that; see `Training.fit`."""
        faces, held_out = (voted_faces(part) for part in (dataset.train, dataset.validation))
        first, teacher, taught = self.recipes(dataset)
        stages = Stages(run.parent / TEACHERS, faces)
        student = stages.trained("student", faces.shares, first)
        grown = stages.trained("teacher", faces.shares, teacher, lambda new: grow(student, new, 0))
        said = stages.said(grown, VIEWS)
        print(f"{self.settings.model}, taught", file=sys.stderr)  # noqa: T201
        known = {channels_of(network): network.get_weights() for network in (student, grown)}
        begun = checkpoint.load() if checkpoint.exists() else None
        trained = fit_compact(
            faces.pixels,
            faces.shares,
            taught,
            heads=HEADS,
            said=VOTES_SHARE * answers_of(faces.shares) + (1 - VOTES_SHARE) * said,
            validation=(held_out.pixels, held_out.shares),
            model=begun or new_network(taught, faces, known.get(taught.channels)),
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
        )
        model = deployable(trained, taught, "logits")
        details = {
            "left_out_by_votes": {"train": faces.left_out, "validation": held_out.left_out},
            "doubtful_labels": faces.doubtful,
            "calibration": calibrate(model, held_out),
        }
        return Trained(model, f"{self.ended}, and {taught.epochs} with a teacher", details)

    def recipes(self, dataset: Dataset) -> list[Recipe]:
        """The student's, the teacher's, and that of what the teacher teaches."""
        return [
            Recipe(epochs=self.settings.epochs, seed=self.settings.seed),
            replace(TEACHER, seed=self.settings.seed + 1),
            replace(TAUGHT[self.settings.model], seed=self.settings.seed + 2),
        ]


def calibrate(model: keras.Model, faces: VotedFaces) -> dict[str, Any]:
    """Builds the scaling that validation faces ask for into a model of logits.

    Returns:
        For `metrics.json`: scale and offsets, and the expected calibration error before and
        after. The one after is measured on halves that the scaling was not fitted on.
    """
    logits = both_sides(partial(outputs, model), faces.pixels).astype(np.float64)
    shares = answers_of(faces.shares)
    scaling = fit_scaling(logits, shares, FREQUENT)
    halves = np.arange(len(logits)) % 2 == 0
    unseen = np.zeros_like(logits)
    for half in (halves, ~halves):
        unseen[half] = fit_scaling(logits[~half], shares[~half], FREQUENT).of(logits[half])
    build_in(model, scaling)
    return {
        "method": "temperature and offsets on the votes of validation faces",
        "scale": scaling.scale,
        "offsets": dict(zip(LOGITS, scaling.offsets.tolist(), strict=True)),
        "error_before": calibration_error(logits, shares, FREQUENT),
        "error_after": calibration_error(unseen, shares, FREQUENT),
    }
