"""The course's exercise as its script does it, in our words: `python -m bench.course DATA ...`.

Keras's `ImageDataGenerator` reads and decodes every image anew in each epoch, scales it by 1/255,
and gives batches of ten; the network, RMSprop at 0.001, and the end at 99.9 % are those of the
exercise (and ours). It imports nothing of this project: that is the point of it.
"""

import json
import sys
import time


def train(directory: str, seed: int, side: int, epochs: int, level: float) -> dict[str, object]:
    """Trains and returns how long it took.

    Args:
        directory: Holds happy and sad.
        seed: Of weights and order.
        side: Width and height of the images, in pixels.
        epochs: The last epoch at the latest.
        level: The training accuracy that ends it.
    """
    import keras
    from keras import layers
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    keras.utils.set_random_seed(seed)
    generator = ImageDataGenerator(rescale=1 / 255).flow_from_directory(
        directory, target_size=(side, side), batch_size=10, class_mode="binary",
        classes=["happy", "sad"], seed=seed,
    )  # fmt: skip
    model = keras.Sequential(
        [
            keras.Input((side, side, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    optimizer = keras.optimizers.RMSprop(learning_rate=0.001)
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    epoch_s: list[float] = []

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            epoch_s.append(time.perf_counter() - self.start)
            if (logs or {})["accuracy"] >= level:
                self.model.stop_training = True

    history = model.fit(generator, epochs=epochs, callbacks=[Stop()], verbose=0)
    accuracy = history.history["accuracy"][-1]
    return {
        "images": generator.samples,
        "batch_size": generator.batch_size,
        "epoch_s": epoch_s,
        "accuracy": accuracy,
    }


if __name__ == "__main__":
    folder, seed, side, epochs, level = sys.argv[1:]
    figures = train(folder, int(seed), int(side), int(epochs), float(level))
    print(json.dumps(figures))
