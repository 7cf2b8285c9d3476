"""Six steps of a training, by hosts together or by one process with Keras's own steps.

    python -m tests.proofs.hosts.same_steps OUT [HOSTS INDEX]

OUT, a .npz file, gets the weights, and the loss of each step under "losses".
"""

import os
import sys
from pathlib import Path

import keras
import numpy as np

import train  # noqa: F401
from train.compact.batches import ExpressionBatches
from train.compact.fit import Recipe, build, compile_compact, fit_compact
from train.compact.targets import one_hot
from train.hosts.given import given_hosts
from train.hosts.joined import join

HEADS = ("expression",)
RECIPE = Recipe(epochs=6, batch_size=31, dropout=0, averaged=False)  # shares of 15 and 16
RNG = np.random.default_rng(3)
PIXELS = RNG.integers(0, 256, (RECIPE.batch_size, 48, 48, 1), np.uint8)
SHARES = one_hot(RNG.choice(["happy", "sad", "neutral"], len(PIXELS)))


def new_model() -> keras.Model:
    keras.utils.set_random_seed(RECIPE.seed)
    model = build(RECIPE, HEADS)
    compile_compact(model, RECIPE, steps=1)
    return model


def together(hosts: str, index: int) -> tuple[keras.Model, list[float]]:
    given = given_hosts(hosts, index)
    assert given
    joined, losses = join(given), []
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: losses.append(logs["loss"]))
    model = fit_compact(
        PIXELS, SHARES, RECIPE, heads=HEADS, model=new_model(), callbacks=[told], joined=joined
    )
    joined.part()
    return model, losses


def alone() -> tuple[keras.Model, list[float]]:
    """Without Keras's `fit`, which shows the batches of other epochs."""
    model, losses = new_model(), []
    batches = ExpressionBatches(
        PIXELS, {HEADS[0]: SHARES}, {HEADS[0]: np.ones(len(PIXELS), np.float32)},
        batch_size=RECIPE.batch_size, seed=RECIPE.seed,
    )  # fmt: skip
    for _ in range(RECIPE.epochs):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(*batches[0], return_dict=True)["loss"]))
        batches.on_epoch_end()
    return model, losses


def main() -> None:
    """Writes OUT."""
    out, *hosts = sys.argv[1:]
    model, losses = together(hosts[0], int(hosts[1])) if hosts else alone()
    np.savez(Path(out), *model.get_weights(), losses=np.array(losses))
    os._exit(0)


main()
