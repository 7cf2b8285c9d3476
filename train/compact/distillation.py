"""The shipped model's training: teachers by cross-validation, soft labels, one small student.

Three larger networks are trained, each on two thirds of the faces, on all seven expressions. What
they say of the third that they have not seen shows which labels are doubtful; what they say
together is what the small network learns (distillation, Hinton et al. 2015).
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from data import Dataset, DatasetError, Part
from edge.machine.output_file import replacing
from train.checkpoint import Checkpoint
from train.compact.fit import Recipe, fit_compact
from train.compact.targets import EXPRESSIONS, one_hot
from train.compact.training import CompactTraining, deployable, held_out
from train.evaluation import calibrate
from train.progress import TrainingProgress
from train.settings import COMPACT_EPOCHS
from train.training import Trained

FOLDS = 3
TEACHER = Recipe(epochs=20, channels=(24, 48, 96, 144), dropout=0.3)
STUDENT = Recipe(epochs=COMPACT_EPOCHS)
LABEL_SHARE = 0.3  # of a soft label; the rest is what the teachers say
DOUBT, CERTAINTY = 0.05, 0.6  # a label given less, while another is given more, is a suspect


@dataclass(frozen=True, slots=True, eq=False)
class SoftLabels:
    """What the student learns.

    Attributes:
        shares: float32 (n, 7): of each of EXPRESSIONS.
        suspects: bool (n,): faces whose label the teachers do not believe.
    """

    shares: np.ndarray
    suspects: np.ndarray


class FacesTraining(CompactTraining):
    """Trains the shipped model; goes on with whatever teachers and student are there."""

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains the teachers, then the student, and calibrates it; see `Training.fit`."""
        if held_out(dataset.validation) is None:
            raise DatasetError(
                f"{self.settings.data} lacks happy or sad validation images to calibrate on"
            )
        soft = train_teachers(run, dataset.train)
        doubted = int(soft.suspects.sum())
        print(f"student; {doubted} doubtful labels left to the teachers", file=sys.stderr)  # noqa: T201
        recipe = self.recipe(dataset)
        trained = fit_compact(
            dataset.train.pixels,
            soft.shares,
            recipe,
            validation=held_out(dataset.validation),
            model=checkpoint.load() if checkpoint.exists() else None,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
        )
        model = deployable(trained, recipe)
        details = {"doubtful_labels": doubted, "calibration": calibrate(model, dataset)}
        return Trained(model, self.ended, details)

    def recipe(self, dataset: Dataset) -> Recipe:
        """The student's network and schedule."""
        return replace(STUDENT, epochs=self.settings.epochs, seed=self.settings.seed)

    def recipes(self, dataset: Dataset) -> list[Recipe]:
        """The teachers' and the student's."""
        return [TEACHER, self.recipe(dataset)]


def train_teachers(run: Path, faces: Part) -> SoftLabels:
    """Trains the teachers that are not there yet; returns the faces' soft labels.

    Args:
        run: The run's folder; `teachers` in it holds what each of them says, and the state of
            the one that is being trained.
        faces: Training faces of all seven expressions.

    Raises:
        DatasetError: An expression has no face to train on.
    """
    if missing := sorted(set(EXPRESSIONS) - set(faces.labels)):
        raise DatasetError(
            f"no training images of {', '.join(missing)}: the shipped model is trained on seven "
            "expressions; import them with 'python -m data import-fer2013'"
        )
    folds = fold_numbers(faces.pixels)
    answers = np.stack([_teacher_answers(run, faces, folds, fold) for fold in range(FOLDS)])
    return soften(one_hot(faces.labels), answers, folds)


def fold_numbers(pixels: np.ndarray) -> np.ndarray:
    """The fold of each face, by a hash of its pixels: copies are in the same; int64 (n,)."""
    digests = (hashlib.sha256(face.tobytes()).hexdigest() for face in pixels)
    return np.array([int(digest[:8], 16) % FOLDS for digest in digests])


def soften(labels: np.ndarray, answers: np.ndarray, folds: np.ndarray) -> SoftLabels:
    """Blends labels with what the teachers say of them.

    Args:
        labels: float32 (n, 7), one 1 a row.
        answers: float32 (folds, n, 7): what each teacher says of each face.
        folds: int64 (n,): the one teacher that has not seen the face.
    """
    unseen = answers[folds, np.arange(len(labels))]
    believed = (unseen * labels).sum(axis=1)
    suspects = (believed < DOUBT) & (unseen.max(axis=1) > CERTAINTY)
    together = (unseen + answers.mean(axis=0)) / 2
    shares = LABEL_SHARE * labels + (1 - LABEL_SHARE) * together
    # The teachers that have seen a wrong label may have learned it: the one that has not decides.
    shares[suspects] = unseen[suspects]
    return SoftLabels(shares.astype(np.float32), suspects)


def _teacher_answers(run: Path, faces: Part, folds: np.ndarray, fold: int) -> np.ndarray:
    """What the teacher that has not seen a fold says of all training faces: float32 (n, 7)."""
    recipe = replace(TEACHER, seed=fold)
    # Row by row: the same faces in another order (other file names) are others to this file.
    rows = faces.pixels.tobytes() + one_hot(faces.labels).argmax(axis=1).tobytes()
    identity = hashlib.sha256(rows + repr(recipe).encode()).hexdigest()[:12]
    kept = run / "teachers" / f"{identity}-{fold}.npy"
    if kept.exists():
        return np.load(kept)
    print(f"teacher {fold + 1} of {FOLDS}", file=sys.stderr)  # noqa: T201
    checkpoint = Checkpoint(kept.with_suffix(""), keep_last=True)
    seen = folds != fold
    model = fit_compact(
        faces.pixels[seen],
        one_hot(faces.labels[seen]),
        recipe,
        heads=("expression",),
        model=checkpoint.load() if checkpoint.exists() else None,
        first_epoch=checkpoint.epochs_done,
        callbacks=[checkpoint, TrainingProgress()],
    )
    answers = _answers(model, faces.pixels)
    with replacing(kept) as temporary, temporary.open("wb") as file:
        np.save(file, answers)
    checkpoint.remove()
    return answers


def _answers(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """Means over each face and its mirror image: float32 (n, 7)."""
    both = [
        model.predict(images.astype(np.float32), batch_size=256, verbose=0)["expression"]
        for images in (pixels, pixels[:, :, ::-1])
    ]
    return np.mean(both, axis=0)
