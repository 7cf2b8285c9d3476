"""The training itself."""

from collections.abc import Sequence

import keras

from edge.preprocess import InputSpec
from train.callback import myCallback
from train.generator import ImageBatches, image_generator
from train.model import build_model
from train.progress import Progress
from train.settings import EPOCHS


def train_happy_sad_model(
    train_generator: ImageBatches | None = None,
    validation_generator: ImageBatches | None = None,
    *,
    model: keras.Model | None = None,
    epochs: int = EPOCHS,
    first_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    seed: int = 0,
) -> keras.callbacks.History:
    """Trains the specified network until `myCallback` stops it.

    Args:
        train_generator: What to train on; `image_generator()` if left out.
        validation_generator: Images to measure every epoch on and never train on.
        model: A model to train further; a new one of the specified network if left out.
        epochs: The last epoch, if nothing stops the training before.
        first_epoch: Epochs that `model` has behind it.
        callbacks: Instead of `[myCallback(), Progress()]`.
        seed: Of the weights; sets the seeds of Python, numpy and TensorFlow.

    Returns:
        The history: `.history` holds a list of figures an epoch for "accuracy" and "loss" (and
        "val_accuracy" and "val_loss"), `.model` is the trained model.
    """
    keras.utils.set_random_seed(seed)
    batches = image_generator() if train_generator is None else train_generator
    if model is None:
        height, width, channels = batches.image_shape
        model = build_model(InputSpec(width, height, channels))
    return model.fit(
        batches,
        validation_data=validation_generator,
        epochs=epochs,
        initial_epoch=first_epoch,
        callbacks=[myCallback(), Progress()] if callbacks is None else list(callbacks),
        verbose=0,
    )
