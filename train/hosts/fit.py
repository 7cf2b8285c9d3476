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
import numpy as np
import tensorflow as tf

from edge.images.read_ahead import kept_ahead
from train.hosts.joined import Joined

AHEAD = 2  # batches that are made while another is computed

Batch = tuple[Any, ...]  # pixels, targets, and perhaps weights


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
    steps = _Steps(model, joined, batches[0])
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


class _Steps:
    """Steps of one model on the shares of this host, and the figures of all hosts."""

    def __init__(self, model: keras.Model, joined: Joined, batch: Batch) -> None:
        """Makes all variables, outside of the strategy; gives this host's the chief's values."""
        self._model, self._joined = model, joined
        self._loss = keras.metrics.Mean(name="loss")
        model.optimizer.build(model.trainable_variables)
        model.test_on_batch(*batch)  # makes the metrics
        _take_over([*model.weights, *model.optimizer.variables], joined)
        for state in model.variables:
            if "seed_generator" in state.path:  # each host hides features of its own in dropout
                state.assign(np.asarray(state) + np.array([0, joined.hosts.index], np.uint32))
        self._train = tf.function(self._step, reduce_retracing=True, autograph=False)
        self._measure = tf.function(self._note, reduce_retracing=True, autograph=False)

    def reset(self) -> None:
        """Begins to count anew."""
        self._model.reset_metrics()
        self._loss.reset_state()

    def train(self, batch: Batch) -> None:
        """One step on a whole batch, of which this host computes its share."""
        hosts = self._joined.hosts
        size, count = len(batch[0]), len(hosts.addresses)
        is_shared = size >= count
        if is_shared:
            begin, end = (size * number // count for number in (hosts.index, hosts.index + 1))
        else:  # one would have none: all compute the same, and it is counted once
            begin, end = 0, size
        share = keras.tree.map_structure(lambda values: values[begin:end], batch)
        # Keras divides each host's mean by their number, which is right for equal shares alone.
        weight = np.float32(count * (end - begin) / size if is_shared else 1)
        with self._joined.said_who_is_gone():
            share = keras.tree.map_structure(tf.convert_to_tensor, share)
            self._train(share, weight, is_shared or hosts.is_chief)

    def measure(self, share: Batch) -> None:
        """Notes how the model does on pictures that are measured by no other host."""
        self._measure(keras.tree.map_structure(tf.convert_to_tensor, share))

    def figures(self) -> dict[str, float]:
        """Loss and metrics since `reset`, of all hosts together."""
        counted = [*self._model.metrics_variables, *self._loss.variables]
        values = [np.asarray(variable, np.float32) for variable in counted]
        for variable, value in zip(counted, self._joined.sums(values), strict=True):
            variable.assign(value)
        found = self._model.get_metrics_result() | {"loss": self._loss.result()}
        return {name: float(value) for name, value in found.items()}

    def _step(self, share: Batch, weight: tf.Tensor, counts: bool) -> None:
        model = self._model

        def own(share: Batch, weight: tf.Tensor) -> tuple[Any, tf.Tensor, list[tf.Tensor]]:
            x, y, *weights = share
            with tf.GradientTape() as tape:
                answers = model(x, training=True)
                loss = _loss(model, x, y, answers, weights) * weight
            gradients = tape.gradient(loss, model.trainable_weights)
            together = tf.distribute.get_replica_context().all_reduce("SUM", gradients)
            return answers, loss, together

        answers, loss, gradients = self._joined.strategy.run(own, args=(share, weight))
        model.optimizer.apply(gradients, model.trainable_weights)
        count = len(self._joined.hosts.addresses)
        if counts:
            self._update(share, answers, tf.math.divide_no_nan(loss * count, weight))

    def _note(self, share: Batch) -> None:
        x, y, *weights = share
        answers = self._model(x, training=False)
        self._update(share, answers, _loss(self._model, x, y, answers, weights))

    def _update(self, share: Batch, answers: Any, loss: tf.Tensor) -> None:
        x, y, *weights = share
        self._loss.update_state(loss, sample_weight=tf.shape(x)[0])
        self._model.compute_metrics(x, y, answers, *weights)


def _loss(model: keras.Model, x: Any, y: Any, answers: Any, weights: list[Any]) -> tf.Tensor:
    sample_weight = weights[0] if weights else None
    return model.compute_loss(x=x, y=y, y_pred=answers, sample_weight=sample_weight)


def _take_over(variables: Sequence[keras.Variable], joined: Joined) -> None:
    """Gives variables the values that they have on the chief."""
    by_dtype: dict[str, list[keras.Variable]] = {}
    for variable in variables:
        by_dtype.setdefault(str(variable.dtype), []).append(variable)
    for alike in by_dtype.values():
        values = joined.chiefs([np.asarray(variable) for variable in alike])
        for variable, value in zip(alike, values, strict=True):
            variable.assign(value)


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
