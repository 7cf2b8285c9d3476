"""The callback that stops a training once an accuracy is reached."""

import keras


class myCallback(keras.callbacks.Callback):
    """Stops the training at the end of the first epoch in which an accuracy is reached.

    Attributes:
        reached_at: The epoch (from 1) that reached the level; None while none has.
    """

    def __init__(self, level: float = 0.999, watch: str = "accuracy") -> None:
        """Takes the level to reach and what is measured.

        Args:
            level: From 0 to 1; the level itself counts as reached.
            watch: "accuracy" on the training images (measured by Keras while the weights still
                change), or "val_accuracy" on the validation images.

        Raises:
            ValueError: The level is not between 0 and 1, or another quantity was named.
        """
        super().__init__()
        if not 0 < level <= 1:
            raise ValueError(f"level must be above 0 and at most 1, received {level}")
        if watch not in ("accuracy", "val_accuracy"):
            raise ValueError(f"watch must be 'accuracy' or 'val_accuracy', received {watch!r}")
        self.level = level
        self.watch = watch
        self.reached_at: int | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Stops the training if this epoch reached the level."""
        logs = logs or {}
        if self.watch not in logs:
            raise ValueError(f"{self.watch} is not measured here: train with validation images")
        if logs[self.watch] >= self.level:
            self.reached_at = epoch + 1
            self.model.stop_training = True
