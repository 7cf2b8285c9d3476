"""What a person sees of a training: a bar while an epoch runs, a line when it has ended."""

import sys
import time
from contextlib import ExitStack

import keras
import typer


class TrainingProgress(keras.callbacks.Callback):
    """Writes to stderr; the bar only when that is a terminal."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Opens the epoch's bar."""
        self._start = time.monotonic()
        self._name = f"epoch {epoch + 1:3}"
        self._stack = ExitStack()
        self._bar = None
        if sys.stderr.isatty():
            self._bar = self._stack.enter_context(
                typer.progressbar(length=self.params["steps"], label=self._name, file=sys.stderr)
            )

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Moves the bar; several batches may have been trained on at once."""
        if self._bar:
            self._bar.update(batch + 1 - self._bar.pos)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Writes the epoch's figures."""
        self._stack.close()
        logs = logs or {}
        line = f"{self._name}  accuracy {logs['accuracy']:.3f}  loss {logs['loss']:.3f}"
        if "val_accuracy" in logs:
            line += f"  validation {logs['val_accuracy']:.3f}  loss {logs['val_loss']:.3f}"
        print(f"{line}  {time.monotonic() - self._start:.1f} s", file=sys.stderr)  # noqa: T201
