"""What a training must not lose: the best weights, and the state to go on from."""

import json
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np

from data.errors import RunError
from edge.machine.output_file import replacing, write_bytes

SAVE_EVERY_S = 30.0  # writing model and optimizer (76 MB) takes about as long as an epoch's tenth


class Checkpoint(keras.callbacks.Callback):
    """Keeps the best weights in memory, and every half minute the whole state on disk.

    By default the best epoch is the one with the highest validation accuracy, at a tie the lowest
    validation loss; without validation images, the highest training accuracy and the lowest
    training loss. Where a schedule ends in averaged weights, the last epoch is the one to keep.

    Attributes:
        config_path: Where the settings of the training are kept, beside the state.
        epochs_done: Epochs behind the model, those before a resume included.
        best_epoch: The best of them, from 1; 0 before the first has ended.
        history: A list of figures an epoch, those before a resume included.
    """

    def __init__(
        self, directory: Path, *, keep_last: bool = False, save_every_s: float = SAVE_EVERY_S
    ) -> None:
        """Takes the folder to keep the state in; it is made at the first save.

        Args:
            directory: The folder.
            keep_last: Take the last epoch for the best, whatever its figures.
            save_every_s: How often the state is written, at the end of an epoch.
        """
        super().__init__()
        self.directory = directory
        self.config_path = directory / "config.json"  # written by who starts the training
        self.epochs_done = 0
        self.best_epoch = 0
        self.history: dict[str, list[float]] = {}
        self._keep_last, self._save_every_s = keep_last, save_every_s
        self._best_rank = (-np.inf, -np.inf)
        self._best_weights: list[np.ndarray] | None = None
        self._saved_at = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Notes the epoch's figures and keeps its weights if they are the best so far."""
        logs = {name: float(value) for name, value in (logs or {}).items()}
        self.epochs_done = epoch + 1
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        watched = "val_" if "val_accuracy" in logs else ""
        rank = (logs[f"{watched}accuracy"], -logs[f"{watched}loss"])
        if self._keep_last:
            self.best_epoch = self.epochs_done
        elif rank > self._best_rank:
            self._best_rank, self.best_epoch = rank, self.epochs_done
            self._best_weights = self.model.get_weights()
        if time.monotonic() - self._saved_at >= self._save_every_s:
            self.save()

    def restore_best(self, model: keras.Model) -> None:
        """Gives the model the best weights."""
        if self._best_weights is not None:
            model.set_weights(self._best_weights)

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return (self.directory / "state.json").exists()

    def save(self) -> None:
        """Writes the state: each file whole, `state.json` last.

        Raises:
            OutputError: It cannot be written.
        """
        with replacing(self.directory / "latest.keras") as temporary:
            self.model.save(temporary)
        with replacing(self.directory / "best.npz") as temporary:
            np.savez(temporary, *(self._best_weights or []))
        state = {
            "epochs_done": self.epochs_done,
            "best_epoch": self.best_epoch,
            "best_rank": self._best_rank,
            "history": self.history,
        }
        write_bytes(self.directory / "state.json", json.dumps(state).encode())
        self._saved_at = time.monotonic()

    def load(self) -> keras.Model:
        """Reads the state back; returns the model to train further.

        Raises:
            RunError: There is no state to go on from.
        """
        try:
            state: dict[str, Any] = json.loads((self.directory / "state.json").read_bytes())
        except FileNotFoundError:
            raise RunError(
                f"nothing to resume in {self.directory.parent}: train anew without --resume"
            ) from None
        self.epochs_done = state["epochs_done"]
        self.best_epoch = state["best_epoch"]
        self.history = state["history"]
        self._best_rank = tuple(state["best_rank"])
        with np.load(self.directory / "best.npz") as weights:
            self._best_weights = [weights[name] for name in weights.files] or None
        return keras.models.load_model(self.directory / "latest.keras")

    def remove(self) -> None:
        """Deletes the state, and the run's folder too if it holds nothing else."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with suppress(OSError):
            self.directory.parent.rmdir()
