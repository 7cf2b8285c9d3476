"""Fine-tuning: the compact network goes on from a trained model's weights, with a few images."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data import ANSWERS, CLASSES, Dataset, Part, RunError
from data.answers import Decision, choose, given
from data.scores import auc
from data.tally import tally
from data.three_answers import UNSURE
from edge.model.choice import SHIPPED_MODEL
from edge.model.contract import decision_of
from edge.model.file import read_model
from train.checkpoint import Checkpoint
from train.compact.fit import Recipe, compile_compact, fit_compact
from train.compact.network import INPUT, channels_of
from train.compact.shares import answers_of, voted
from train.compact.targets import one_hot
from train.compact.training import CompactTraining, deployable, held_out
from train.compact.verdict import Seen, judge
from train.evaluation import evaluate, shares
from train.progress import TrainingProgress
from train.settings import Settings
from train.training import Trained

FACES = Path(__file__).resolve().parent.parent / "faces.keras"  # the shipped model's float weights
RATE = 3e-4  # a fifth of what new weights are trained with
# Validation images of a class to choose the decision band anew on: 5 % of fewer than these are
# less than three images. With nine, the band of the shipped model shrank to a tenth.
MIN_FOR_BAND = 60


class FineTuning(CompactTraining):
    """Trains a copy of a model, and keeps the original unless the copy is better.

    Attributes:
        start: The name of the model to start from, as `open_init` takes it.
    """

    keeps_last = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.start = str(settings.init)
        open_init(self.start)  # a wrong one shows before the images are read

    def recipe(self, dataset: Dataset) -> Recipe:
        """A schedule for few images: small batches and small steps."""
        return Recipe(
            epochs=self.settings.epochs,
            batch_size=16,
            learning_rate=RATE,
            channels=channels_of(open_init(self.start)),
            averaged=False,
            seed=self.settings.seed,
        )

    def fit(self, run: Path, dataset: Dataset, checkpoint: Checkpoint, *, resume: bool) -> Trained:
        """Trains from the model's weights; judges by the validation images, see `Training.fit`."""
        train, recipe = dataset.train, self.recipe(dataset)
        if resume:
            model = checkpoint.load()
        else:
            model = _thawed(open_init(self.start))
            compile_compact(model, recipe, max(len(train.paths) // recipe.batch_size, 1))
        original = open_init(self.start)
        head = head_of(original)
        trained = fit_compact(
            train.pixels,
            asked_in_tuning(original, train),
            recipe,
            heads=(head,),
            validation=held_out(dataset.validation, head),
            model=model,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, TrainingProgress()],
        )
        checkpoint.restore_best(trained)
        tuned = deployable(trained, recipe, head)
        helped, verdict = judge(*(self._seen(m, dataset) for m in (original, tuned)))
        if helped or self.settings.keep_anyway:
            why = "" if helped else ", as --keep-anyway asks"
            verdict = f"the fine-tuned model is kept{why}: {verdict}"
            return Trained(tuned, self.ended, {"verdict": verdict})
        checkpoint.best_epoch = 0
        verdict = f"the original is kept: {verdict}\n--keep-anyway keeps the fine-tuned model"
        return Trained(original, self.ended, {"verdict": verdict})

    def _seen(self, model: keras.Model, dataset: Dataset) -> Seen | None:
        """What people get from the model on validation images; None without those of both classes.

        The original answers by its own operating point, others by the one that they will have.
        """
        part = dataset.validation
        if not set(CLASSES) <= set(part.labels):
            return None
        answers = shares(model, part.pixels)
        decision = self._kept_decision(dataset) or choose(answers, part.labels)
        happier, said = _happier(answers), given(answers, decision)
        return Seen(
            tally(answers, part.labels, decision),
            auc(happier[part.labels == "happy"], happier[part.labels == "sad"]),
            np.where(said == UNSURE, 0, np.where(said == part.labels, 1, -1))[
                np.isin(part.labels, ANSWERS)
            ],
        )

    def _kept_decision(self, dataset: Dataset) -> Decision | None:
        """The operating point to keep; None if there are images enough to choose another."""
        known = init_decision(self.start)
        count = dataset.images["validation"]
        answers = known.answers if known else CLASSES
        few = min(count.get(label, 0) for label in answers) < MIN_FOR_BAND
        return known if few else None

    def evaluate(self, model: keras.Model, dataset: Dataset) -> dict[str, Any]:
        """The figures before and after; few validation images leave the operating point as it was.

        Where there is no such point to leave and an answer has no image, none can be chosen.
        """
        before = evaluate(open_init(self.start), dataset, init_decision(self.start))
        return {**evaluate(model, dataset, self._kept_decision(dataset)), "before": before}

    def notes(self, dataset: Dataset, checkpoint: Checkpoint) -> list[str]:
        """Which images the model had seen before is not known here."""
        changed = "fine-tuned from" if checkpoint.best_epoch else "the weights are those of"
        note = (
            f"{changed} {self.start}, whose own training images are not among those counted here; "
            "the held-out ones were not used in the fine-tuning"
        )
        return [note, *dataset.notes]


def open_init(name: str) -> keras.Model:
    """The model to start from.

    Args:
        name: "faces", the shipped model, or a `model.keras` or run folder of a compact model.

    Raises:
        RunError: There is none, or it is another network.
    """
    path = init_path(name)
    try:
        model = keras.models.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        hint = "is the checkout complete?" if name == "faces" else "give faces, or a run's folder"
        raise RunError(f"no model to start from at {path}: {hint}") from error
    if model.name != "compact" or model.input_shape[1:] != (INPUT.height, INPUT.width, 1):
        raise RunError(f"{path} is not a compact network: train it with --model compact")
    return model


def init_path(name: str) -> Path:
    """Where the model to start from lies, see `open_init`."""
    path = FACES if name == "faces" else Path(name)
    return path / "model.keras" if path.is_dir() else path


def init_decision(name: str) -> Decision | None:
    """The operating point of the model to start from, if it is known."""
    if name == "faces":
        return read_model(SHIPPED_MODEL)[1].decision if SHIPPED_MODEL.exists() else None
    metrics = init_path(name).parent / "metrics.json"
    return decision_of(json.loads(metrics.read_text())) if metrics.is_file() else None


def head_of(model: keras.Model) -> str:
    """What a deployable model answers: "p_sad", or "logits" if it knows neutral faces."""
    return "p_sad" if model.output_shape[-1] == 1 else "logits"


def _happier(answers: np.ndarray) -> np.ndarray:
    """P(happy) of faces that are either happy or sad, from `shares`: float64 (n,)."""
    return answers[:, 0] if answers.shape[1] == 1 else answers[:, 0] / answers[:, :2].sum(axis=1)


def asked_in_tuning(original: keras.Model, faces: Part) -> np.ndarray:
    """What the network is asked: the labels; what no image shows stays as the original has it.

    Without that, a model that is shown happy and sad faces alone would forget the neutral ones.
    """
    if head_of(original) == "p_sad":
        return one_hot(faces.labels)
    asked, said = voted(faces.labels), shares(original, faces.pixels)
    shown = np.unique(answers_of(asked).argmax(axis=1))
    answers = np.minimum(np.arange(asked.shape[1]), said.shape[1] - 1)  # the last are all other
    asked[:, ~np.isin(answers, shown)] = 0
    asked /= asked.sum(axis=1, keepdims=True)
    kept = np.zeros_like(asked)
    kept[:, : said.shape[1]] = np.where(np.isin(np.arange(said.shape[1]), shown), 0, said)
    return (1 - kept.sum(axis=1, keepdims=True)) * asked + kept


def _thawed(model: keras.Model) -> keras.Model:
    """The model with its output named; batch normalization keeps its statistics.

    A few dozen images are too few to measure means and variances on.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return keras.Model(model.input, {head_of(model): model.output})
