"""The compact network on a dataset: trained from new weights, or fine-tuned from a model's."""

from pathlib import Path

import keras
import numpy as np

from data import Dataset, Part
from data.errors import DatasetError
from data.scores import DEFAULT_BAND, score
from train.checkpoint import Checkpoint
from train.compact_fit import Recipe, build, compile_compact, fit_compact
from train.evaluation import is_better, p_happy
from train.progress import Progress
from train.settings import Settings
from train.targets import EXPRESSIONS, labelled_faces, one_hot

FACES = Path(__file__).resolve().parent / "faces.keras"  # the shipped model's float weights
LARGE = 5000  # images; a smaller set gets smaller batches, to take enough steps an epoch
FINE_TUNING_RATE = 3e-4  # a sixth of what new weights are trained with


def fit_compact_run(
    dataset: Dataset, settings: Settings, checkpoint: Checkpoint, *, resume: bool
) -> tuple[keras.Model, str]:
    """Trains on a dataset's labels; returns the model to export, and why the training ended.

    A fine-tuned model that is no better on the validation images is given up for the original.

    Raises:
        DatasetError: The model to start from cannot be used.
        KeyboardInterrupt: The state is saved.
    """
    faces = labelled_faces(dataset.train)
    fine_tuned = open_init(settings.init) if settings.init else None
    large = len(faces.pixels) >= LARGE
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=128 if large else 16 if fine_tuned else 32,
        learning_rate=FINE_TUNING_RATE if fine_tuned else 2e-3,
        seed=settings.seed,
    )
    heads = ("p_sad",) if fine_tuned else ("expression", "p_sad")
    model = checkpoint.load() if resume else None
    if fine_tuned and not model:
        model = _thawed(fine_tuned)
        compile_compact(model, recipe, max(len(faces.pixels) // recipe.batch_size, 1))
    try:
        trained = fit_compact(
            faces.pixels,
            one_hot(faces.expression),
            recipe,
            heads=heads,
            validation=held_out(dataset.validation),
            model=model,
            first_epoch=checkpoint.epochs_done,
            callbacks=[checkpoint, Progress()],
        )
    except KeyboardInterrupt:
        if checkpoint.epochs_done:
            checkpoint.save()
        raise
    ended = f"the end of the schedule, {settings.epochs} epochs"
    if not fine_tuned:
        return deployable(trained), ended
    checkpoint.restore_best(trained)
    original, after = open_init(str(settings.init)), deployable(trained)
    validation = dataset.validation
    scores = [
        score(p_happy(model, validation.pixels), validation.is_sad, DEFAULT_BAND)
        for model in (original, after)
    ]
    if scores[0] and scores[1] and not is_better(scores[1], scores[0]):
        return original, f"{ended}; on the validation images it did not help: original kept"
    return after, ended


def held_out(validation: Part) -> tuple[np.ndarray, np.ndarray] | None:
    """Happy and sad validation images with their labels, to measure every epoch on."""
    if not len(validation.pixels):
        return None
    expression = np.where(validation.is_sad, EXPRESSIONS.index("sad"), EXPRESSIONS.index("happy"))
    return validation.pixels, one_hot(expression)


def deployable(trained: keras.Model) -> keras.Model:
    """The same weights in a model for 48x48 pixels with the output P(sad) alone."""
    bare = build(Recipe(epochs=0), ("p_sad",), fixed=True)
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
    path = FACES if name == "faces" else Path(name)
    path = path / "model.keras" if path.is_dir() else path
    try:
        model = keras.models.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        raise DatasetError(f"no model to start from at {path}: give faces, or a run") from error
    if model.name != "compact":
        raise DatasetError(f"{path} is not a compact network: train it with --model compact")
    return model


def _thawed(model: keras.Model) -> keras.Model:
    """The model with its output named; batch normalization keeps its statistics.

    A few dozen images are too few to measure means and variances on.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return keras.Model(model.input, {"p_sad": model.output})
