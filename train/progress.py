"""What a person sees of a training: a line that counts in an epoch, and one when it has ended."""

import sys
import time
from contextlib import ExitStack

import keras

from data.progress import progress_bar
from train.interruption import check


class TrainingProgress(keras.callbacks.Callback):
    """Writes to stderr; the line that counts only when that is a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Opens the epoch's line."""
        self._start = time.monotonic()
        self._name = f"epoch {epoch + 1:3}"
        self._batches = 0
        self._step = self._stack.enter_context(progress_bar(self.params["steps"], self._name))

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Counts on, by several batches if need be; ends a training that was asked to end."""
        for _ in range(self._batches, batch + 1):
            self._step()
        self._batches = batch + 1
        check()

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Ends a training that was asked to end."""
        check()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Writes the epoch's figures."""
        self._stack.close()
        logs = logs or {}
        line = f"{self._name}  accuracy {logs['accuracy']:.3f}  loss {logs['loss']:.3f}"
        if "val_accuracy" in logs:
            line += f"  validation {logs['val_accuracy']:.3f}  loss {logs['val_loss']:.3f}"
        print(f"{line}  {time.monotonic() - self._start:.1f} s", file=sys.stderr)  # noqa: T201
