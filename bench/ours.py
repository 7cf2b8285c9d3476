"""The same exercise by this project's training: `python -m bench.ours DATA ...`.

All images of the folder are trained on, as the course's script does, so that both do the same
work; `make train` holds some out for validation and the test.
"""

import json
import sys
import time
from pathlib import Path


def train(directory: Path, seed: int, side: int, epochs: int, level: float) -> dict[str, object]:
    """Trains and returns how long it took; as `bench.course.train`."""
    import numpy as np

    from data import CLASSES, list_files
    from data.part import gather
    from data.scan import scan
    from edge.images.preprocess import InputSpec

    spec = InputSpec(side, side, 3)
    scanned = scan(list_files(directory, CLASSES), spec)
    count = len(scanned.images)
    part, _, _ = gather(scanned, np.arange(count), ["train"] * count)

    from train.quick_keras import import_keras

    import_keras()
    import keras

    from train.exercise.callback import myCallback
    from train.exercise.fit import train_happy_sad_model
    from train.exercise.generator import ImageBatches
    from train.settings import usual_batch_size

    epoch_s: list[float] = []

    class Times(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            epoch_s.append(time.perf_counter() - self.start)

    batch_size = usual_batch_size(count)
    history = train_happy_sad_model(
        ImageBatches(part, batch_size=batch_size, seed=seed),
        epochs=epochs,
        callbacks=[Times(), myCallback(level)],
        seed=seed,
    )
    accuracy = history.history["accuracy"][-1]
    return {"images": count, "batch_size": batch_size, "epoch_s": epoch_s, "accuracy": accuracy}


if __name__ == "__main__":
    folder, seed, side, epochs, level = sys.argv[1:]
    figures = train(Path(folder), int(seed), int(side), int(epochs), float(level))
    print(json.dumps(figures))
