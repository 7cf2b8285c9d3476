"""The training of the exercise's network, as a function of batches."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from edge.images.preprocess import InputSpec
from train.exercise.batch_stream import batch_stream
from train.exercise.callback import myCallback
from train.exercise.generator import ImageBatches, image_generator
from train.exercise.network import build_model
from train.hosts.fit import fit_of
from train.hosts.joined import Joined
from train.progress import TrainingProgress
from train.settings import EPOCHS

# Batches that TensorFlow computes in one go, before it returns to Python: on 48x48 pictures, whose
# batches of ten are soon done, an epoch takes 0.4 times as long. Ctrl-C works between two of them.
STEPS = 20


def train_happy_sad_model(
    train_generator: ImageBatches | None = None,
    validation_generator: ImageBatches | None = None,
    *,
    model: keras.Model | None = None,
    epochs: int = EPOCHS,
    first_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    seed: int = 0,
    joined: Joined | None = None,
) -> keras.callbacks.History:
    """Trains the exercise's network until `myCallback` stops it.

    Args:
        train_generator: What to train on; `image_generator()` if left out.
        validation_generator: Images to measure every epoch on and never train on.
        model: A model to train further; a new one if left out.
        epochs: The last epoch, if nothing stops the training before.
        first_epoch: Epochs that `model` has behind it.
        callbacks: Instead of `[myCallback(), TrainingProgress()]`.
        seed: Seed of the weights; sets the seeds of Python, numpy and TensorFlow.
        joined: The hosts that train together, if there are several.

    Returns:
        The history: `.history` holds a list of figures an epoch for "accuracy" and "loss" (and
        "val_accuracy" and "val_loss"), `.model` is the trained model.
    """
    keras.utils.set_random_seed(seed)
    batches = image_generator() if train_generator is None else train_generator
    if model is None:
        height, width, channels = batches.image_shape
        model = build_model(InputSpec(width, height, channels))
    callbacks = [myCallback(), TrainingProgress()] if callbacks is None else list(callbacks)
    model.steps_per_execution = min(STEPS, len(batches))
    return fit_of(model, joined)(
        _stream(batches, joined),
        validation_data=validation_generator and _stream(validation_generator, joined),
        epochs=epochs,
        initial_epoch=first_epoch,
        callbacks=callbacks,
        shuffle=batches.augments,  # a stream is shuffled already
        verbose=0,
    )


def _stream(batches: ImageBatches, joined: Joined | None) -> ImageBatches | tf.data.Dataset:
    """The batches for Keras, the fast way where there is one."""
    return batches if batches.augments or joined else batch_stream(batches)
