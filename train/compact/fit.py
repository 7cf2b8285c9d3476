"""The training of a compact network: schedule, weight averaging, mixup, variation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from data.votes import EXPRESSIONS as VOTED
from edge.labels import LOGITS
from train.compact.batches import ExpressionBatches
from train.compact.network import BLOCKS, CHANNELS, build_compact
from train.compact.shares import answers_of
from train.compact.targets import EXPRESSIONS, p_sad, p_sad_weights
from train.hosts.fit import fit_of
from train.hosts.joined import Joined

BATCH_SIZE = 64
AVERAGED_EPOCHS = 3  # how far back the averaged weights look
VALIDATION = "val_accuracy"
OUTPUTS = {
    "expression": (len(EXPRESSIONS), "softmax"),
    "p_sad": (1, "sigmoid"),
    "logits": (len(LOGITS), "linear"),
    "voted": (len(VOTED), "softmax"),
}
LOSSES = {
    "expression": "categorical_crossentropy",
    "p_sad": "binary_crossentropy",
    "logits": keras.losses.CategoricalCrossentropy(from_logits=True),
    "voted": "categorical_crossentropy",
}
# The eight expressions help the four answers to their features, and are not what counts.
LOSS_WEIGHTS = {"voted": 0.5}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Network and schedule.

    Attributes:
        epochs: How often every image is shown.
        batch_size: Images a batch.
        learning_rate: The highest; it rises to it in the first twentieth of the training, then
            falls to near 0 along a cosine (Loshchilov & Hutter 2017).
        weight_decay: AdamW's (Loshchilov & Hutter 2019).
        channels: As for `build_compact`.
        blocks: Residual blocks of each stage.
        dropout: Share of the pooled features that training hides.
        averaged: Whether the weights at the end are averages over the last epochs.
        seed: Seed of weights, order and variation.
    """

    epochs: int
    batch_size: int = BATCH_SIZE
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    channels: tuple[int, ...] = CHANNELS
    blocks: tuple[int, ...] = BLOCKS
    dropout: float = 0.2
    averaged: bool = True
    seed: int = 0


class Figures(keras.callbacks.Callback):
    """Gives the figures of the sigmoid the names that a one-output model has."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Renames in place: the callbacks after this one get the same dictionary."""
        logs = {} if logs is None else logs
        for name in [name for name in logs if name.endswith("_accuracy") and name != VALIDATION]:
            logs[VALIDATION if name.startswith("val_") else "accuracy"] = logs.pop(name)


@keras.saving.register_keras_serializable(package="happysad")
def accuracy(target: keras.KerasTensor, answer: keras.KerasTensor) -> keras.KerasTensor:
    """Whether each answer is right: the likeliest label, or in the middle where that is asked."""
    if target.shape[-1] == 1:
        target, answer = target[:, 0], answer[:, 0]
        agree = ops.where(
            ops.abs(target - 0.5) < 0.1,
            ops.abs(answer - 0.5) < 0.25,
            ops.equal(target > 0.5, answer > 0.5),
        )
    else:
        agree = ops.equal(ops.argmax(target, axis=-1), ops.argmax(answer, axis=-1))
    return ops.cast(agree, "float32")


def fit_compact(
    pixels: np.ndarray,
    shares: np.ndarray,
    recipe: Recipe,
    *,
    heads: Sequence[str] = ("expression", "p_sad"),
    said: np.ndarray | None = None,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    model: keras.Model | None = None,
    first_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    joined: Joined | None = None,
) -> keras.Model:
    """Trains a compact network.

    Args:
        pixels: uint8 (n, height, width, 1): training faces.
        shares: float32 (n, 7): of each of EXPRESSIONS; labels as `one_hot`, or softer ones. For
            the heads "logits" and "voted" float32 (n, 8), as from `shares_of`.
        recipe: Network and schedule.
        heads: What the network answers: "expression" (softmax) and "p_sad" (sigmoid), or
            "logits" (of LOGITS) and "voted" (softmax); or one of these.
        said: float32 (views, n, 4): what the head "logits" is asked of each view of a face, if not
            its shares; then these views are shown.
        validation: Pixels and shares of faces that are measured every epoch and never trained on.
        model: One to go on with, compiled; a new one if left out.
        first_epoch: Epochs that `model` has behind it.
        callbacks: Called after every epoch with "accuracy", "loss" and, with validation faces,
            "val_accuracy" and "val_loss", these measured with the averaged weights, if there are
            such.
        joined: The hosts that train together, if there are several.

    Returns:
        The model, whose outputs are a dictionary with the heads.
    """
    keras.utils.set_random_seed(recipe.seed)
    steps = max(len(pixels) // recipe.batch_size, 1)
    if model is None:
        model = build(recipe, heads)
        compile_compact(model, recipe, steps)
    targets, weights = _asked(shares, heads)
    if said is not None:
        targets = {**targets, "logits": said}
    held_out = None
    if validation is not None:
        held_out = (validation[0].astype(np.float32), *_asked(validation[1], heads))
    batches = ExpressionBatches(
        pixels,
        targets,
        weights,
        batch_size=min(recipe.batch_size, len(pixels)),
        seed=recipe.seed,
        epoch=first_epoch,
    )
    average = [keras.callbacks.SwapEMAWeights()] if recipe.averaged else []
    if first_epoch < recipe.epochs:
        fit_of(model, joined)(
            batches,
            validation_data=held_out,
            validation_batch_size=256,
            epochs=recipe.epochs,
            initial_epoch=first_epoch,
            callbacks=[*average, Figures(), *callbacks],
            verbose=0,
        )
    elif recipe.averaged:  # interrupted after the last epoch, before Keras took the averages
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def build(recipe: Recipe, heads: Sequence[str]) -> keras.Model:
    """A new network with some of OUTPUTS; not compiled."""
    return build_compact(
        {name: OUTPUTS[name] for name in heads},
        channels=recipe.channels,
        blocks=recipe.blocks,
        dropout=recipe.dropout,
    )


def compile_compact(model: keras.Model, recipe: Recipe, steps: int) -> None:
    """Gives a network optimizer, schedule and losses.

    Args:
        model: From `build`.
        recipe: Its schedule.
        steps: Batches an epoch.
    """
    heads = list(model.output)
    measured = next((name for name in ("p_sad", "logits") if name in heads), heads[0])
    total = steps * recipe.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 200,
        total - total // 20,
        alpha=1 / 200,
        warmup_target=recipe.learning_rate,
        warmup_steps=total // 20,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(
            rate,
            weight_decay=recipe.weight_decay,
            use_ema=recipe.averaged,
            ema_momentum=1 - 1 / (1 + AVERAGED_EPOCHS * steps),
        ),
        loss={name: LOSSES[name] for name in heads},
        loss_weights={name: LOSS_WEIGHTS.get(name, 1.0) for name in heads},
        weighted_metrics={measured: [accuracy]},
    )


def _asked(
    shares: np.ndarray, heads: Sequence[str]
) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
    """Targets and weights of each head."""
    targets = {
        "expression": lambda: shares,
        "p_sad": lambda: p_sad(shares),
        "logits": lambda: answers_of(shares),
        "voted": lambda: shares,
    }
    alike = np.ones(len(shares), np.float32)
    weights = {name: p_sad_weights(shares) if name == "p_sad" else alike for name in heads}
    return {name: targets[name]() for name in heads}, weights
