"""The training of one network by several hosts: the same steps as on one, each doing its share.

Keras's own `fit` does not work under a strategy of several hosts (Keras 3.15). The network and its
optimizer are plain ones on each host, and stay the same on all of them: each computes the gradient
of its share of a batch, and all apply the sum.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras

from edge.images.read_ahead import kept_ahead
from train.hosts.joined import Joined
from train.hosts.steps import Batch, Steps

AHEAD = 2  # batches that are made while another is computed


def fit_of(model: keras.Model, joined: Joined | None) -> Callable[..., Any]:
    """What trains a compiled model: its own `fit`, or one for several hosts, called alike."""
    return partial(fit, model, joined) if joined else model.fit


def fit(
    model: keras.Model,
    joined: Joined,
    batches: keras.utils.PyDataset,
    *,
    validation_data: keras.utils.PyDataset | Batch | None = None,
    validation_batch_size: int = 64,
    epochs: int,
    initial_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    **_: Any,
) -> keras.callbacks.History:
    """Trains as `keras.Model.fit` does; every host calls it with the same arguments.

    Args:
        model: Compiled. It begins with the chief's weights and optimizer.
        joined: The hosts.
        batches: Of all of them together: each takes its share of every one.
        validation_data: Batches, or arrays, to measure each epoch.
        validation_batch_size: Of arrays, how many at once.
        epochs: The last epoch.
        initial_epoch: Epochs behind the model.
        callbacks: Are given the figures of all hosts together.

    Returns:
        As `keras.Model.fit`.

    Raises:
        HostError: A host is gone; the model is as the last whole step has left it.
    """
    steps = Steps(model, joined, batches[0])
    listeners = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=model, epochs=epochs, steps=len(batches), verbose=0
    )
    validation = None
    if validation_data is not None:
        validation = _shares_of(validation_data, joined, validation_batch_size)
    model.stop_training = False
    with _synchronized(model):
        listeners.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            listeners.on_epoch_begin(epoch)
            steps.reset()
            for number, batch in enumerate(_made_ahead(batches)):
                listeners.on_train_batch_begin(number)
                steps.train(batch)
                listeners.on_train_batch_end(number)
            logs = steps.figures()
            batches.on_epoch_end()
            if validation is not None:
                listeners.on_test_begin()
                steps.reset()
                for number, share in enumerate(validation):
                    steps.measure(share)
                    listeners.on_test_batch_end(number)
                listeners.on_test_end()
                logs |= {f"val_{name}": value for name, value in steps.figures().items()}
            listeners.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        model.optimizer.finalize_variable_values(model.trainable_weights)
        listeners.on_train_end()
    return model.history


@contextmanager
def _synchronized(model: keras.Model) -> Iterator[None]:
    """Batch normalization looks at the whole batch meanwhile, and not at this host's share."""
    layers = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    for layer in layers:
        layer.synchronized = True
    try:
        yield
    finally:
        for layer in layers:
            layer.synchronized = False


def _made_ahead(batches: keras.utils.PyDataset) -> Iterator[Batch]:
    with ThreadPoolExecutor(1) as pool:
        begun = (pool.submit(batches.__getitem__, number) for number in range(len(batches)))
        for batch in kept_ahead(begun, AHEAD):
            yield batch.result()


def _shares_of(
    data: keras.utils.PyDataset | Batch, joined: Joined, batch_size: int
) -> Sequence[Batch]:
    """This host's part of validation images, in batches."""
    index, count = joined.hosts.index, len(joined.hosts.addresses)
    if isinstance(data, keras.utils.PyDataset):
        return [data[number] for number in range(index, len(data), count)]
    size = len(data[0])
    begin, end = size * index // count, size * (index + 1) // count
    return [
        keras.tree.map_structure(
            lambda values, start=start: values[start : min(start + batch_size, end)], data
        )
        for start in range(begin, end, batch_size)
    ]
