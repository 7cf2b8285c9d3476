"""Steps of one network on several hosts: each computes its share, and all apply the same sum."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from train.hosts.joined import Joined

Batch = tuple[Any, ...]  # pixels, targets, and perhaps weights


class Steps:
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
