"""The compact network on a dataset: trained from new weights, or fine-tuned from a model's."""

import json
from pathlib import Path

import keras
import numpy as np

from data import CLASSES, Dataset, Part
from data.errors import DatasetError
from data.scores import DEFAULT_BAND, score
from edge.model.choice import SHIPPED_MODEL
from edge.model.file import read_model
from train.checkpoint import Checkpoint
from train.compact.fit import BATCH_SIZE, Recipe, build, compile_compact, fit_compact
from train.compact.network import INPUT
from train.compact.targets import one_hot
from train.evaluation import is_better, p_happy
from train.progress import Progress
from train.settings import Settings

FACES = Path(__file__).resolve().parent.parent / "faces.keras"  # the shipped model's float weights
LARGE = 5000  # images; a smaller set gets smaller batches, to take enough steps an epoch
FINE_TUNING_RATE = 3e-4  # a fifth of what new weights are trained with


def fit_compact_run(
    dataset: Dataset, settings: Settings, checkpoint: Checkpoint, *, resume: bool
) -> tuple[keras.Model, str]:
    """Trains on a dataset's labels; returns the model to export, and why the training ended.

    A fine-tuned model is given up for the original unless it is better on the validation images.

    Raises:
        DatasetError: The model to start from cannot be used.
    """
    faces = dataset.train
    fine_tuned = open_init(settings.init) if settings.init else None
    recipe = recipe_for(settings, len(faces.pixels))
    heads = ("p_sad",) if fine_tuned else ("expression", "p_sad")
    model = checkpoint.load() if resume else None
    if fine_tuned and not model:
        model = _thawed(fine_tuned)
        compile_compact(model, recipe, max(len(faces.pixels) // recipe.batch_size, 1))
    trained = fit_compact(
        faces.pixels,
        one_hot(faces.labels),
        recipe,
        heads=heads,
        validation=held_out(dataset.validation),
        model=model,
        first_epoch=checkpoint.epochs_done,
        callbacks=[checkpoint, Progress()],
    )
    ended = f"the end of the schedule, {settings.epochs} epochs"
    if not fine_tuned:
        return deployable(trained, recipe), ended
    checkpoint.restore_best(trained)
    original, after = open_init(str(settings.init)), deployable(trained, recipe)
    validation = dataset.validation.of(*CLASSES)
    scores = [
        score(p_happy(model, validation.pixels), validation.is_sad, DEFAULT_BAND)
        for model in (original, after)
    ]
    if scores[0] and scores[1] and is_better(scores[1], scores[0]):
        return after, ended
    checkpoint.best_epoch = 0
    why = "it did not help on the validation images"
    if not scores[0]:
        why = "there are no validation images of both classes to see whether it helped"
    return original, f"{ended}; {why}: original kept"


def held_out(validation: Part) -> tuple[np.ndarray, np.ndarray] | None:
    """Happy and sad validation images with their labels; None where a class has none."""
    faces = validation.of(*CLASSES)
    if faces.is_sad.all() or not faces.is_sad.any():
        return None
    return faces.pixels, one_hot(faces.labels)


def recipe_for(settings: Settings, faces: int) -> Recipe:
    """The schedule for so many training faces: the fewer, the smaller the batches."""
    if settings.init:
        return Recipe(
            epochs=settings.epochs,
            batch_size=16,
            learning_rate=FINE_TUNING_RATE,
            averaged=False,
            seed=settings.seed,
        )
    batch_size = BATCH_SIZE if faces >= LARGE else 32
    return Recipe(epochs=settings.epochs, batch_size=batch_size, seed=settings.seed)


def deployable(trained: keras.Model, recipe: Recipe) -> keras.Model:
    """The same weights in a model with the output P(sad) alone."""
    bare = build(recipe, ("p_sad",))
    weighty = [layer for layer in trained.layers if layer.weights and layer.name != "expression"]
    for layer, source in zip((x for x in bare.layers if x.weights), weighty, strict=True):
        layer.set_weights(source.get_weights())
    return keras.Model(bare.input, bare.output["p_sad"], name="compact")


def open_init(name: str) -> keras.Model:
    """The model to start from.

    Args:
        name: "faces", the shipped model, or a `model.keras` or run folder of a compact model.

    Raises:
        DatasetError: There is none, or it is another network.
    """
    path = init_path(name)
    try:
        model = keras.models.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        hint = "is the checkout complete?" if name == "faces" else "give faces, or a run's folder"
        raise DatasetError(f"no model to start from at {path}: {hint}") from error
    if model.name != "compact" or model.input_shape[1:] != (INPUT.height, INPUT.width, 1):
        raise DatasetError(f"{path} is not a compact network: train it with --model compact")
    return model


def init_path(name: str) -> Path:
    """Where the model to start from lies, see `open_init`."""
    path = FACES if name == "faces" else Path(name)
    return path / "model.keras" if path.is_dir() else path


def init_band(name: str) -> tuple[float, float] | None:
    """The decision band of the model to start from, if it is known."""
    if name == "faces":
        return read_model(SHIPPED_MODEL)[1].band if SHIPPED_MODEL.exists() else None
    metrics = init_path(name).parent / "metrics.json"
    if not metrics.is_file():
        return None
    low, high = json.loads(metrics.read_text())["decision_band"]
    return low, high


def _thawed(model: keras.Model) -> keras.Model:
    """The model with its output named; batch normalization keeps its statistics.

    A few dozen images are too few to measure means and variances on.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return keras.Model(model.input, {"p_sad": model.output})
